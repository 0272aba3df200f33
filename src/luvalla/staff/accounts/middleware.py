"""What happens on the way to a page of the staff: language, sessions that have ended, and the second factor."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

from luvalla.people.models import User
from luvalla.people.queries import actor_of, may, may_see_addresses, why_closed
from luvalla.people.refusals import note_refusal
from luvalla.staff.accounts.adapters import CLOSED_KEY
from luvalla.staff.accounts.presence import answer_ended, has_ended, note_presence
from luvalla.staff.headers import EDITOR

SECOND_FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
STAFF, SIGN_IN = "/staff/", "/accounts/"
OF_WRITERS: Final = ("/staff/images/", "/staff/api/main/images/", "/staff/tag-autocomplete/")
"""Wagtail's pictures, which anybody with an account could choose from: they belong to those who write letters."""
PICTURES: Final = "staff/images/"
SECOND_FACTOR_SEEN: Final = "second_factor"
Answer = Callable[[HttpRequest], HttpResponse]


def staff_doors(get_response: Answer) -> Answer:
    """Guard the doors of the staff. The public site is left alone: it has no sessions."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith((STAFF, SIGN_IN)):
            return get_response(request)
        if _was_shut(request):
            return HttpResponseRedirect(reverse("account_inactive"))
        if not isinstance(request.user, User):
            ended = request.path.startswith(STAFF) and has_ended(request)
            return answer_ended(request) if ended else get_response(request)
        if request.path.startswith(STAFF) and _lacks_second_factor(request, request.user):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        note_presence(request, request.user)
        with translation.override(request.user.language):
            request.LANGUAGE_CODE = translation.get_language()
            if request.path.startswith(OF_WRITERS) and not may(request.user, "write_campaign"):
                note_refusal(actor=actor_of(request.user), door=PICTURES)
                raise PermissionDenied
            response = get_response(request)
        if _was_refused(request, response):
            door = request.resolver_match.route if request.resolver_match else ""
            note_refusal(actor=actor_of(request.user), door=door)
        return response

    return answer


def _was_refused(request: HttpRequest, response: HttpResponse) -> bool:
    """Tell a refusal: the status 403, or the way home where Wagtail says so in a message."""
    if response.status_code == HTTPStatus.FORBIDDEN:
        return True
    sent_home = isinstance(response, HttpResponseRedirect) and response.url == reverse("wagtailadmin_home")
    return sent_home and request.path.startswith(EDITOR)


def _was_shut(request: HttpRequest) -> bool:
    """Notice a session whose account has been shut since: empty it, and keep the reason for the page that says it."""
    if isinstance(request.user, User) or SESSION_KEY not in request.session:
        return False
    user = (
        User.objects.select_related("undertaking", "employer__processor")
        .filter(pk=request.session[SESSION_KEY])
        .first()
    )
    reason = why_closed(user) if user else None
    request.session.flush()
    if reason:
        request.session[CLOSED_KEY] = reason.value
    return reason is not None


def _lacks_second_factor(request: HttpRequest, user: User) -> bool:
    """Tell whether the person can reach addresses and has no codes and no passkey. Once seen it isn't asked again."""
    if not settings.LUVALLA_SECOND_FACTOR or request.session.get(SECOND_FACTOR_SEEN) or not may_see_addresses(user):
        return False
    has_one = Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists()
    if has_one:
        request.session[SECOND_FACTOR_SEEN] = True
    return not has_one
