"""The year's report goes out of the house: what it tells is of ten people at least; the desk's own page tells all."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.utils import timezone

from luvalla.rights.statistics import Row, cells_told, channels_told, figures, yearly_report
from luvalla.rules.case_states import Right
from tests.support.pdf import text_of
from tests.support.requests import ask
from tests.support.world import World

pytestmark = pytest.mark.django_db


def test_a_report_tells_no_right_of_few_and_none_they_could_be_worked_out_from(world: World) -> None:
    for number in range(14):
        ask(Right.ACCESS, address=f"a{number}@esimerkki.fi")
    for number in range(30):
        ask(Right.PORTABILITY, address=f"p{number}@esimerkki.fi")
    for number in range(3):
        ask(Right.RECTIFICATION, address=f"r{number}@esimerkki.fi")
    year = timezone.localdate().year
    told = {row.right: cells["requests"] for row, cells in cells_told(figures(date(year, 1, 1), date(year, 12, 31)))}
    assert told == {"access": None, "portability": 30, "rectification": None, "": 47}
    for language, few in (("fi", "ei kerrota"), ("sv", "uppges ej"), ("en", "not told")):
        said = " ".join(text_of(yearly_report(year, language)).split())
        assert few in said
        assert "47" in said
        assert " 14 " not in said


def test_the_rest_of_a_part_is_not_told_either() -> None:
    rows = [
        Row("access", requests=120, answered=118, days=4.0, late=40, refused=3, extended=0),
        Row("", requests=120, answered=118, days=4.0, late=40, refused=3, extended=0),
    ]
    [(_, told), _] = cells_told(rows)
    assert told == {"requests": 120, "answered": None, "late": 40, "refused": None, "extended": 0}
    [(_, told)] = cells_told([Row("", requests=9, answered=9, days=1.0, late=0, refused=0, extended=0)])
    assert set(told.values()) == {None}


def test_channels_are_told_as_rights_are() -> None:
    assert channels_told(Counter(form=40, mail=30, letter=2)) == {"form": 40, "mail": None, "letter": None}
