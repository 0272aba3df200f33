"""Writing to the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from luvalla.ledger.actors import Actor
from luvalla.ledger.errors import LedgerError, PurposeMissing
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.verbs import is_reading


class Subject(NamedTuple):
    """What a row is about: a kind ("contact", "campaign") and its random reference."""

    kind: str
    ref: str = ""


NOBODY = Subject("")
INSERT = (
    "insert into ledger_ledgerrow (at, actor, verb, subject_kind, subject_ref, purpose, reason, facts)"
    " values (%s, %s, %s, %s, %s, '', '', %s)"
)


class Told(NamedTuple):
    """Who did something to what, with figures, codes and random references."""

    actor: Actor
    subject: Subject
    facts: Mapping[str, object]


def record(
    verb: str,
    *,
    actor: Actor,
    subject: Subject = NOBODY,
    purpose: str = "",
    reason: str = "",
    facts: Mapping[str, object] | None = None,
) -> LedgerRow:
    """Write one row inside the caller's transaction; LedgerError outside of one.

    The verb is "<room>.<action>" ("register.withdraw"). Facts are figures, codes and random references, never
    addresses or tokens. What tells of reading is written by record_look; without a purpose PurposeMissing is raised.
    """
    if not connection.in_atomic_block:
        message = f"{verb} was to be recorded outside the transaction of its write"
        raise LedgerError(message)
    if is_reading(verb) and not purpose.strip():
        raise PurposeMissing(verb)
    return LedgerRow.objects.create(
        actor=str(actor),
        verb=verb,
        subject_kind=subject.kind,
        subject_ref=subject.ref,
        purpose=purpose,
        reason=reason,
        facts=dict(facts or {}),
    )


def record_look(
    verb: str,
    *,
    actor: Actor,
    purpose: str,
    subject: Subject = NOBODY,
    reason: str = "",
    facts: Mapping[str, object] | None = None,
) -> LedgerRow:
    """Write inside the caller's transaction that somebody reads this, and what for (rules.purposes.LookedAtFor).

    A letter's purpose stands for looks at whom it may go to. Raises LedgerError outside of a transaction, and
    PurposeMissing for none or a blank one; the database refuses such a row too.
    """
    return record(verb, actor=actor, subject=subject, purpose=purpose, reason=reason, facts=facts)


def record_together(verb: str, rows: Iterable[Told]) -> None:
    """Write a row for each in one statement, inside the caller's transaction; LedgerError outside of one."""
    if not connection.in_atomic_block:
        message = f"{verb} was to be recorded outside the transaction of its write"
        raise LedgerError(message)
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.executemany(
            INSERT,
            [
                (moment, str(actor), verb, subject.kind, subject.ref, json.dumps(dict(facts)))
                for actor, subject, facts in rows
            ],
        )
