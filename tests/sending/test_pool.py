"""A pool spreads letters over connections, and goes again where the relay cannot have one."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from luvalla.sending.errors import Misuse, WrongUse
from luvalla.sending.outcome import Kind, Outcome, Reason, not_sent
from luvalla.sending.pool import Backoff, Pool
from luvalla.sending.relay import Relay, Security
from luvalla.sending.testing import Receiver, Switches
from tests.sending.postbox import HASTY, QUICK, Outcomes, always, letters, people, send_by_pool

SWIFT = Backoff(first=0.01, most=0.05, tries=4)


def numbers(receiver: Receiver) -> list[int]:
    """Give the numbers of the letters a receiver has, in order."""
    return sorted(int(message.data.split()[1]) for message in receiver.messages)


def test_a_window_is_spread_over_all_connections() -> None:
    with Receiver(Switches(delay=0.01)) as receiver:
        outcomes = send_by_pool(Pool(receiver.relay(connections=5, timeouts=QUICK)), letters(people(400)))
    assert outcomes.kinds() == {Kind.ACCEPTED: 400}
    assert receiver.counters.connections == 5
    assert numbers(receiver) == list(range(400))


def test_a_few_letters_do_not_open_every_connection() -> None:
    with Receiver() as receiver:
        send_by_pool(Pool(receiver.relay(connections=20, timeouts=QUICK)), letters(people(3)))
    assert receiver.counters.connections == 1


def test_connections_stay_open_between_windows() -> None:
    async def run(pool: Pool) -> None:
        for _ in range(4):
            await pool.send_window(letters(people(50)), may_start=always, on_outcome=Outcomes().note)
        assert pool.ready == 3
        await pool.close()
        assert pool.ready == 0

    with Receiver() as receiver:
        asyncio.run(run(Pool(receiver.relay(connections=3, timeouts=QUICK))))
    assert receiver.counters.connections == 3
    assert receiver.counters.messages == 200


@pytest.mark.parametrize(
    "switches", [Switches(), Switches(chunking=False), Switches(pipelining=False)], ids=["bdat", "data", "lock-step"]
)
def test_letters_behind_a_421_go_again_on_another_connection(switches: Switches) -> None:
    names = [*people(60), "busy-421+1@esimerkki.fi", *people(60), "busy-data-421+2@esimerkki.fi", *people(60)]
    with Receiver(switches) as receiver:
        outcomes = send_by_pool(Pool(receiver.relay(connections=3, timeouts=QUICK), backoff=SWIFT), letters(names))
    assert outcomes.kinds() == {Kind.ACCEPTED: 180, Kind.DEFERRED: 2}
    assert numbers(receiver) == [each for each in range(182) if each not in (60, 121)]


def test_letters_behind_a_lost_connection_go_again_only_if_the_relay_cannot_have_them() -> None:
    names = [
        f"drop-after-data+{each}@esimerkki.fi" if each % 40 == 39 else f"a{each}@esimerkki.fi" for each in range(400)
    ]
    with Receiver() as receiver:
        outcomes = send_by_pool(Pool(receiver.relay(connections=4, timeouts=QUICK), backoff=SWIFT), letters(names))
    accepted = [number for number, outcome in outcomes.items() if outcome.kind is Kind.ACCEPTED]
    kept = numbers(receiver)
    assert len(kept) == len(set(kept))
    assert set(accepted) <= set(kept)
    assert all(outcomes[number].kind is Kind.UNKNOWN for number in set(kept) - set(accepted))
    assert all(outcomes[each].kind is Kind.UNKNOWN for each in range(39, 400, 40))


def test_a_letter_that_kills_every_connection_is_given_back_after_three() -> None:
    with Receiver(Switches(chunking=False)) as receiver:
        outcomes = send_by_pool(
            Pool(receiver.relay(connections=2, timeouts=QUICK), backoff=SWIFT),
            letters([*people(10), "drop-before-data@esimerkki.fi", *people(10)]),
        )
    assert outcomes.kinds() == {Kind.ACCEPTED: 20, Kind.NOT_SENT: 1}
    assert outcomes[10] == not_sent(Reason.CONNECTION_LOST)
    assert receiver.counters.dropped == 3


def test_a_relay_that_takes_ten_letters_a_connection_gets_them_all() -> None:
    with Receiver(Switches(messages_a_connection=10)) as receiver:
        outcomes = send_by_pool(
            Pool(receiver.relay(connections=2, timeouts=QUICK), backoff=SWIFT), letters(people(200))
        )
    assert outcomes.kinds()[Kind.ACCEPTED] + outcomes.kinds()[Kind.DEFERRED] == 200
    assert outcomes.kinds()[Kind.ACCEPTED] == receiver.counters.messages > 150


def test_a_relay_that_bears_two_connections_is_served_over_two() -> None:
    async def run(receiver: Receiver) -> list[int]:
        pool = Pool(receiver.relay(connections=6, timeouts=QUICK), backoff=SWIFT)
        connections = []
        for _ in range(5):
            outcomes = Outcomes()
            await pool.send_window(letters(people(100)), may_start=always, on_outcome=outcomes.note)
            assert outcomes.kinds() == {Kind.ACCEPTED: 100}
            connections.append(receiver.counters.connections)
        assert pool.ready == 2
        await pool.close()
        return connections

    with Receiver(Switches(most_connections=2, delay=0.005)) as receiver:
        connections = asyncio.run(run(receiver))
    assert connections[-1] == connections[-2]


def test_a_relay_that_breaks_pipelining_is_spoken_to_one_command_at_a_time() -> None:
    with Receiver(Switches(refuse_chunks=True)) as receiver:
        pool = Pool(receiver.relay(connections=2, timeouts=QUICK), backoff=SWIFT)
        outcomes = send_by_pool(pool, letters(people(60)))
    assert outcomes.kinds() == {Kind.ACCEPTED: 60}
    assert not pool.manners.pipelining


def test_a_relay_that_swallows_pipelined_commands_is_found_out() -> None:
    with Receiver(Switches(swallow_pipelined=True)) as receiver:
        pool = Pool(receiver.relay(connections=2, timeouts=HASTY), backoff=SWIFT)
        outcomes = send_by_pool(pool, letters(people(60)))
    assert outcomes.kinds() == {Kind.ACCEPTED: 58, Kind.UNKNOWN: 2}
    assert numbers(receiver) == sorted(number for number, outcome in outcomes.items() if outcome.kind is Kind.ACCEPTED)


@pytest.mark.parametrize(
    ("switches", "users", "reason"),
    [
        (Switches(banner=b"421 4.3.2 Busy\r\n"), {}, Reason.RELAY_BUSY),
        (Switches(banner=b"554 5.7.1 Not you\r\n"), {}, Reason.POLICY),
        (Switches(auth=("XOAUTH2",)), {"a": "b"}, Reason.AUTH),
        (Switches(banner=b"nonsense\r\n"), {}, Reason.PROTOCOL),
    ],
)
def test_a_relay_that_lets_no_one_in_gives_the_letters_back(
    switches: Switches, users: dict[str, str], reason: Reason
) -> None:
    with Receiver(switches, users=users) as receiver:
        outcomes = send_by_pool(Pool(receiver.relay(connections=3, timeouts=QUICK), backoff=SWIFT), letters(people(30)))
    assert outcomes.kinds() == {Kind.NOT_SENT: 30}
    assert {outcome.reason for outcome in outcomes.values()} == {reason}


def test_hopeless_faults_are_not_tried_again() -> None:
    with Receiver(Switches(auth=("XOAUTH2",)), users={"a": "b"}) as receiver:
        send_by_pool(Pool(receiver.relay(connections=1, timeouts=QUICK), backoff=SWIFT), letters(people(3)))
    assert receiver.counters.connections == 1


def test_the_waits_double_up_to_their_bound_and_are_spread() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    relay = Relay("127.0.0.1", 1, Security.PLAIN, connections=1, timeouts=QUICK)
    backoff = Backoff(first=1.0, most=5.0, tries=5)
    send_by_pool(Pool(relay, sleep=sleep, share=lambda: 1.0, backoff=backoff), letters(people(1)))
    assert waits == [1.0, 2.0, 4.0, 5.0, 5.0]
    assert backoff.wait(1, 0.0) == 0.5


def test_no_one_waits_for_a_relay_beyond_the_deadline() -> None:
    asked = itertools.count()
    relay = Relay("127.0.0.1", 1, Security.PLAIN, connections=1, timeouts=QUICK)
    outcomes = send_by_pool(Pool(relay, backoff=SWIFT), letters(people(2)), may_start=lambda: next(asked) < 1)
    assert set(outcomes.values()) == {not_sent(Reason.NO_CONNECTION)}


def test_nothing_begins_on_any_connection_after_the_deadline() -> None:
    asked = itertools.count(1)
    with Receiver() as receiver:
        outcomes = send_by_pool(
            Pool(receiver.relay(connections=4, timeouts=QUICK)),
            letters(people(300)),
            may_start=lambda: next(asked) <= 90,
        )
    assert outcomes.kinds() == {Kind.ACCEPTED: 90, Kind.NOT_SENT: 210}
    assert receiver.counters.mail_commands == 90


def test_who_sends_is_told_of_each_letter_before_its_mail_command() -> None:
    async def run(pool: Pool) -> None:
        begun: list[int] = []

        def note(index: int, _outcome: Outcome) -> None:
            assert index in begun

        await pool.send_window(letters(people(100)), may_start=always, on_outcome=note, on_begin=begun.extend)
        await pool.close()
        assert sorted(set(begun)) == list(range(100))

    with Receiver() as receiver:
        asyncio.run(run(Pool(receiver.relay(connections=2, timeouts=QUICK))))


def test_accepted_letters_are_told_many_at_once_and_each_letter_once() -> None:
    async def run(pool: Pool) -> tuple[list[int], Outcomes, int]:
        accepted: list[int] = []
        calls, others = itertools.count(), Outcomes()

        def take(indexes: Sequence[int], outcome: Outcome) -> None:
            assert outcome.kind is Kind.ACCEPTED
            accepted.extend(indexes)
            next(calls)

        names = [f"refuse+{each}@esimerkki.fi" if each % 50 == 7 else name for each, name in enumerate(people(400))]
        await pool.send_window(letters(names), may_start=always, on_outcome=others.note, on_accepted=take)
        await pool.close()
        return accepted, others, next(calls)

    with Receiver() as receiver:
        accepted, others, calls = asyncio.run(run(Pool(receiver.relay(connections=2, timeouts=QUICK))))
    assert sorted([*accepted, *others]) == list(range(400))
    assert calls < len(accepted) / 2
    refused = {index for index, outcome in others.items() if outcome.kind is Kind.REFUSED}
    assert refused == set(range(7, 400, 50))


def test_a_slow_connection_does_not_hold_up_a_finished_window() -> None:
    """The second connection hangs in its greeting; the first one has sent everything long before."""

    async def run(receiver: Receiver) -> float:
        pool = Pool(receiver.relay(connections=2))
        assert await pool.open() is None
        receiver.switches = replace(receiver.switches, banner=b"")
        clock = asyncio.get_running_loop().time
        started = clock()
        await pool.send_window(letters(people(50)), may_start=always, on_outcome=Outcomes().note)
        await pool.close()
        return clock() - started

    with Receiver() as receiver:
        assert asyncio.run(run(receiver)) < 30


def test_a_pool_sends_one_window_at_a_time() -> None:
    async def run(pool: Pool) -> None:
        first = asyncio.ensure_future(
            pool.send_window(letters(people(20)), may_start=always, on_outcome=Outcomes().note)
        )
        await asyncio.sleep(0)
        with pytest.raises(WrongUse) as caught:
            await pool.send_window(letters(people(1)), may_start=always, on_outcome=Outcomes().note)
        assert caught.value.misuse is Misuse.BUSY
        await first
        await pool.close()

    with Receiver() as receiver:
        asyncio.run(run(Pool(receiver.relay(timeouts=QUICK))))


def test_two_letters_with_one_index_are_refused_before_anything_is_sent() -> None:
    items = letters(people(2))
    items[1].index = 0
    with Receiver() as receiver:
        with pytest.raises(WrongUse) as caught:
            send_by_pool(Pool(receiver.relay(timeouts=QUICK)), items)
        assert caught.value.misuse is Misuse.SAME_INDEX
    assert receiver.counters.connections == 0


def test_an_empty_window_opens_nothing() -> None:
    with Receiver() as receiver:
        assert send_by_pool(Pool(receiver.relay(timeouts=QUICK)), []) == {}
    assert receiver.counters.connections == 0


def test_a_fault_of_the_caller_is_not_hidden_and_every_connection_ends() -> None:
    def fail(_index: int, _outcome: Outcome) -> None:
        message = "ours"
        raise LookupError(message)

    async def run(pool: Pool) -> None:
        with pytest.raises(LookupError):
            await pool.send_window(letters(people(100)), may_start=always, on_outcome=fail)
        await pool.close()

    with Receiver() as receiver:
        asyncio.run(run(Pool(receiver.relay(connections=2, timeouts=QUICK))))


def test_a_cancelled_window_answers_for_every_letter() -> None:
    async def run(pool: Pool) -> Outcomes:
        outcomes = Outcomes()
        names = [*people(30), *(f"stall-after-data+{each}@esimerkki.fi" for each in range(4)), *people(100)]
        task = asyncio.ensure_future(pool.send_window(letters(names), may_start=always, on_outcome=outcomes.note))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await pool.close()
        return outcomes

    with Receiver() as receiver:
        outcomes = asyncio.run(run(Pool(receiver.relay(connections=2))))
    assert len(outcomes) == 134
    assert receiver.counters.messages <= outcomes.kinds()[Kind.ACCEPTED] + outcomes.kinds()[Kind.UNKNOWN]
