"""Nothing begins after its time, whatever is still waiting to be written."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
from dataclasses import replace

import pytest

from luvalla.sending.outcome import Kind, Reason, not_sent
from luvalla.sending.pool import Backoff, Pool
from luvalla.sending.smtp import Manners, Transport
from luvalla.sending.testing import Receiver, Switches
from tests.sending.postbox import HASTY, QUICK, every_form, letters, people, send, send_by_pool, send_over


@every_form
def test_nothing_begins_after_the_deadline(switches: Switches) -> None:
    asked = itertools.count(1)
    with Receiver(switches) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(200)), may_start=lambda: next(asked) <= 70)
    assert outcomes.kinds() == {Kind.ACCEPTED: 70, Kind.NOT_SENT: 130}
    assert {outcome.reason for outcome in outcomes.values() if outcome.kind is Kind.NOT_SENT} == {Reason.DEADLINE}
    assert receiver.counters.mail_commands == 70


def test_a_deadline_that_is_over_lets_nothing_begin() -> None:
    with Receiver() as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(5)), may_start=lambda: False)
    assert set(outcomes.values()) == {not_sent(Reason.DEADLINE)}
    assert receiver.counters.mail_commands == 0


@pytest.mark.parametrize("security", ["plain", "tls"])
def test_letters_waiting_for_a_slow_reader_do_not_begin_after_the_deadline(security: str) -> None:
    """The server stops reading; when the socket takes bytes again the deadline is over."""
    text = b"Subject: big\r\n\r\n" + b"x" * 76 * 3000 + b"\r\n"
    over = threading.Event()
    started: list[float] = []

    def take(_message: object) -> None:
        if not over.is_set():
            over.wait(0.3)
            over.set()

    with Receiver(security=security, on_message=take, clock=lambda: started.append(over.is_set()) or 0.0) as receiver:
        relay = replace(receiver.relay(timeouts=QUICK))
        outcomes = asyncio.run(
            send_over(
                Transport(relay, manners=Manners(proven=True)),
                letters(people(200), text),
                may_start=lambda: not over.is_set(),
            )
        )
    assert outcomes.kinds()[Kind.NOT_SENT] > 100
    assert {outcome.reason for outcome in outcomes.values() if outcome.kind is Kind.NOT_SENT} == {Reason.DEADLINE}
    assert outcomes.kinds()[Kind.ACCEPTED] == receiver.counters.messages == receiver.counters.mail_commands


def storm(number: int, chance: random.Random) -> list[str]:
    """Invent recipients; a tenth of them are refused, deferred or cost the connection."""
    acts = ("refuse", "defer", "busy-421", "drop-before-data", "drop-during-data", "drop-after-data", "garbage")
    return [
        f"{chance.choice(acts)}+{each}@esimerkki.fi" if chance.random() < 0.1 else f"asiakas{each}@esimerkki.fi"
        for each in range(number)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_storm_of_faults_lets_nothing_begin_after_the_deadline(seed: int) -> None:
    """From the first no, whatever connection heard it and however many break and are opened anew."""
    chance = random.Random(seed)  # noqa: S311  # when it fails is no secret
    asked, most = itertools.count(1), chance.randrange(40, 260)
    heard_no = threading.Event()
    answers: list[bool] = []

    def may_start() -> bool:
        answers.append(next(asked) <= most and not heard_no.is_set())
        if not answers[-1]:
            heard_no.set()
        return answers[-1]

    with Receiver() as receiver:
        pool = Pool(receiver.relay(connections=4, timeouts=HASTY), backoff=Backoff(first=0.01, most=0.02))
        outcomes = send_by_pool(pool, letters(storm(300, chance)), may_start=may_start)
    assert receiver.counters.mail_commands <= sum(answers)
    kept = {int(each.data.split()[1]) for each in receiver.messages}
    assert len(kept) == len(receiver.messages), "a letter came twice"
    assert {index for index, each in outcomes.items() if each.kind is Kind.ACCEPTED} <= kept
    assert kept <= {index for index, each in outcomes.items() if each.kind in (Kind.ACCEPTED, Kind.UNKNOWN)}
    assert not all(answers)
