"""Postfix as the relay: what it logs is what we were told."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from luvalla.sending.outcome import Kind, Reason
from luvalla.sending.pool import Pool
from luvalla.sending.relay import Relay, Security
from tests.sending.postbox import letters, send, send_by_pool
from tests.sending.postfix import Postfix, running_postfix

pytestmark = [
    pytest.mark.needs_postfix,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start Postfix"),
]


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    """Give a fresh Postfix."""
    with running_postfix() as running:
        yield running


def relay_of(postfix: Postfix, *, pipelining: bool = True) -> Relay:
    """Send to it."""
    return Relay("127.0.0.1", postfix.port, Security.PLAIN, pipelining=pipelining, connections=3)


def test_every_letter_of_a_pipelined_window_is_taken_once_under_its_own_return_path(postfix: Postfix) -> None:
    names = [f"asiakas{number}@example.com" for number in range(500)]
    outcomes = send_by_pool(Pool(relay_of(postfix)), letters(names))
    assert outcomes.kinds() == {Kind.ACCEPTED: 500}
    expected = [(f"paluu+{number}@esimerkki.fi", name) for number, name in enumerate(names)]
    assert sorted(postfix.deliveries(500)) == sorted(expected)


@pytest.mark.parametrize("pipelining", [True, False])
def test_refused_neighbours_leave_the_other_letters_of_a_window_alone(postfix: Postfix, *, pipelining: bool) -> None:
    names = [f"asiakas{number}@example.com" for number in range(60)]
    names[7::12] = ["refused@example.com"] * 5
    names[5::20] = ["deferred@example.com"] * 3
    outcomes = send(relay_of(postfix, pipelining=pipelining), letters(names))
    assert outcomes.kinds() == {Kind.ACCEPTED: 52, Kind.REFUSED: 5, Kind.DEFERRED: 3}
    assert {outcomes[number].reason for number in range(7, 60, 12)} == {Reason.MAILBOX_GONE}
    expected = [(f"paluu+{number}@esimerkki.fi", name) for number, name in enumerate(names) if name.startswith("a")]
    assert sorted(postfix.deliveries(52)) == sorted(expected)
