"""What lies on paper about people: found with every search of the rights desk (GDPR 15, 17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from luvalla.paper.days import KEPT_DAYS
from luvalla.paper.destruction import KEEPING
from luvalla.paper.models import PaperItem
from luvalla.paper.queries import (
    description_of,
    items_of_mailbox,
    items_past_their_time,
    items_to_erase,
    lost_items_past_their_time,
)
from luvalla.rules.ports import Found, Holding, Keeping, Person


def _forget_lost(now: datetime) -> int:
    return lost_items_past_their_time(timezone.localdate(now)).update(folded=b"", sealed=b"")


KEEPINGS: Final = (
    KEEPING,
    Keeping("paper", lambda now: items_past_their_time(timezone.localdate(now)).count(), None, late=timedelta(days=7)),
    Keeping(
        "lost_paper", lambda now: lost_items_past_their_time(timezone.localdate(now)).count(), _forget_lost,
        late=timedelta(days=2),
    ),
)  # fmt: skip
"""Paper is destroyed by people before a witness: the schedule only tells of it, and erases what describes the lost."""


class PaperHolding(Holding):
    """The ledger of paper: what was printed or came on paper, and the questions put to custodians."""

    name = "paper"
    models: tuple[str, ...] = ("paper.PaperItem", "paper.PaperSearch", "paper.PaperChange")
    retention = (
        f"Prints {KEPT_DAYS[PaperItem.Origin.PRINTED]} days, letters that came on paper "
        f"{KEPT_DAYS[PaperItem.Origin.RECEIVED]} days, paper of a request as long as what was said in it; destroyed "
        "before a witness. What describes an item goes with it; a question to a custodian goes with its answer."
    )

    def find(self, person: Person) -> list[Found]:
        """List the paper about the person. Paper that names nobody's mailbox is found by a custodian's search."""
        return [
            Found(
                kind="paper item",
                ref=str(each.ref),
                at=each.made_at,
                content={
                    "number": str(each),
                    "kind": each.kind,
                    "origin": each.origin,
                    "pages": each.pages,
                    "description": description_of(each),
                    "kept_until": each.keep_until.isoformat() if each.keep_until else "",
                },
            )
            for each in items_of_mailbox(person.folded).order_by("pk")
        ]

    def erase(self, person: Person) -> int:
        """Forget whom the paper is about, and have it destroyed now: a custodian finds it by its number.

        Paper of a request stays as long as what was said in it, as proof of how it was answered (GDPR 5(2),
        17(3)(e)), and so do the questions about it.
        """
        yesterday = timezone.localdate() - timedelta(days=1)
        gone = items_to_erase(person.folded).order_by()
        return gone.update(folded=b"", sealed=b"", keep_until=Least(F("keep_until"), yesterday))

    def erase_together(self, people: Sequence[Person]) -> list[int]:
        """Forget those of whom there is paper; of most people there is none."""
        items = PaperItem.objects.filter(folded__in=[each.folded for each in people])
        on_paper = {bytes(each) for each in items.values_list("folded", flat=True)}
        return [self.erase(each) if each.folded in on_paper else 0 for each in people]


PAPER: Final[Holding] = PaperHolding()
