"""The page of a shut account, a person's own account, and the language of the interface."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import pgettext, pgettext_lazy
from django.views.generic import TemplateView
from wagtail.users.models import UserProfile

from luvalla.ledger.models import LedgerRow
from luvalla.people.actions import end_session, end_sessions, set_language
from luvalla.people.models import User
from luvalla.people.queries import Closed, may_see_addresses, roles_of
from luvalla.people.versions import current_text
from luvalla.people.words import ROLES
from luvalla.rules.ports import why_shut
from luvalla.staff.accounts.adapters import CLOSED_KEY
from luvalla.staff.accounts.copies import copy_of, pdf_answer
from luvalla.staff.accounts.knowing import session_named, sessions_of
from luvalla.staff.accounts.signers import SIGNABLE, signer_of
from luvalla.staff.desk import DeskView
from luvalla.staff.ledger.rows import sentences_of
from luvalla.staff.parts import Crumb
from luvalla.staff.words import LANGUAGES

REASONS: Final = {
    Closed.NO_UNDERTAKING: pgettext_lazy(
        "account closed", "You haven't signed the undertaking of secrecy yet. The account opens when it is recorded."
    ),
    Closed.UNDERTAKING_EXPIRED: pgettext_lazy(
        "account closed", "Your undertaking of secrecy has run out. The account opens when you have signed a new one."
    ),
    Closed.UNDERTAKING_REVOKED: pgettext_lazy("account closed", "Your undertaking of secrecy is no longer in force."),
    Closed.CONTRACT_ENDED: pgettext_lazy(
        "account closed", "Your employer's contract has ended, and the account with it."
    ),
    Closed.APPOINTMENT_ENDED: pgettext_lazy("account closed", "Your appointment has ended, and the account with it."),
    Closed.LEFT: pgettext_lazy("account closed", "Your work here has ended, and the account with it."),
    Closed.SWITCHED_OFF: pgettext_lazy("account closed", "The account has been switched off."),
}
OWN_ROWS: Final = 50
THEMES: Final = {
    "system": pgettext_lazy("account", "As the device"),
    "light": pgettext_lazy("account", "Light"),
    "dark": pgettext_lazy("account", "Dark"),
}


class AccountClosed(TemplateView):
    """Says why an account doesn't open, to the person who has just given its right password or was signed in."""

    template_name = "account/account_inactive.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the reason once; without one the page says only that the account is shut."""
        reason = self.request.session.pop(CLOSED_KEY, None)
        if isinstance(reason, list):
            return super().get_context_data(broken=why_shut(reason), **kwargs)
        return super().get_context_data(
            sentence=REASONS[Closed(reason)] if reason else "",
            may_sign=signer_of(self.request) is not None,
            must_sign=reason in SIGNABLE,
            **kwargs,
        )


class MyAccount(DeskView):
    """A person's own account: who they are here, their undertaking, second factor, sessions, language and theme."""

    for_everybody = True
    any_of: ClassVar[tuple[str, ...]] = ()
    template_name = "staff/accounts/my_account.html"
    title = pgettext_lazy("account", "Your account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give what the page shows."""
        profile = UserProfile.get_for_user(self.user)
        second_factors = Authenticator.objects.filter(user=self.user)
        return super().get_context_data(
            roles=[ROLES[role] for role in roles_of(self.user)],
            undertaking=self.user.undertaking,
            has_second_factor=second_factors.filter(type=Authenticator.Type.TOTP).exists(),
            needs_second_factor=may_see_addresses(self.user),
            sessions=sessions_of(self.user, self.request),
            newer_text=_newer_text(self.user),
            has_passkey=second_factors.filter(type=Authenticator.Type.WEBAUTHN).exists(),
            languages=LANGUAGES,
            themes=THEMES,
            theme=profile.theme,
            **kwargs,
        )

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Change the theme, or end one session, or every one including this."""
        if "end_sessions" in request.POST:
            end_sessions(user=self.user, actor=self.actor)
            return HttpResponseRedirect(reverse("account_login"))
        ended = session_named(self.user, request, request.POST.get("end_session", ""))
        if ended is not None:
            end_session(session=ended, actor=self.actor)
        if request.POST.get("theme") in THEMES:
            profile = UserProfile.get_for_user(self.user)
            profile.theme = request.POST["theme"]
            profile.save(update_fields=["theme"])
        return HttpResponseRedirect(reverse("wagtailadmin_account"))


class UndertakingCopy(DeskView):
    """Gives a person the document of their own undertaking."""

    for_everybody = True
    any_of: ClassVar[tuple[str, ...]] = ()
    http_method_names = ("get",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:  # noqa: ARG002  # Django's signature
        """Give the PDF file."""
        assert self.user.undertaking is not None  # an account that stands open has one
        return pdf_answer(copy_of(self.user.undertaking), "undertaking.pdf")


class OwnLog(DeskView):
    """What the ledger has under the person's own name: everything they did and looked at."""

    for_everybody = True
    any_of: ClassVar[tuple[str, ...]] = ()
    template_name = "staff/accounts/own_log.html"
    title = pgettext_lazy("account", "What is recorded of you")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("account", "Your account"), reverse("wagtailadmin_account")), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give a page of rows, only those of reading where that is asked."""
        rows = LedgerRow.objects.filter(actor=str(self.actor)).order_by("-pk")
        before = self.request.GET.get("before", "")
        if before.isdecimal():
            rows = rows.filter(pk__lt=int(before))
        only_reading = "reading" in self.request.GET
        if only_reading:
            rows = rows.filter(is_look=True)
        page = list(rows[: OWN_ROWS + 1])
        return super().get_context_data(
            rows=sentences_of(page[:OWN_ROWS]),
            before=page[OWN_ROWS - 1].pk if len(page) > OWN_ROWS else None,
            only_reading=only_reading,
            **kwargs,
        )


class ChangeLanguage(DeskView):
    """Speaks another language from now on and goes back to the page."""

    for_everybody = True
    any_of: ClassVar[tuple[str, ...]] = ()
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Change the language."""
        chosen, back = request.POST.get("language", ""), request.POST.get("next", "")
        if chosen in dict(LANGUAGES):
            set_language(user=self.user, language=chosen, actor=self.actor)
        safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        return HttpResponseRedirect(back if safe else reverse("wagtailadmin_home"))


def _newer_text(user: User) -> bool:
    """Tell whether the text in force is another one than the person has signed."""
    return user.undertaking is not None and user.undertaking.text_id != current_text().pk
