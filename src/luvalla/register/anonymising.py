"""Making anonymous (claims S47, X6): what is left are sums, and a sum is shown only of at least ten people.

A hash of an address is not anonymous: whoever has the address can make it again. So nothing derived from an address may
stand in a table of sums, by whatever key, and the stop's erasure leaves no proof either.
"""

from __future__ import annotations

from luvalla.register.models import ErasedTotal
from luvalla.register.stop import anonymise
from luvalla.rules.groups import told_apart

__all__ = ["anonymise", "anonymous_totals", "sums"]


def sums() -> dict[tuple[str, str], int]:
    """Give the sums of contacts made anonymous, by permission kind and audience.

    A sum grows by ten people at least: whoever sees it before and after one of them learns nothing of that one. A group
    in which so many have not come together yet is not among them.
    """
    rows = (
        ErasedTotal.objects.filter(contacts__gt=0)
        .order_by("kind", "audience__key")
        .values_list("kind", "audience__key", "contacts")
    )
    return {(kind, audience): contacts for kind, audience, contacts in rows}


def anonymous_totals() -> dict[tuple[str, str], int | None]:
    """Give them as they may be shown: None for one that would tell a small group, by itself or by their sum."""
    return told_apart(sums())
