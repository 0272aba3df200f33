"""The copy as its person reads it: days, countries and spans in words, and who has looked at what was found."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from luvalla.organisation.models import Processor
from luvalla.register.models import Contact, Permission
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.copies.gathering import gather, plainly
from luvalla.rights.copies.packing import copy_as_pdf, shown_as
from luvalla.rights.models import DataRequest
from luvalla.rights.reading import show_found, show_request
from luvalla.rules.case_states import Right
from tests.support.pdf import text_of
from tests.support.requests import Desk, add_disclosee, ask, work

pytestmark = pytest.mark.django_db


def searched(desk: Desk, language: str = "fi") -> DataRequest:
    """Have the stores searched for a request of access."""
    request = ask(Right.ACCESS, language=language)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=request, actor=desk.handler)
    work()
    request.refresh_from_db()
    return request


def read(request: DataRequest) -> str:
    """Read the copy's document as text."""
    return " ".join(text_of(copy_as_pdf(request, gather(request))).split())


@pytest.mark.parametrize(
    ("language", "kept"),
    [("fi", "luvan todisteita 3 vuotta"), ("sv", "bevis för tillstånd 3 år"), ("en", "permission for 3 years")],
)
def test_it_is_written_for_people(language: str, kept: str, desk: Desk, maija: Contact) -> None:
    Processor.objects.update(country="FI")
    said = read(searched(desk, language))
    assert kept in said
    assert {"fi": "(Suomi)", "sv": "(Finland)", "en": "(Finland)"}[language] in said
    assert not re.search(r"\d{4}-\d\d-\d\d|\(FI\)|\b[a-z]+_[a-z_]+\b", said), "no code of ours is in it"


def test_whoever_read_the_case_or_its_findings_is_among_the_looks(desk: Desk, maija: Contact) -> None:
    request = searched(desk)
    assert gather(request)["looks"] == [], "the program's own search is no look of anybody"
    show_request(request=request, actor=desk.handler)
    show_found(search=request.searches.get(store="register"), actor=desk.handler)
    assert {each["purpose"] for each in gather(request)["looks"]} == {"rekisteröidyn pyyntö"}
    assert "Kukaan työntekijöistämme" not in read(request)


@pytest.mark.parametrize(("language", "ended"), [("fi", "päättyi"), ("sv", "upphörde"), ("en", "disclosure ended on")])
def test_the_actual_recipients_are_named_and_ended_ones_with_their_last_day(
    language: str, ended: str, desk: Desk, maija: Contact
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    add_disclosee("Vertailu Oy")
    add_disclosee("Loppunut Oy", ends=yesterday)
    add_disclosee("Ennen Maijaa Oy", ends=timezone.localdate() - timedelta(days=41))
    Permission.objects.update(created_at=timezone.now() - timedelta(days=40))
    said = read(searched(desk, language))
    assert re.search(rf"Loppunut Oy: vertailu \([^)]*{ended}[^)]*{yesterday.year}\)", said)
    assert "Vertailu Oy: vertailu" in said
    assert "Ennen Maijaa" not in said


def test_the_copy_of_somebody_unknown_names_no_disclosee(desk: Desk) -> None:
    add_disclosee("Vertailu Oy")
    assert "Vertailu" not in read(searched(desk))


def test_findings_are_shown_to_staff_in_words() -> None:
    found = {"kind": "permission", "at": "2026-11-30T08:41:40.790958+00:00",
             "content": {"kind": "customer", "recorded_at": None, "since": "2012-01-22"}, "withheld": "x"}  # fmt: skip
    shown = shown_as(found, "fi")
    assert (shown["kind"], shown["at"]) == ("Lähetyslupa", "30.11.2026 10:41")
    assert shown["pairs"] == [["laji", "asiakkuus"], ["alkaen", "22.1.2012"]]


def test_a_day_is_written_as_people_write_it() -> None:
    assert plainly(date(2026, 1, 2), "en") == "2 January 2026"
    assert plainly("2026-01-02", "sv") == "2.1.2026"
    assert plainly("2026-01-02 and more", "sv") == "2026-01-02 and more"
