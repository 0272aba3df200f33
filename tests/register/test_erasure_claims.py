from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.register.anonymising import anonymise
from luvalla.register.erasure_claims import CLAIMS, forgotten_tokens_are_gone, sums_lead_to_nobody
from luvalla.register.forgetting import forget
from luvalla.register.models import Contact, Forgetting, Suppression
from luvalla.register.queries import is_suppressed
from luvalla.register.stop import erase
from luvalla.rules.address import normalise
from luvalla.rules.ports import Verdict, claims
from tests.register.test_actions import suppress

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("barrier")]
Bring = Callable[[str], Contact]
MAIJA = normalise("maija@esimerkki.fi")


def test_the_claims_are_at_the_port() -> None:
    assert all(claims.get(each.id) is each for each in CLAIMS)


def test_sums_of_the_anonymous_hold(register_address: Bring) -> None:
    register_address(MAIJA.text)
    register_address("ville@esimerkki.fi")
    anonymise(address=MAIJA, channel="desk", actor=SYSTEM)
    assert sums_lead_to_nobody().verdict is Verdict.HOLDS


def test_a_hash_of_an_address_among_the_sums_breaks_s47(register_address: Bring) -> None:
    """A hash is not anonymous, whether it gets a column of its own or takes another's place."""
    register_address(MAIJA.text)
    register_address("ville@esimerkki.fi")
    anonymise(address=MAIJA, channel="desk", actor=SYSTEM)
    hashed = hashlib.sha256(b"ville@esimerkki.fi").hexdigest()
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE register_erasedtotal ADD COLUMN key varchar(64)")
        assert sums_lead_to_nobody().figures["strange_columns"] == 1
        cursor.execute("UPDATE register_erasedtotal SET key = %s", [hashed])
    finding = sums_lead_to_nobody()
    assert (finding.verdict, finding.figures["values_from_addresses"]) == (Verdict.BROKEN, 1)


def test_a_forgotten_person_leaves_no_token() -> None:
    forget(address=MAIJA, channel="desk", actor=SYSTEM)
    finding = forgotten_tokens_are_gone()
    assert (finding.verdict, finding.figures["forgotten"]) == (Verdict.HOLDS, 1)


def test_a_token_left_of_somebody_forgotten_breaks_s48() -> None:
    forget(address=MAIJA, channel="desk", actor=SYSTEM)
    suppress(MAIJA.text)
    finding = forgotten_tokens_are_gone()
    assert (finding.verdict, finding.figures["tokens"]) == (Verdict.BROKEN, 1)


def test_somebody_who_was_forgotten_may_be_stopped_again() -> None:
    forget(address=MAIJA, channel="desk", actor=SYSTEM)
    erase(address=MAIJA, channel="link", actor=SYSTEM)
    assert is_suppressed(MAIJA)
    assert Suppression.objects.count() == 1
    assert forgotten_tokens_are_gone().verdict is Verdict.HOLDS


def test_a_wish_that_no_source_confirms_breaks_s48(register_address: Bring) -> None:
    register_address(MAIJA.text)
    forget(address=MAIJA, channel="desk", actor=SYSTEM)
    assert forgotten_tokens_are_gone().verdict is Verdict.HOLDS
    Forgetting.objects.update(asked_at=timezone.now() - timedelta(days=91))
    assert forgotten_tokens_are_gone().verdict is Verdict.BROKEN
