"""The dialogue without a network: any replies, cut anywhere, leave every letter with the one outcome that is true."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.by_data import LockStepDialogue, PipelinedDataDialogue, to_data
from luvalla.sending.capabilities import Capabilities
from luvalla.sending.chunked import ChunkedDialogue
from luvalla.sending.dialogue import Caller, Dialogue, Manners
from luvalla.sending.outcome import Kind, Reason, Step
from luvalla.sending.reply import GarbageError, Reply
from tests.sending.postbox import Outcomes, always, letters

FORMS = [ChunkedDialogue, PipelinedDataDialogue, LockStepDialogue]
CAN = Capabilities(pipelining=True, chunking=True, eight_bit=True, utf8=True)
every_form = pytest.mark.parametrize("form", FORMS)


def begin(form: type[Dialogue], number: int, *, window: int = 8, proven: bool = True) -> tuple[Dialogue, Outcomes]:
    """Start a dialogue over so many letters."""
    outcomes = Outcomes()
    queue = deque(letters(f"a{each}@esimerkki.fi" for each in range(number)))
    return form(queue, CAN, Manners(proven=proven), Caller(always, outcomes.note), window), outcomes


def write_all(dialogue: Dialogue) -> bytes:
    """Let it write until it has to listen."""
    written = b""
    while buffers := dialogue.offer(16):
        written += b"".join(buffers)
        dialogue.wrote(sum(map(len, buffers)))
    return written


likely = st.sampled_from([250, 250, 250, 250, 250, 250, 354])
unlikely = st.sampled_from([550, 451, 421, 503, 220, 354, 200, 299, 399])
replies = st.lists(
    st.builds(Reply, likely | unlikely, st.sampled_from(["", "2.0.0", "5.1.1", "4.3.0", "5.5.1"])), max_size=120
)


@dataclass(frozen=True)
class Story:
    """What a server does in a test."""

    form: type[Dialogue]
    letters: int
    window: int
    proven: bool
    said: list[Reply]
    parts: list[int]
    """How many bytes the socket takes each time."""
    hung_up: bool
    backlog: bool


stories = st.builds(
    Story,
    form=st.sampled_from(FORMS),
    letters=st.integers(0, 20),
    window=st.integers(1, 8),
    said=replies,
    parts=st.lists(st.integers(1, 400), max_size=60),
)


@given(stories)
def test_any_server_leaves_every_letter_with_one_outcome(story: Story) -> None:
    dialogue, outcomes = begin(story.form, story.letters, window=story.window, proven=story.proven)
    wire, waiting, parts = b"", list(story.said), iter(story.parts)
    try:
        while not dialogue.is_done() and waiting:
            offered = b"".join(dialogue.offer(3))
            written = offered[: next(parts, None)]
            wire += written
            dialogue.wrote(len(written))
            if not dialogue.is_done():
                dialogue.hear([waiting.pop(0)])
    except GarbageError:
        dialogue.lost(Reason.PROTOCOL, hung_up=False, backlog=story.backlog)
    if not dialogue.is_done():
        dialogue.lost(Reason.CONNECTION_LOST, hung_up=story.hung_up, backlog=story.backlog)
    taken = set(outcomes)
    assert taken | {item.index for item in dialogue._queue} == set(range(story.letters))
    for index in taken:
        if outcomes[index].kind in (Kind.ACCEPTED, Kind.UNKNOWN):
            assert b"X-Number: %d\r\n" % index in wire


@every_form
def test_what_is_half_written_is_not_sent(form: type[Dialogue]) -> None:
    dialogue, outcomes = begin(form, 1)
    while True:
        buffers = b"".join(dialogue.offer(1))
        if b"X-Number" in buffers:
            break
        dialogue.wrote(len(buffers))
        steps = {
            ChunkedDialogue: [250],
            PipelinedDataDialogue: [250, 250, 250, 354],
            LockStepDialogue: [250 if b"DATA" not in buffers else 354],
        }
        dialogue.hear([Reply(code, "") for code in steps[form]])
    dialogue.wrote(len(buffers) - 1)
    dialogue.lost(Reason.CONNECTION_LOST, hung_up=True)
    assert outcomes[0].kind is Kind.NOT_SENT


@every_form
def test_an_answer_before_its_command_is_written_is_garbage(form: type[Dialogue]) -> None:
    dialogue, outcomes = begin(form, 1)
    dialogue.offer(1)
    with pytest.raises(GarbageError):
        dialogue.hear([Reply(250, "")])
    dialogue.lost(Reason.PROTOCOL, hung_up=False)
    assert outcomes[0].kind is Kind.NOT_SENT


def test_a_server_that_refuses_in_the_middle_of_a_letter_is_believed_and_left() -> None:
    dialogue, outcomes = begin(ChunkedDialogue, 3, window=1)
    dialogue.wrote(sum(map(len, dialogue.offer(1))) - 5)
    dialogue.hear([Reply(250, ""), Reply(250, ""), Reply(250, ""), Reply(552, "5.3.4")])
    assert dialogue.offer(1) == []
    dialogue.lost(Reason.CONNECTION_LOST, hung_up=True)
    assert outcomes[0].reason is Reason.TOO_BIG
    assert len(dialogue._queue) == 2


def test_pipelined_bdat_keeps_a_window_in_flight_and_no_more() -> None:
    dialogue, _ = begin(ChunkedDialogue, 40, window=8)
    assert write_all(dialogue).count(b"BDAT") == 8
    dialogue.hear([Reply(250, "")] * 4)
    assert write_all(dialogue) == b""
    dialogue.hear([Reply(250, "")] * 4 * 3)
    assert write_all(dialogue).count(b"BDAT") == 4


def test_a_relay_that_is_not_proven_gets_one_letter_then_twice_as_many() -> None:
    dialogue, _ = begin(ChunkedDialogue, 60, window=8, proven=False)
    seen = []
    for _ in range(5):
        seen.append(write_all(dialogue).count(b"BDAT"))
        dialogue.hear([Reply(250, "")] * 4 * seen[-1])
    assert seen[:2] == [1, 2]
    assert max(seen) == 8


def test_pipelined_data_opens_the_next_envelope_behind_the_text() -> None:
    dialogue, outcomes = begin(PipelinedDataDialogue, 3)
    first = write_all(dialogue)
    assert first.endswith(b"DATA\r\n")
    assert first.count(b"MAIL") == 1
    dialogue.hear([Reply(250, ""), Reply(250, ""), Reply(250, ""), Reply(354, "")])
    second = write_all(dialogue)
    assert second.index(b"\r\n.\r\n") < second.index(b"MAIL FROM:<paluu+1@")
    assert write_all(dialogue) == b""
    dialogue.hear([Reply(250, "2.0.0")])
    assert outcomes.kinds() == {Kind.ACCEPTED: 1}


def test_a_server_that_asks_for_the_text_of_a_refused_recipient_gets_none() -> None:
    dialogue, outcomes = begin(PipelinedDataDialogue, 1)
    write_all(dialogue)
    dialogue.hear([Reply(250, ""), Reply(250, ""), Reply(550, "5.1.1"), Reply(354, "")])
    assert write_all(dialogue) == b".\r\n"
    dialogue.hear([Reply(554, "")])
    assert outcomes[0].reason is Reason.MAILBOX_GONE


def test_an_acceptance_after_a_refused_return_path_is_not_believed() -> None:
    dialogue, outcomes = begin(ChunkedDialogue, 1)
    write_all(dialogue)
    dialogue.hear([Reply(250, ""), Reply(550, "5.7.1"), Reply(250, ""), Reply(250, "")])
    assert outcomes[0].kind is Kind.UNKNOWN


def test_the_reply_that_decides_is_the_first_refusal() -> None:
    dialogue, outcomes = begin(ChunkedDialogue, 2)
    write_all(dialogue)
    dialogue.hear([Reply(250, ""), Reply(250, ""), Reply(550, "5.1.1"), Reply(554, "5.5.1")])
    dialogue.hear([Reply(250, ""), Reply(452, "4.3.1"), Reply(503, "5.5.1"), Reply(503, "5.5.1")])
    assert [outcomes[each].status for each in (0, 1)] == ["5.1.1", "4.3.1"]


def test_a_reply_nobody_asked_for_is_garbage_unless_it_is_a_goodbye() -> None:
    dialogue, _ = begin(ChunkedDialogue, 1)
    dialogue.hear([Reply(421, "4.4.2")])
    assert dialogue.is_done()
    another, _ = begin(ChunkedDialogue, 1)
    with pytest.raises(GarbageError):
        another.hear([Reply(250, "")])


@every_form
def test_the_command_waited_for_is_known(form: type[Dialogue]) -> None:
    dialogue, _ = begin(form, 1)
    assert dialogue.awaited is None
    write_all(dialogue)
    assert dialogue.awaited is Step.RSET


@given(st.lists(st.sampled_from([b".", b"\r\n", b"\n", b"\r", b"a", b"..", b"QUIT"]), max_size=40))
def test_text_made_fit_for_data_ends_once_and_comes_out_again(parts: list[bytes]) -> None:
    text = b"".join(parts)
    wire = b"".join(to_data(text))
    assert wire.endswith(b".\r\n")
    body, _, rest = (b"\r\n" + wire).partition(b"\r\n.\r\n")
    assert rest == b""
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert b"\r" not in body.replace(b"\r\n", b"")
    undone = (body + b"\r\n").replace(b"\r\n.", b"\r\n")[2:]
    wanted = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert undone == (wanted if wanted.endswith(b"\r\n") or not wanted else wanted + b"\r\n")
