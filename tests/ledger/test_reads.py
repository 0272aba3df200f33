"""Who looked at whom, and how much somebody has read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, Told, record, record_look, record_together
from luvalla.ledger.actors import person
from luvalla.ledger.errors import PurposeMissing
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.reads import addresses_seen, looks_of, looks_without_purpose, who_looked
from luvalla.ledger.verbs import is_reading
from luvalla.staff.ledger.sentences import SENTENCES

pytestmark = pytest.mark.django_db
AINO, MIKAEL = person("a" * 8), person("b" * 8)
MAIJA = Subject("contact", "5d1f2c04-0000-4000-8000-000000000001")


def write(verb: str, **given: object) -> LedgerRow:
    with transaction.atomic():
        return record(verb, **{"actor": AINO, "subject": MAIJA, "purpose": "request", **given})


def test_looks_at_a_person_are_listed_with_their_purposes_newest_first() -> None:
    write("register.uncover_address", purpose="request", reason="Asked by phone")
    write("register.prohibit")
    write("register.show_person", actor=MIKAEL, purpose="rights")
    write("register.uncover_address", subject=Subject("contact", "another"))
    looks = who_looked("contact", MAIJA.ref)
    assert [(each.verb, each.purpose, each.actor) for each in looks] == [
        ("register.show_person", "rights", str(MIKAEL)),
        ("register.uncover_address", "request", str(AINO)),
    ]


def test_what_somebody_has_read_since_a_moment_is_counted_by_addresses() -> None:
    old = write("register.search")
    LedgerRow.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=2))
    write("register.export_contacts", facts={"contacts": 40})
    write("register.uncover_address")
    write("register.stop", facts={"contacts": 9})
    rows = list(looks_of(AINO, timezone.now() - timedelta(days=1)))
    assert [addresses_seen(each) for each in rows] == [1, 40]


@pytest.mark.parametrize("verb", ["paper.print_item", "api.read_contacts", "mailroom.show_failures", "register.search"])
def test_reading_is_told_by_the_verbs_first_word(verb: str) -> None:
    assert is_reading(verb)
    assert not is_reading("register.reading")


def test_no_look_is_written_without_its_purpose() -> None:
    for blank in ("", "  "):
        with pytest.raises(PurposeMissing, match=r"register.search"), transaction.atomic():
            record_look("register.search", actor=AINO, purpose=blank)
        with pytest.raises(PurposeMissing), transaction.atomic():
            record("paper.record_print", actor=AINO, purpose=blank)
    assert not LedgerRow.objects.exists()


def test_the_database_itself_takes_no_aimless_look_in() -> None:
    told = [Told(AINO, MAIJA, {})]
    for verb in ("register.search", "api.read_contacts", "paper.record_print"):
        with pytest.raises(IntegrityError), transaction.atomic():
            record_together(verb, told)
    with transaction.atomic():
        record_together("register.reading_list", told)
    assert looks_without_purpose() == 0


@pytest.mark.parametrize(
    "verb", [*SENTENCES, "register.reading", "register.listing_of", "x.open", "people.record_print"]
)
def test_the_database_tells_looks_by_the_same_rule_as_the_program(verb: str) -> None:
    row = write(verb)
    row.refresh_from_db()
    assert row.is_look == is_reading(verb)


def test_own_looks_are_found_along_an_index() -> None:
    looks = LedgerRow.objects.filter(actor=str(AINO), is_look=True, pk__lt=1000).order_by("-pk")[:51]
    if connection.vendor == "sqlite":
        assert "ledger_looks_by_actor" in looks.explain()
