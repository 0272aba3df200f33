"""Counting at both ends: our rows and the relay's log have to tell the same story."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import Final

from luvalla.campaigns.models import Campaign
from luvalla.mailroom.models import Delivery
from luvalla.mailroom.queries import progress
from tests.faults.postbox import Postbox
from tests.mailroom.world import assert_sums_are_whole

IN_FLIGHT: Final = 32
"""Letters that one connection may leave unknown when its worker is killed."""
NOT_TAKEN: Final = frozenset({"refused", "expired", "deferred"})


def tell(text: str) -> None:
    """Print what was counted, to be seen with `python -m tests.faults`."""
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted. lost: recorded as accepted, or not at all, and never taken by the relay."""

    contacts: int
    states: Counter[str]
    taken: int
    lost: int
    double: int
    taken_though_refused: int

    def tell(self, fault: str, **figures: object) -> None:
        """Print the counts of a fault."""
        rest = ", ".join(f"{name.replace('_', ' ')} {figure}" for name, figure in figures.items())
        states = ", ".join(f"{state} {number:,}" for state, number in sorted(self.states.items()))
        tell(
            f"{fault}: {self.contacts:,} contacts; our rows: {states}; the relay took {self.taken:,}; "
            f"lost {self.lost}, double {self.double}; {rest}"
        )


def count(campaign: Campaign, box: Postbox, people: dict[int, str], *, is_whole: bool = True) -> Counts:
    """Compare the rows of a campaign with the relay's log.

    people: addresses by contact id, all of them permitted; is_whole: everybody's turn has come.
    """
    rows = dict(Delivery.objects.filter(campaign=campaign).values_list("contact_id", "state"))
    letters = box.letters()
    assert set(letters) <= set(people.values()), "a letter to nobody we know"
    kept = {"accepted", None} if is_whole else {"accepted"}
    lost = [each for each, address in people.items() if rows.get(each) in kept and not letters[address]]
    double = [each for each, address in people.items() if letters[address] > 1 and rows.get(each) != "unknown"]
    though_refused = [each for each, address in people.items() if rows.get(each) in NOT_TAKEN and letters[address]]
    return Counts(len(people), Counter(rows.values()), letters.total(), len(lost), len(double), len(though_refused))


def assert_exact(campaign: Campaign, counts: Counts, *, most_unknown: int) -> None:
    """Check that nobody is lost, nobody got two letters, and that no more is unknown than may be."""
    assert (counts.lost, counts.double, counts.taken_though_refused) == (0, 0, 0)
    assert counts.states["unknown"] <= most_unknown
    assert counts.states["claimed"] == 0
    assert sum(counts.states.values()) == counts.contacts
    assert_sums_are_whole(campaign)
    assert progress(campaign).state == "finished"
