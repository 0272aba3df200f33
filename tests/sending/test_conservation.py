"""Whatever a relay does, every letter has one outcome, and both ends agree on it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from luvalla.sending.outcome import Kind
from luvalla.sending.pool import Backoff, Pool
from luvalla.sending.testing import Receiver, Switches
from tests.sending.postbox import QUICK, letters, send, send_by_pool

ACTS = [
    "refuse-550-5.1.1",
    "refuse-554",
    "refuse-503-5.5.1",
    "refuse-data-554-5.6.0",
    "defer-451-4.3.0",
    "defer-data-452-4.2.2",
    "busy-421",
    "busy-data-421",
    "drop-before-data",
    "drop-during-data",
    "drop-after-data",
    "stall",
    "stall-after-data",
    "garbage",
    "garbage-after-data",
    "essay",
    "endless",
]
SPOILING = {
    "drop-before-data",
    "drop-during-data",
    "drop-after-data",
    "stall",
    "stall-after-data",
    "garbage",
    "garbage-after-data",
    "endless",
}

recipients = st.lists(st.sampled_from(["asiakas"] * 12 + ACTS), min_size=1, max_size=60).map(
    lambda names: [f"{name}+{number}@esimerkki.fi" for number, name in enumerate(names)]
)
servers = st.builds(
    Switches,
    pipelining=st.booleans(),
    chunking=st.booleans(),
    eight_bit=st.booleans(),
    size=st.sampled_from([0, 10_000_000]),
    status_codes=st.booleans(),
    refuse_chunks=st.sampled_from([False, False, False, True]),
    swallow_pipelined=st.sampled_from([False, False, False, False, True]),
    messages_a_connection=st.sampled_from([0, 0, 7]),
)
IMPATIENT = QUICK.scaled(0.1)


def agree(outcomes: dict[int, object], kinds: dict[int, Kind], receiver: Receiver) -> None:
    """Compare both ends."""
    kept = Counter(int(message.data.split()[1]) for message in receiver.messages)
    assert set(outcomes) == set(kinds)
    assert max(kept.values(), default=1) == 1, "a letter was kept twice"
    for number, kind in kinds.items():
        if kind is Kind.ACCEPTED:
            assert number in kept, "accepted, but not kept"
        elif kind is not Kind.UNKNOWN:
            assert number not in kept, f"{kind}, but kept"
    for message in receiver.messages:
        number = int(message.data.split()[1])
        assert message.sender == b"paluu+%d@esimerkki.fi" % number
        assert message.recipients[0].partition(b"@")[0].endswith(b"+%d" % number)


@settings(max_examples=60)
@given(
    names=recipients, switches=servers, window=st.sampled_from([1, 2, 7, 32]), limit=st.sampled_from([10**6, 10**6, 20])
)
def test_on_one_connection_both_ends_agree(names: list[str], switches: Switches, window: int, limit: int) -> None:
    asked = iter(range(limit))
    items = letters(names)
    with Receiver(switches) as receiver:
        outcomes = send(
            receiver.relay(window=window, timeouts=IMPATIENT), items, may_start=lambda: next(asked, None) is not None
        )
    agree(dict(outcomes), {number: outcome.kind for number, outcome in outcomes.items()}, receiver)
    assert len(outcomes) == len(items)


@settings(max_examples=40)
@given(
    names=recipients,
    switches=servers,
    connections=st.integers(1, 4),
    security=st.sampled_from(["plain", "plain", "tls"]),
)
def test_over_a_pool_both_ends_agree_and_what_can_arrive_does(
    names: list[str], switches: Switches, connections: int, security: str
) -> None:
    with Receiver(switches, security=security) as receiver:
        pool = Pool(receiver.relay(connections=connections, timeouts=IMPATIENT), backoff=Backoff(0.001, 0.01, 8))
        outcomes = send_by_pool(pool, letters(names))
    agree(dict(outcomes), {number: outcome.kind for number, outcome in outcomes.items()}, receiver)
    if not any(name.partition("+")[0] in SPOILING for name in names) and not switches.swallow_pipelined:
        plain = {number for number, name in enumerate(names) if name.startswith(("asiakas", "essay"))}
        assert {outcomes[number].kind for number in plain} <= {Kind.ACCEPTED, Kind.DEFERRED}
