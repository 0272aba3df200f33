"""Making and revoking tokens, and finding out whether one opens anything now."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.api.errors import NotAToken, Slug
from luvalla.api.models import Token
from luvalla.api.scopes import NEEDS, OF_A_SOURCE, OF_ANOTHER_CONTROLLER, Scope
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.organisation.models import Processor
from luvalla.organisation.queries import egress_allowed
from luvalla.people.models import User
from luvalla.people.queries import actor_of, may, promises_shutting_out, why_closed
from luvalla.register.models import Source

BEGINS: Final = "luv_"
"""How a token begins, so that one that got into a file is recognised."""
LONGEST: Final = timedelta(days=366)
USE_NOTED: Final = timedelta(minutes=1)
"""A token's last use is written down at most this often."""


@transaction.atomic
def make_token(
    *,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime,
    actor: Actor,
    person: User | None = None,
    processor: Processor | None = None,
    controller: str = "",
    source: Source | None = None,
) -> tuple[Token, str]:
    """Make a token and give it together with its text, which is shown once and kept nowhere.

    It belongs to a person, to a processor's system, or to another controller, whose name it carries. Raises NotAToken
    without exactly one owner, without scopes or a needed source, for more than a year, and for a scope that the owner
    may not use.
    """
    now, called = timezone.now(), " ".join(controller.split())
    owners = [each for each in (person, processor, called) if each]
    if len(owners) != 1 or not scopes or not now < expires_at <= now + LONGEST:
        raise NotAToken
    if source is None and OF_A_SOURCE & set(scopes):
        raise NotAToken
    if not _may_have(set(scopes), person, is_anothers=bool(called)):
        raise NotAToken
    text = BEGINS + secrets.token_urlsafe(32)
    token = Token.objects.create(
        name=" ".join(name.split()),
        digest=_digest(text),
        scopes=" ".join(sorted(scopes)),
        source=source,
        person=person,
        processor=processor,
        controller=called,
        made_by=str(actor),
        expires_at=expires_at,
    )
    facts = {"scopes": token.scopes, "until": expires_at.date().isoformat()}
    record("api.make_token", actor=actor, subject=subject_of(token), facts=facts)
    return token, text


@transaction.atomic
def revoke_token(*, token: Token, actor: Actor) -> None:
    """Take a token out of force at once; revoked again, nothing changes."""
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record("api.revoke_token", actor=actor, subject=subject_of(token))


def tokens() -> QuerySet[Token]:
    """Give all tokens, those in force first, the newest first."""
    return Token.objects.select_related(
        "person__employer__processor", "person__undertaking", "processor", "source"
    ).order_by("revoked_at", "-pk")


def find_token(text: str) -> Token | None:
    """Find a token by its text."""
    return tokens().filter(digest=_digest(text)).first() if text.startswith(BEGINS) else None


def why_dead(token: Token, now: datetime | None = None) -> Slug | None:
    """Tell why a token opens nothing, as the slug of its problem; None while it does. Asked at every call."""
    at = now or timezone.now()
    if token.revoked_at:
        return Slug.TOKEN_REVOKED
    if token.expires_at <= at:
        return Slug.TOKEN_EXPIRED
    if token.person is not None:
        return Slug.ACCOUNT_SHUT if why_closed(token.person, at) else None
    if token.processor is None:
        return None  # another controller's: it brings and gets nothing, so it needs no contract
    has_contract = egress_allowed(token.processor.country, token.processor, timezone.localdate(at))
    return None if has_contract else Slug.NO_CONTRACT


def reaches(token: Token, scope: Scope) -> bool:
    """Tell whether a token has a scope, and its person may still do it."""
    if scope not in token.scopes.split():
        return False
    return token.person is None or may(token.person, NEEDS[scope])


def broken_for(token: Token) -> tuple[str, ...]:
    """Name the broken promises that keep the token's person out."""
    return promises_shutting_out(token.person) if token.person is not None else ()


def actor_of_token(token: Token) -> Actor:
    """Name who calls, as the ledger does: the token's person, or the program."""
    return actor_of(token.person) if token.person is not None else Actor("program", str(token.ref))


def note_use(token: Token) -> None:
    """Write down that the token was used, once a minute at most."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)


def subject_of(token: Token) -> Subject:
    """Name a token as the ledger does."""
    return Subject("token", str(token.ref))


def _may_have(scopes: set[Scope], person: User | None, *, is_anothers: bool) -> bool:
    """Tell whether an owner may have these scopes: another controller just its own, a person what they may do."""
    if is_anothers or OF_ANOTHER_CONTROLLER & scopes:
        return is_anothers and scopes <= OF_ANOTHER_CONTROLLER
    return person is None or all(may(person, NEEDS[each]) for each in scopes)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
