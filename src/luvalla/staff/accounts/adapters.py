"""Sign-in in Luvalla's way: the undertaking first, no sign-up, mail through the one way out, sealed secrets."""

from __future__ import annotations

import base64
import time
from ipaddress import IPv6Address
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.vault import sealer
from luvalla.organisation.callers import caller_of, place_of
from luvalla.people.actions import set_password
from luvalla.people.errors import WeakPassword
from luvalla.people.models import User
from luvalla.people.queries import actor_of, may_see_addresses, promises_shutting_out, why_closed
from luvalla.rules.address import normalise
from luvalla.staff.accounts.knowing import remember_browser
from luvalla.staff.accounts.signers import SIGNABLE, let_sign

CLOSED_KEY: Final = "why_closed"
SAID_BY_THE_PAGE: Final = frozenset(
    {
        "account/messages/logged_in.txt",
        "account/messages/logged_out.txt",
        "mfa/messages/totp_activated.txt",
        "mfa/messages/recovery_codes_generated.txt",
    }
)
JUST_NOW: Final = 300
"""Seconds for which a password that was given counts as given just now."""
UNKNOWN_PLACE: Final = IPv6Address("::")
TOTP_COLUMN: Final = "mfa.secret"
TOTP_TOKEN: Final = b"totp"


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by those who manage them; they open with a valid undertaking of secrecy."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's signature
        """Nobody signs up."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **_: Any) -> HttpResponse | None:
        """Turn away whoever's account is shut, and tell them why: the password was right, so they are the person."""
        reason = why_closed(user)
        broken = () if reason else promises_shutting_out(user)
        if reason is None and not broken:
            return None
        if reason in SIGNABLE:
            let_sign(request, user)
        request.session[CLOSED_KEY] = reason.value if reason else list(broken)
        return HttpResponseRedirect(reverse("account_inactive"))

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, with a row in the ledger."""
        super().login(request, user)
        remember_browser(request)
        with transaction.atomic():
            record("people.sign_in", actor=actor_of(user), subject=Subject("user", str(user.ref)))

    def logout(self, request: HttpRequest) -> None:
        """Sign out, with a row in the ledger."""
        if isinstance(request.user, User):
            with transaction.atomic():
                record("people.sign_out", actor=actor_of(request.user), subject=Subject("user", str(request.user.ref)))
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """Change the password; every session of the account ends, and the ledger says so."""
        try:
            set_password(user=user, password=password, actor=actor_of(user))
        except WeakPassword as fault:
            raise ValidationError(list(fault.reasons)) from None

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send through the mailroom, in the person's language: service messages have one way out."""
        from luvalla.mailroom.actions import post_service_message  # noqa: PLC0415  # loaded with the settings, before models

        user = context["user"]
        with translation.override(user.language), transaction.atomic():
            post_service_message(
                kind="password_reset",
                address=normalise(email),
                subject=render_to_string(f"{template_prefix}_subject.txt", context).strip(),
                text=render_to_string(f"{template_prefix}_message.txt", context),
                html="",
                language=user.language,
                actor=actor_of(user),
            )

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *more: Any, **given: Any
    ) -> None:
        """Say only what the next page doesn't say itself."""
        if message_template not in SAID_BY_THE_PAGE:
            super().add_message(request, level, message_template, *more, **given)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002  # allauth's signature
        """Go back to the person's account."""
        return reverse("wagtailadmin_account")

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """Ask for the password again before sign-in itself is changed, unless it was given a moment ago."""
        given = [each["at"] for each in get_authentication_records(self.request, self.request.user)]
        if given and time.time() - given[-1] < JUST_NOW:
            return False
        required: bool = super().is_reauthentication_required(app=app)
        return required

    def get_client_ip(self, request: HttpRequest) -> str:
        """Give the address that somebody asks from, for counting attempts: also behind the proxies we trust.

        Otherwise all who come through a proxy would be one place, and anybody could shut everybody out.
        """
        return str(caller_of(request) or UNKNOWN_PLACE)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failed attempts by name and place together: nobody can lock another person out from elsewhere."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{place_of(request)}"


class SecondFactorAdapter(DefaultMFAAdapter):
    """One-time codes: their secrets sealed, and kept on by whoever can reach addresses."""

    def get_totp_issuer(self) -> str:
        """Name the account in the authenticator application."""
        return "Luvalla"

    def encrypt(self, text: str) -> str:
        """Seal a secret: a stolen database signs nobody in."""
        sealed = sealer().seal(text.encode(), column=TOTP_COLUMN, token=TOTP_TOKEN)
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret; SealBroken when it was changed or its key is gone."""
        return sealer().open(base64.b64decode(encrypted_text), column=TOTP_COLUMN, token=TOTP_TOKEN).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Let those go without a second factor who can't reach addresses."""
        return not may_see_addresses(authenticator.user)
