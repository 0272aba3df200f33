"""A session that lies idle: what the page asks and says before it ends, and what becomes of what was typed.

Nothing typed is lost. With scripts the page warns, can be stayed in by one key, and is covered when the session has
ended; it opens again, as it was, once the same person has signed in in another tab (static/staff/session.js). Without
scripts a form that comes too late is answered with what it brought, to be copied; nothing of it is kept here.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_protect
from django.views.generic import View
from wagtail.admin.auth import reject_request

from luvalla.people.models import User
from luvalla.people.sessions import SessionStore
from luvalla.staff.formats import time_of_day

BY_THE_PAGE: Final = re.compile(
    r"/staff/(session/|editing-sessions/|sprite/|jsi18n/|login/|logout/|deliveries/\d+/live/)"
)
"""What pages ask for by themselves: it doesn't show that somebody is there."""
NOT_SHOWN: Final = re.compile(r"csrfmiddlewaretoken|password|code|credential|\bnext\b")
SHORTEST: Final = 3
"""Shorter values are choices of the page, not something that somebody wrote."""


class Presence(View):
    """Tells the page how long its session still lasts; POST says that somebody is there."""

    http_method_names = ("get", "post")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Give the seconds left, and for whom; asking makes it no longer."""
        return _told(request) if isinstance(request.user, User) else reject_request(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let the session go on."""
        if isinstance(request.user, User):
            _session(request).stay(request.user)
        return self.get(request)


def note_presence(request: HttpRequest, user: User) -> None:
    """Count a request as a sign that the person is there, unless pages make it by themselves."""
    if not BY_THE_PAGE.match(request.path):
        _session(request).stay(user)


def has_ended(request: HttpRequest) -> bool:
    """Tell whether the browser comes with a session that is no more."""
    came_with_one = settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY not in request.session
    return came_with_one and not BY_THE_PAGE.match(request.path)


def answer_ended(request: HttpRequest) -> HttpResponse:
    """Lead to sign-in and say why; give back what a form brought."""
    if request.method == "POST":
        answer: HttpResponse = _give_back(request)
        return answer
    way = {"ended": "yes", "next": request.get_full_path()}
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode(way)}")


@csrf_protect
def _give_back(request: HttpRequest) -> HttpResponse:
    """Show what was typed. Only what our own page sent is shown: another's words would stand in ours otherwise."""
    typed = [
        text
        for name, values in request.POST.lists()
        for text in values
        if not NOT_SHOWN.search(name) and len(text) > SHORTEST
    ]
    words: dict[str, Any] = {"typed": typed, "had_files": bool(request.FILES)}
    return TemplateResponse(request, "staff/accounts/ended.html", words, status=403).render()


def _told(request: HttpRequest) -> HttpResponse:
    session = _session(request)
    assert isinstance(request.user, User)
    return JsonResponse(
        {
            "left": session.left,
            "until": time_of_day(session.ends or timezone.now()),
            "longest": session.is_at_its_longest,
            "person": str(request.user.ref),
            "token": get_token(request),
        }
    )


def _session(request: HttpRequest) -> SessionStore:
    assert isinstance(request.session, SessionStore)
    return request.session
