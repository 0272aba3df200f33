"""Letters that wait for their turn at the receiving domain, because it takes only so many of ours at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import ceil
from typing import Final

from luvalla.mailroom.gateways import Gateway
from luvalla.mailroom.limits import Limits, my_share, read_owners
from luvalla.mailroom.pace import domain_number, reserve_domains
from luvalla.sending.item import Item

LONGEST: Final = 600
"""Seconds after which a letter asks again, however many stand before it."""


def hold_back(
    gateway: Gateway, items: Sequence[Item], *, owner: str, key: bytes
) -> tuple[Sequence[Item], dict[int, int]]:
    """Sort a window: the items that may go now, and the seconds after which each of the others may ask again."""
    limits = gateway.limits
    if not limits.by_domain:
        return items, {}
    queues: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        queues[domain_number(item.recipient, key)].append(item)
    most = _most_at_once(limits, owner)
    rooms = {domain: len(queue) if most is None else min(most, len(queue)) for domain, queue in queues.items()}
    if limits.domain_pace:
        rooms = reserve_domains(gateway.relay_id, limits.domain_pace, rooms)
    going = [item for domain, queue in queues.items() for item in queue[: rooms[domain]]]
    waiting = {
        item.index: _seconds(limits, place)
        for domain, queue in queues.items()
        for place, item in enumerate(queue[rooms[domain] :], start=1)
    }
    return sorted(going, key=lambda item: item.index), waiting


def _most_at_once(limits: Limits, owner: str) -> int | None:
    """Give this worker's part of the letters that may be on their way to one domain; None where that isn't limited."""
    return my_share(limits.domain_at_once, owner=owner, owners=read_owners()) if limits.domain_at_once else None


def _seconds(limits: Limits, place: int) -> int:
    """Tell when the letter at that place of the queue may ask again."""
    return min(LONGEST, ceil(place / limits.domain_pace.a_second)) if limits.domain_pace else 1
