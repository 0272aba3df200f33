"""Signing up with double opt-in: a sealed sign-up waits for its mailbox, and only the mailbox's answer is a consent.

The consent's proof (GDPR 7(1)) keeps the wording word for word with its hash, the language, the version of the notice,
the purposes and both times. No network address is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.ref_links import link_token, ref_of_token
from luvalla.ledger.vault import sealer
from luvalla.organisation.queries import kinds_stopping
from luvalla.register.actions import add_permission, lift_prohibition
from luvalla.register.admission import close_door
from luvalla.register.columns import PENDING_SIGN_UP
from luvalla.register.models import Audience, Contact, PendingSignUp, Permission, Source
from luvalla.register.queries import live_permissions, parsed
from luvalla.rules.address import Address
from luvalla.rules.purposes import PermissionKind
from luvalla.rules.retention import UNCONFIRMED_SIGN_UP

SCHEMA: Final = "luvalla/sign-up/1"
SUBJECT: Final = b"luvalla sign-up|"


@dataclass(frozen=True, slots=True)
class SignUp:
    """What a person asked for and was shown, while it waits for the mailbox's answer."""

    address: Address
    purposes: tuple[str, ...]
    """Keys of the purposes that were ticked."""
    language: str
    wording: str
    """The consent as it was shown, word for word."""
    notice_version: int
    asked_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """A confirmed sign-up: the permission that was given, and what was said."""

    permission: Permission
    sign_up: SignUp
    confirmed_at: datetime


@transaction.atomic
def ask(
    *, address: Address, purposes: Collection[str], language: str, wording: str, notice_version: int, actor: Actor
) -> PendingSignUp:
    """Keep a sign-up, sealed, until its mailbox confirms it or seven days have gone. The register knows nothing yet."""
    now, folded = timezone.now(), sealer().folded_token(address)
    said = {
        "address": address.text,
        "purposes": list(purposes),
        "language": language,
        "wording": wording,
        "notice_version": notice_version,
        "asked_at": now.isoformat(),
    }
    pending = PendingSignUp.objects.create(
        folded=folded,
        sealed=sealer().seal(json.dumps(said).encode(), column=PENDING_SIGN_UP, token=folded),
        created_at=now,
        expires_at=now + UNCONFIRMED_SIGN_UP,
    )
    record("register.ask_to_sign_up", actor=actor, subject=_subject(pending), facts={"purposes": list(purposes)})
    return pending


def confirmation_token(pending: PendingSignUp) -> str:
    """Give what a confirmation link ends with: base64url of key id (1 byte) | reference (16) | HMAC-SHA256 (12)."""
    return link_token(pending.ref, what_for=SUBJECT)


def sign_up_of(token: str, now: datetime | None = None) -> SignUp | None:
    """Give the sign-up of a confirmation link; None when it was confirmed, has expired, or the link isn't ours."""
    pending = _pending_of(token, PendingSignUp.objects.all(), now or timezone.now())
    return None if pending is None else _opened(pending)


@transaction.atomic
def confirm(*, token: str, actor: Actor) -> Consent | None:
    """Make a sign-up a consent; None where sign_up_of gives None.

    The mailbox's own suppression and its prohibitions of these purposes are lifted, since the person has just said the
    opposite. Raises Suppressed, and changes nothing, where the whole domain was stopped by its owner.
    """
    close_door()
    pending = _pending_of(token, PendingSignUp.objects.select_for_update(), timezone.now())
    if pending is None:
        return None
    sign_up = _opened(pending)
    pending.delete()
    kinds = kinds_stopping(sign_up.purposes)
    lift_prohibition(folded=bytes(pending.folded), kinds=kinds, channel="sign_up", actor=actor)
    consent = Consent(_permit(sign_up, actor), sign_up, timezone.now())
    _welcome_back(consent.permission.contact)
    record("register.confirm_sign_up", actor=actor, subject=_subject(pending), facts={"contact": _ref(consent)})
    return consent


def audiences_for_sign_up() -> list[Audience]:
    """Give the audiences that people can join by themselves; each has its language."""
    return list(Audience.objects.filter(open_for_sign_up=True).order_by("pk"))


def source_of_sign_ups() -> Source | None:
    """Give the source that stands for the form itself; without one nobody can sign up."""
    return Source.objects.filter(is_sign_up=True).select_related("default_audience").first()


def _pending_of(token: str, rows: QuerySet[PendingSignUp], now: datetime) -> PendingSignUp | None:
    ref = ref_of_token(token, what_for=SUBJECT)
    return None if ref is None else rows.filter(ref=ref, expires_at__gt=now).first()


def _opened(pending: PendingSignUp) -> SignUp:
    sealed, folded = bytes(pending.sealed), bytes(pending.folded)
    said: dict[str, Any] = json.loads(sealer().open(sealed, column=PENDING_SIGN_UP, token=folded))
    return SignUp(
        address=parsed(said["address"]),
        purposes=tuple(said["purposes"]),
        language=said["language"],
        wording=said["wording"],
        notice_version=said["notice_version"],
        asked_at=datetime.fromisoformat(said["asked_at"]),
        expires_at=pending.expires_at,
    )


def _permit(sign_up: SignUp, actor: Actor) -> Permission:
    source = Source.objects.select_related("default_audience").get(is_sign_up=True)
    fitting = [each for each in audiences_for_sign_up() if each.language == sign_up.language]
    _end_what_it_renews(sign_up, source)
    return add_permission(
        address=sign_up.address,
        kind=PermissionKind.CONSENT,
        source=source,
        audience=fitting[0] if fitting else source.default_audience,
        purposes=sign_up.purposes,
        since=timezone.localdate(),
        proof=_proof(sign_up),
        lifts_suppression=True,
        actor=actor,
    )


def _end_what_it_renews(sign_up: SignUp, source: Source) -> None:
    """End earlier consents from the form that the new one says again; consents for other purposes stand."""
    token = sealer().exact_token(sign_up.address)
    earlier = live_permissions().filter(contact__token=token, source=source, kind=PermissionKind.CONSENT)
    renewed = [each.pk for each in earlier if set(each.purposes.split()) <= set(sign_up.purposes)]
    Permission.objects.filter(pk__in=renewed).update(ended_at=timezone.now())


def _proof(sign_up: SignUp) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "method": "double opt-in",
        "wording": sign_up.wording,
        "wording_sha256": hashlib.sha256(sign_up.wording.encode()).hexdigest(),
        "language": sign_up.language,
        "notice_version": sign_up.notice_version,
        "purposes": list(sign_up.purposes),
        "asked_at": sign_up.asked_at.isoformat(),
        "confirmed_at": timezone.now().isoformat(),
    }


def _welcome_back(contact: Contact) -> None:
    """A mailbox that has just answered takes mail, whatever an old bounce said."""
    Contact.objects.filter(pk=contact.pk).exclude(undeliverable_until=None).update(undeliverable_until=None)


def _ref(consent: Consent) -> str:
    return str(consent.permission.contact.ref)


def _subject(pending: PendingSignUp) -> Subject:
    return Subject("sign_up", str(pending.ref))
