from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from luvalla.ledger.claims import erasures_are_continuous
from luvalla.ledger.erasures import Entry, Operation, append, read_lines
from luvalla.ledger.erasures_upkeep import Condition, look, mend, prune
from luvalla.ledger.errors import ErasuresBroken
from luvalla.ledger.models import ErasuresMark
from luvalla.rules.ports import Verdict

pytestmark = pytest.mark.django_db
TOKENS = [bytes([number]) * 32 for number in range(5)]


@pytest.fixture
def copy(settings: Settings, tmp_path: Path) -> Path:
    place = tmp_path / "second disk" / "ledger.jsonl"
    settings.LUVALLA_ERASURES_COPY = str(place)
    return place


def stop(token: bytes) -> None:
    append([Entry(Operation.ERASE, (token,))])


def stop_over_months() -> None:
    """Write two lines 40 days ago, one 20 days ago, and one today."""
    for days, token in ((40, TOKENS[0]), (40, TOKENS[1]), (20, TOKENS[2]), (0, TOKENS[3])):
        with time_machine.travel(timezone.now() - timedelta(days=days), tick=False):
            stop(token)


def test_lines_go_once_no_backup_can_need_them(outside: Path, copy: Path) -> None:
    stop_over_months()
    assert prune(timezone.now()) == 2
    for place in (outside, copy):
        lines = list(read_lines(place))
        assert [(each.seq, each.entry.operation.value) for each in lines] == [(2, "begin"), (3, "erase"), (4, "erase")]
        assert TOKENS[0].hex() not in place.read_text()
        assert TOKENS[1].hex() not in place.read_text()
    assert prune(timezone.now()) == 0
    stop(TOKENS[4])
    assert [each.seq for each in read_lines()] == [2, 3, 4, 5]
    assert outside.read_bytes() == copy.read_bytes()
    assert erasures_are_continuous().verdict is Verdict.HOLDS


def test_a_ledger_that_loses_all_its_lines_goes_on_with_the_next_number(outside: Path) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=50)):
        stop(TOKENS[0])
    assert prune(timezone.now()) == 1
    assert erasures_are_continuous().verdict is Verdict.HOLDS
    assert prune(timezone.now()) == 0
    stop(TOKENS[1])
    assert [each.seq for each in read_lines()] == [1, 2]


def test_a_beginning_that_was_made_up_is_noticed(outside: Path) -> None:
    stop_over_months()
    prune(timezone.now())
    first, *others = outside.read_bytes().splitlines(keepends=True)
    outside.write_bytes(first.replace(b'"seq": 2', b'"seq": 3') + b"".join(others[1:]))
    with pytest.raises(ErasuresBroken):
        list(read_lines())


def test_lines_that_were_cut_off_at_the_front_are_noticed(outside: Path) -> None:
    stop_over_months()
    outside.write_bytes(b"".join(outside.read_bytes().splitlines(keepends=True)[2:]))
    with pytest.raises(ErasuresBroken):
        list(read_lines())
    assert prune(timezone.now()) == 0


def test_without_a_second_place_the_state_says_so() -> None:
    stop(TOKENS[0])
    state = mend()
    assert (state.ledger, state.copy, state.last) == (Condition.WHOLE, Condition.NOT_SET, 1)
    assert not state.is_well()


@pytest.mark.parametrize(
    ("damage", "condition"),
    [
        (lambda place: place.unlink(), Condition.MISSING),
        (lambda place: place.write_bytes(place.read_bytes().replace(b"erase", b"lift")), Condition.BROKEN),
        (lambda place: place.write_bytes(place.read_bytes().splitlines(keepends=True)[0]), Condition.BEHIND),
    ],
    ids=["lost", "changed", "older"],
)
@pytest.mark.parametrize("which", ["ledger", "copy"])
def test_each_of_the_two_files_mends_the_other(
    outside: Path, copy: Path, which: str, damage: Callable[[Path], object], condition: Condition
) -> None:
    stop(TOKENS[0])
    stop(TOKENS[1])
    whole = outside.read_bytes()
    assert look().is_well()
    damage(outside if which == "ledger" else copy)
    assert getattr(look(), which) is condition
    assert mend().is_well()
    assert outside.read_bytes() == copy.read_bytes() == whole


def test_a_copy_that_ends_before_what_the_database_knows_mends_nothing(outside: Path, copy: Path) -> None:
    stop(TOKENS[0])
    older = outside.read_bytes()
    stop(TOKENS[1])
    copy.write_bytes(older)
    outside.unlink()
    state = mend()
    assert (state.ledger, outside.exists()) == (Condition.MISSING, False)


def test_a_copy_that_goes_on_from_the_ledger_is_not_overwritten_by_it(outside: Path, copy: Path) -> None:
    """The ledger's disk was put back to an older state, and so was the database that could tell."""
    for token in TOKENS[:3]:
        stop(token)
    whole = copy.read_bytes()
    outside.write_bytes(b"".join(whole.splitlines(keepends=True)[:1]))
    ErasuresMark.objects.all().delete()
    mend()
    assert outside.read_bytes() == copy.read_bytes() == whole
