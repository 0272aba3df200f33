"""A row of the ledger written in plain SQL, for processes that run without models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from luvalla.ledger.actors import Actor
from luvalla.ledger.errors import LedgerError


def record_plainly(
    verb: str, *, actor: Actor, subject: tuple[str, str], facts: Mapping[str, object], now: datetime
) -> None:
    """Write one row inside the caller's transaction, as actions.record does; LedgerError outside of one."""
    if not connection.in_atomic_block:
        message = f"{verb} was to be recorded outside the transaction of its write"
        raise LedgerError(message)
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_ledgerrow (at, actor, verb, subject_kind, subject_ref, purpose, reason, facts)"
            " values (%s, %s, %s, %s, %s, '', '', %s)",
            (moment, str(actor), verb, *subject, json.dumps(dict(facts))),
        )
