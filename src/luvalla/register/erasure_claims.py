"""The checks of what is left after a person has gone: nothing that leads back (S47), and no token either (S48)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from django.db import connection
from django.utils import timezone

from luvalla.ledger.erasures import Operation, read_lines
from luvalla.ledger.errors import ErasuresBroken
from luvalla.ledger.vault import sealer
from luvalla.register.catalogue import Column, columns
from luvalla.register.models import Contact, Forgetting, Prohibition, Suppression
from luvalla.register.queries import open_address, parsed
from luvalla.rules.ports import Claim, Finding, Verdict, claims
from luvalla.rules.retention import SOURCE_NOTICE

SUMS: Final = {
    "register_erasedtotal": frozenset({"id", "kind", "audience_id", "contacts", "waiting"}),
    "mailroom_deliverytotal": frozenset({"id", "campaign_id", "state", "reason", "letters"}),
}
"""Tables of sums and all the columns they may have: none in which anything made from an address could stand."""
LOOKED_UP: Final = 200
"""How many of the newest contacts' addresses are looked for among the sums' values."""

HASHES: Final = ("md5", "sha1", "sha256", "sha512")


def sums_lead_to_nobody() -> Finding:
    """S47: tables of sums have no column but the sums', and no value made from a registered address, by any key."""
    found = [each for each in columns() if each.table in SUMS]
    strange = [each for each in found if each.name not in SUMS[each.table]]
    values = {value for each in found for value in _values(each)}
    made = {trace for contact in Contact.objects.order_by("-pk")[:LOOKED_UP] for trace in _made_from(contact)}
    breaches = {"strange_columns": len(strange), "values_from_addresses": len(values & made)}
    return Finding.counted(breaches, {"tables": len({each.table for each in found})})


def forgotten_tokens_are_gone() -> Finding:
    """S48: no token is left of anybody who was forgotten, and no wish waits for a source forever."""
    try:
        left = _tokens_of_forgotten()
    except ErasuresBroken as fault:
        return Finding(Verdict.UNKNOWN, {"line": fault.line, "fault": fault.fault})
    waiting = Forgetting.objects.filter(forgotten_at=None)
    now = timezone.now()
    tokens = Suppression.objects.filter(token__in=left).count() + Prohibition.objects.filter(folded__in=left).count()
    unconfirmed = waiting.filter(asked_at__lt=now - SOURCE_NOTICE).count()
    named = Forgetting.objects.exclude(forgotten_at=None).exclude(folded=b"").count()
    breaches = {"tokens": tokens, "named_afterwards": named, "never_confirmed": unconfirmed}
    return Finding.counted(breaches, {"forgotten": len(left), "waiting": waiting.count()})


TESTS: Final = "tests/register/test_erasure_claims.py::"
CLAIMS: Final = (
    Claim("S47", sums_lead_to_nobody, TESTS + "test_a_hash_of_an_address_among_the_sums_breaks_s47"),
    Claim("S48", forgotten_tokens_are_gone, TESTS + "test_a_token_left_of_somebody_forgotten_breaks_s48"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)


def _tokens_of_forgotten() -> set[bytes]:
    """Give the tokens that were to go, as they would be now; whoever was stopped again since is not among them."""
    left: set[bytes] = set()
    for line in read_lines():
        tokens = {sealer().rekeyed(each, line.keys) for each in line.entry.tokens}
        if line.entry.operation is Operation.FORGET:
            left |= tokens
        elif line.entry.operation in {Operation.SUPPRESS, Operation.PROHIBIT}:
            left -= tokens
    return left


def _values(column: Column) -> Iterator[bytes]:
    table, name = column.quoted()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {name} FROM {table}")  # noqa: S608  # names of the catalogue
        for (value,) in cursor.fetchall():
            yield bytes(value) if isinstance(value, bytes | memoryview) else str(value).lower().encode()


def _made_from(contact: Contact) -> Iterator[bytes]:
    """Give what could be made from a contact's address: itself, hashes and tokens, also in hexadecimal."""
    address = parsed(open_address(contact))
    text = address.text.encode()
    yield text
    for made in (
        *(hashlib.new(each, text).digest() for each in HASHES),
        *sealer().exact_tokens(address),
        sealer().folded_token(address),
    ):
        yield made
        yield made.hex().encode()
