"""`luvalla authorities`: the list, and noting in a person's name that the pages were looked at."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from luvalla.cli.main import main
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.authorities import authority, listed
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db
Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def world(db: None) -> World:
    """Record the example organisation."""
    made = make_world()
    check_keys()
    return made


def compared(*arguments: str, by: str = "officer") -> int:
    return main(["authorities", "compared", *arguments, "--by", by, "--on", str(timezone.localdate())])


def test_all_are_noted_in_the_officers_name(world: World, capsys: Out) -> None:
    assert compared("--all", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["countries"]) == len(listed())
    assert main(["authorities", "list", "--json"]) == 0
    known = json.loads(capsys.readouterr().out)["authorities"]
    assert {each["compared_on"] for each in known} == {timezone.localdate().isoformat()}
    assert LedgerRow.objects.filter(verb="organisation.note_comparison", actor__startswith="person:").count() == 31


def test_a_single_one_is_put_right_by_its_page(world: World, capsys: Out) -> None:
    assert compared("se", "--page", "https://www.imy.se/kontakt", "--correct", "phone=+46 8 1") == 0
    assert "SE: compared" in capsys.readouterr().out
    assert authority("SE").phone == "+46 8 1"
    assert main(["authorities", "list"]) == 0
    assert "never" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "by", "code"),
    [
        ((), "officer", 2),
        (("FI", "SE", "--page", "https://x.example"), "officer", 2),
        (("ZZ",), "officer", 3),
        (("FI",), "nobody", 3),
        (("FI",), "author", 1),
        (("FI", "--correct", "street=Ratapihantie 9"), "officer", 1),
    ],
)
def test_what_cannot_be_noted_is_refused(
    arguments: tuple[str, ...], by: str, code: int, world: World, capsys: Out
) -> None:
    assert compared(*arguments, by=by) == code
    assert capsys.readouterr().err
    assert authority("FI").verified_on is None
