from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.rules.case_states import DECIDED, PAUSING, SHUT, TRANSITIONS, State, Who, may_move, steps_from


def reachable(start: State) -> set[State]:
    """Give every state that some way leads to."""
    found, waiting = {start}, [start]
    while waiting:
        for each in steps_from(waiting.pop()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found


def walks(data: st.DataObject, steps: int = 30) -> Iterator[tuple[State, State]]:
    """Walk at random along the table."""
    state = State.RECEIVED
    for _ in range(steps):
        after = data.draw(st.sampled_from(steps_from(state)))
        yield state, after
        state = after


def test_every_state_can_be_reached_and_left() -> None:
    assert reachable(State.RECEIVED) == set(State)
    assert [each for each in State if not steps_from(each)] == []


@pytest.mark.parametrize("state", State)
def test_from_everywhere_some_way_leads_to_the_end(state: State) -> None:
    assert State.CLOSED in reachable(state)


@pytest.mark.parametrize("after", sorted(DECIDED))
@given(others=st.sets(st.sampled_from(Who)))
def test_the_data_protection_officer_decides_nothing(after: State, others: set[Who]) -> None:
    assert not any(may_move(before, after, {*others, Who.DATA_PROTECTION_OFFICER}) for before in State)


def test_a_refusal_is_the_register_owners_after_the_opinion() -> None:
    ways = {before: who for (before, after), who in TRANSITIONS.items() if after in DECIDED - {State.DECIDED_GRANT}}
    assert ways == {State.DPO_REVIEW: {Who.REGISTER_OWNER}}


@given(st.data())
def test_no_walk_executes_anything_undecided_but_an_objection(data: st.DataObject) -> None:
    for before, after in walks(data):
        if after is State.EXECUTING:
            assert before in DECIDED or before is State.RECEIVED


@given(st.data())
def test_no_walk_closes_without_a_reply(data: st.DataObject) -> None:
    for before, after in walks(data):
        if after in SHUT:
            assert before in {State.REPLIED, State.WITHDRAWN_BY_SUBJECT, State.COMPLAINT, State.AWAITING_ID}


def test_only_a_question_to_the_data_subject_stops_the_second_clock() -> None:
    assert {State.AWAITING_ID, State.AWAITING_CLARIFICATION} == PAUSING
