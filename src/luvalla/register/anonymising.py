"""Making anonymous (claims S47, X6): what is left are sums, and a sum is shown only of at least ten people.

A hash of an address is not anonymous: whoever has the address can make it again. So nothing derived from an address may
stand in a table of sums, by whatever key, and the stop's erasure leaves no proof either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from luvalla.register.models import ErasedTotal
from luvalla.register.stop import anonymise

__all__ = ["AT_LEAST", "anonymise", "anonymous_totals", "shown_totals"]
AT_LEAST: Final = 10
"""How many people a published sum has to stand for."""
Group = TypeVar("Group")


def shown_totals(groups: Mapping[Group, int]) -> dict[Group, int | None]:
    """Give sums of people by group as they may be shown: None for a group of fewer than ten.

    Where exactly one group would be hidden, the smallest of the others is hidden with it: the sum of all less the
    shown ones would tell the hidden one.
    """
    hidden = {group for group, people in groups.items() if 0 < people < AT_LEAST}
    if len(hidden) == 1:
        others = [group for group, people in groups.items() if group not in hidden and people]
        hidden |= set(_smallest(others, groups))
    return {group: None if group in hidden else people for group, people in groups.items()}


def anonymous_totals() -> dict[tuple[str, str], int | None]:
    """Give the sums of contacts made anonymous, by permission kind and audience, as they may be shown."""
    rows = ErasedTotal.objects.order_by("kind", "audience__key").values_list("kind", "audience__key", "contacts")
    return shown_totals({(kind, audience): contacts for kind, audience, contacts in rows})


def _smallest(groups: Iterable[Group], sums: Mapping[Group, int]) -> list[Group]:
    return sorted(groups, key=lambda each: sums[each])[:1]
