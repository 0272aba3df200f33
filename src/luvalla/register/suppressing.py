"""Suppressions of one mailbox or domain, with their lines in the ledger of erasures."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.erasures import Entry, Operation
from luvalla.register.models import Stop, Suppression


def suppress_mailbox(
    folded: bytes, kind: Stop.Kind, *, is_erased: bool, again: bool = False, until: datetime | None = None
) -> None:
    """Keep a mailbox from coming back, in the caller's transaction, with the lines in the ledger of erasures.

    until: where the suppression ends. Such a one isn't in that ledger: a backup that is restored has its end as well.
    """
    wanted = {Operation.ERASE: is_erased, Operation.SUPPRESS: until is None}
    operations = tuple(each for each, is_wanted in wanted.items() if is_wanted)
    suppress(folded, Suppression.MAILBOX, kind, operations=operations, again=again, until=until)


def suppress(
    token: bytes,
    scope: str,
    kind: Stop.Kind,
    *,
    operations: tuple[Operation, ...],
    again: bool = False,
    until: datetime | None = None,
) -> None:
    """Write the suppression and its lines; one that stands needs neither, unless contacts came back all the same.

    until: its end, None for one that stays; one that ends gives way to one that stays.
    """
    now = timezone.now()
    standing = Suppression.objects.filter(token=token).first() or Suppression(token=token, expires_at=now)
    ends = standing.expires_at
    if ends is not None and (until is None or ends < until):
        standing.scope, standing.reason, standing.since, standing.expires_at = scope, kind.value, now, until
        standing.save()
    elif not again:
        return
    value = scope if scope == Suppression.DOMAIN else ""
    erasures.append([Entry(each, (token,), value=value) for each in operations])
