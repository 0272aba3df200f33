"""A program's list of contacts is a look at each of them, whole or masked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from luvalla.register.models import Contact
from luvalla.register.seen import looks_that_showed
from tests.api.conftest import Call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("how", ["", "&uncovered=true"])
def test_everybody_on_a_programs_list_can_be_told_of_it(
    call: Call, customer: Callable[[str], Contact], how: str
) -> None:
    maija = customer("maija@kotiposti.example")
    assert call("get", f"/contacts?purpose=direct_marketing&audience=customers{how}").status_code == 200
    matti = customer("matti@kotiposti.example")
    (row,) = looks_that_showed([maija])
    assert (row.verb, row.purpose) == ("api.read_contacts", "direct_marketing")
    assert looks_that_showed([matti]) == []
