"""Limits count networks without keeping their addresses."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from luvalla.public.limits import MOST_COUNTERS, NetworkLimit, network_of


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_a_network_is_refused_after_its_share_and_allowed_again_later() -> None:
    clock = Clock()
    limit = NetworkLimit(3, seconds=60, clock=clock)
    assert [limit.allows("192.0.2.0/24") for _ in range(4)] == [True, True, True, False]
    assert limit.allows("198.51.100.0/24")
    clock.now = 61
    assert limit.allows("192.0.2.0/24")


def test_no_address_is_kept() -> None:
    limit = NetworkLimit(3, seconds=60)
    limit.allows("192.0.2.0/24")
    assert "192.0.2" not in repr(vars(limit))


def test_the_key_is_new_every_day_and_the_memory_is_bounded() -> None:
    clock = Clock()
    limit = NetworkLimit(1, seconds=1e9, clock=clock)
    key = limit._key
    limit.allows("192.0.2.0/24")
    clock.now = 86_401
    limit.allows("192.0.2.0/24")
    assert limit._key != key
    for number in range(MOST_COUNTERS + 5):
        limit.allows(str(number))
    assert len(limit._counts) <= MOST_COUNTERS + 1


@pytest.mark.parametrize(
    ("direct", "forwarded", "network"),
    [
        ("192.0.2.77", "", "192.0.2.0/24"),
        ("2001:db8:1:2::9", "", "2001:db8:1::/48"),
        ("::ffff:192.0.2.9", "", "192.0.2.0/24"),
        ("192.0.2.77", "203.0.113.9", "192.0.2.0/24"),
        ("127.0.0.1", "198.51.100.4, 203.0.113.9", "203.0.113.0/24"),
        ("127.0.0.1", "", ""),
        ("::1", "nonsense", ""),
        ("", "", ""),
    ],
)
def test_the_network_is_the_proxys_word_only_where_the_proxy_is_ours(direct: str, forwarded: str, network: str) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert network_of(RequestFactory(REMOTE_ADDR=direct).get("/", headers=headers)) == network
