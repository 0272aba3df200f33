from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.register.importing.evidence import Told, forbids, is_company, kind_reader, parse_day
from luvalla.rules.purposes import PermissionKind


@pytest.mark.parametrize(
    "text",
    [
        "2019-05-01",
        "2019-05-01T00:00:00",
        "2019-05-01 00:00:00",
        "1.5.2019",
        "01.05.2019",
        "1/5/2019",
        "20190501",
        "43586",
        "43586.25",
    ],
)
def test_a_day_is_read_however_exports_write_it(text: str) -> None:
    assert parse_day(text) == date(2019, 5, 1)


@pytest.mark.parametrize(
    "text", ["", "-", "31.2.2019", "2019", "0000-00-00", "1.1.0001", "pian", "=A1", "999999", "1.5.19"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_day(text) is None


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_a_finnish_day_comes_back(day: date) -> None:
    assert parse_day(f"{day.day}.{day.month}.{day.year}") == day


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading_of_days(text: str) -> None:
    assert parse_day(text) is None or isinstance(parse_day(text), date)


def test_companies_are_told_from_people() -> None:
    assert is_company("Yritys") is True
    assert is_company("juridisk person") is True
    assert is_company(" privat ") is False
    assert is_company("person") is False
    assert is_company("VIP") is None


def test_a_company_among_customers_gets_the_permission_of_a_legal_entity() -> None:
    kind_of = kind_reader(PermissionKind.CUSTOMER)
    assert kind_of("yritys") is PermissionKind.LEGAL_ENTITY
    assert kind_of("yksityinen") is PermissionKind.CUSTOMER
    assert kind_of("") is Told.NOTHING


def test_a_private_person_gets_no_permission_of_a_legal_entity() -> None:
    assert kind_reader(PermissionKind.LEGAL_ENTITY)("yksityinen") is Told.NO_LEGAL_ENTITY
    assert kind_reader(PermissionKind.LEGAL_ENTITY)("Oy") is Told.NOTHING


@pytest.mark.parametrize(
    "text",
    ["", "  ", "ei", "Ei", " EI ", "e", "No", "n", "nej", "0", "0.0", "00", "0,0", "false", "F", "Epätosi", "falskt",
     "Falsk", "off", "-", "–", "—", "--", "NULL", "Allow", "Sallittu", "Tillåten", "Ei kieltoa", "inga förbud"],
)  # fmt: skip
def test_a_plain_no_forbids_nothing(text: str) -> None:
    assert not forbids(text)


@pytest.mark.parametrize(
    "text",
    ["x", "X", "1", "kyllä", "K", "ja", "yes", "TOSI", "SANT", "true", "-1", "12.3.2024", "2024-03-12T00:00:00",
     "Do Not Allow", "Älä salli", "ei markkinointia", "no marketing", "soitti", "?", "✓", "*",
     "ei saa lähettää", "0 / 1", "ehkä"],
)  # fmt: skip
def test_everything_else_forbids_in_doubt(text: str) -> None:
    assert forbids(text)


@given(st.text(max_size=20), st.sampled_from("123456789"), st.text(max_size=20))
def test_whatever_has_a_figure_other_than_zero_forbids(before: str, figure: str, after: str) -> None:
    assert forbids(before + figure + after)


@given(st.text(max_size=20), st.sampled_from(["", " ", "\t", "\u00a0", "-"]))
def test_what_stands_around_a_word_changes_nothing(text: str, around: str) -> None:
    assert forbids(around + text + around) == forbids(text)
