"""A person compares an authority with its own page: the day stands, what the page says stands, and others don't."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from luvalla.ledger.actors import OPERATOR, SYSTEM, person
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.authorities import authorities, authority, listed
from luvalla.organisation.comparing import note_comparison
from luvalla.organisation.errors import NoAuthority, NotInOrder
from luvalla.organisation.models import Comparison

pytestmark = pytest.mark.django_db
SOMEBODY = person("3f0c4c0e-0000-4000-8000-000000000001")


def test_a_comparison_dates_the_authority_and_is_a_row_of_the_ledger() -> None:
    today = timezone.localdate()
    note_comparison(country="FI", compared_on=today, actor=SOMEBODY)
    assert authority("FI") == authorities()["FI"]
    assert authority("FI").verified_on == today
    assert authority("FI").details() == listed()["FI"].details()
    assert authority("SE").verified_on is None
    row = LedgerRow.objects.get(verb="organisation.note_comparison")
    assert (row.actor, row.subject_ref) == (str(SOMEBODY), "FI")
    assert row.facts == {"compared_on": today.isoformat(), "page": listed()["FI"].website, "corrections": []}


def test_what_the_page_says_takes_the_place_of_the_list() -> None:
    today = timezone.localdate()
    note_comparison(
        country="SE", compared_on=today - timedelta(days=1), actor=SOMEBODY, details={"phone": "+46 8 000 00 00"}
    )
    note_comparison(country="SE", compared_on=today, actor=SOMEBODY)
    assert authority("SE").phone == "+46 8 000 00 00", "a later look that changes nothing keeps it"
    assert Comparison.objects.latest("pk").corrections == {"phone": "+46 8 000 00 00"}
    note_comparison(country="SE", compared_on=today, actor=SOMEBODY, details={"phone": listed()["SE"].phone})
    assert authority("SE").phone == listed()["SE"].phone


def test_a_newer_list_is_newer_than_an_older_look(monkeypatch: pytest.MonkeyPatch) -> None:
    note_comparison(country="SE", compared_on=date(2026, 1, 1), actor=SOMEBODY, details={"city": "Uppsala"})
    assert authority("SE").city == "Uppsala"
    newer = {**listed(), "SE": replace(listed()["SE"], verified_on=date(2026, 2, 1))}
    monkeypatch.setattr("luvalla.organisation.authorities.listed", lambda: newer)
    assert authority("SE").city == listed()["SE"].city
    assert authority("SE").verified_on == date(2026, 2, 1)


@pytest.mark.parametrize("actor", [SYSTEM, OPERATOR])
def test_only_people_look_at_pages(actor: object) -> None:
    with pytest.raises(NotInOrder, match="only a person"):
        note_comparison(country="FI", compared_on=timezone.localdate(), actor=actor)  # type: ignore[arg-type]  # one of the two
    assert authority("FI").verified_on is None


def test_what_cannot_be_right_is_refused_and_nothing_is_noted() -> None:
    today = timezone.localdate()
    note_comparison(country="FI", compared_on=today, actor=SOMEBODY)
    wrong: list[dict[str, object]] = [
        {"compared_on": today + timedelta(days=1)},
        {"compared_on": today - timedelta(days=1)},
        {"details": {"street": "Ratapihantie 9"}},
        {"details": {"post_address": "PL 800, 00521 Helsinki"}},
        {"details": {"website": "http://tietosuoja.fi"}},
        {"details": {"motto": "x"}},
        {"page": "http://tietosuoja.fi"},
    ]
    for each in wrong:
        with pytest.raises(NotInOrder):
            note_comparison(**{"country": "FI", "compared_on": today, "actor": SOMEBODY, **each})  # type: ignore[arg-type]  # one is wrong
    with pytest.raises(NoAuthority):
        note_comparison(country="ZZ", compared_on=today, actor=SOMEBODY)
    assert Comparison.objects.count() == 1
