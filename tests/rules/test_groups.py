"""Sums that tell no small group, whatever else is told beside them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from luvalla.rules.groups import SMALLEST_GROUP, is_small, part_told, tells_a_small_group, told_apart

SIZES = st.dictionaries(st.text(max_size=3), st.one_of(st.integers(0, 12), st.integers(0, 5000)), max_size=8)


@given(SIZES)
def test_what_is_told_beside_the_sum_never_gives_a_small_group_away(groups: dict[str, int]) -> None:
    told = told_apart(groups)
    assert told.keys() == groups.keys()
    assert all(size in {None, groups[each]} for each, size in told.items())
    assert not any(is_small(size) for size in told.values() if size is not None)
    hidden = [each for each, size in told.items() if size is None]
    if len(hidden) < sum(size > 0 for size in groups.values()):
        assert not hidden or (len(hidden) > 1 and sum(groups[each] for each in hidden) >= SMALLEST_GROUP)
    assert not tells_a_small_group(groups, told)
    assert bool(hidden) == any(map(is_small, groups.values())), "nothing is hidden without a reason"


@given(st.integers(0, 60), st.integers(0, 60))
def test_neither_a_part_nor_its_rest_is_told_when_it_is_small(part: int, rest: int) -> None:
    told = part_told(part, part + rest)
    assert told == (None if is_small(part) or is_small(rest) else part)


def test_a_small_group_hidden_alone_is_given_away_by_the_sum() -> None:
    groups = {"a": 3, "b": 40}
    assert tells_a_small_group(groups, {"a": None, "b": 40})
    assert tells_a_small_group(groups, groups)
    assert not tells_a_small_group(groups, {"a": None, "b": None})
