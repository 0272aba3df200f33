from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.register.importing.evidence import Told, is_company, kind_reader, parse_day
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
