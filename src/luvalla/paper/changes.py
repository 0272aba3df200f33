"""Changes on paper: the rights desk asks, a custodian corrects or marks the item and says so (GDPR 16, 18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record, record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.paper.actions import item_there, note_event, person_of
from luvalla.paper.columns import CHANGE
from luvalla.paper.errors import ReasonMissing
from luvalla.paper.models import CustodyEvent, PaperChange, PaperItem

CHANGES: Final = frozenset({CustodyEvent.What.CORRECTED, CustodyEvent.What.MARKED, CustodyEvent.What.UNMARKED})
Result = PaperChange.Result


@transaction.atomic
def ask_change(
    *, case_ref: str, item: PaperItem, what: str, wanted: str, due_on: date, folded: bytes, actor: Actor
) -> PaperChange:
    """Ask the custodians to correct, mark or unmark an item; it waits on their front page.

    what is one of CHANGES. wanted says in words what is to be written, and is kept sealed until it was done. Asked
    again for the same case, the open question is given.
    """
    standing = PaperChange.objects.filter(case_ref=case_ref, item=item, what=what, answered_at=None).first()
    if standing is not None:
        return standing
    change = PaperChange.objects.create(
        case_ref=case_ref, item=item, what=what, due_on=due_on, folded=folded, sealed=_sealed(wanted, folded)
    )
    facts = {"case": case_ref, "change": what}
    record("paper.ask_change", actor=actor, subject=_subject(change), facts=facts)
    return change


@transaction.atomic
def show_change(*, change: PaperChange, actor: Actor) -> str:
    """Open what is to be written on the paper, for a custodian to read; the look is a row in the ledger."""
    person_of(actor)
    record_look("paper.show_change", actor=actor, subject=_subject(change), purpose="request")
    return _opened(change)


@transaction.atomic
def answer_change(*, change: PaperChange, result: str, why: str = "", actor: Actor) -> PaperChange:
    """Note that an item was corrected or marked, in its own ledger too; or that it can't be, and why.

    A second answer changes nothing. Raises ReasonMissing for an impossibility without one, and for what was done
    ItemDestroyed, ItemPosted, AwaitsWitness and ItemLost.
    """
    person = person_of(actor)
    asked = PaperChange.objects.select_for_update().select_related("item").get(pk=change.pk)
    if asked.answered_at is not None:
        return asked
    if result == Result.IMPOSSIBLE and not why.strip():
        raise ReasonMissing
    if result == Result.DONE:
        note_event(item_there(asked.item), asked.what, person)
    asked.answered_at, asked.answered_by, asked.result = timezone.now(), person, result
    asked.sealed = _sealed(why.strip(), bytes(asked.folded))
    asked.save(update_fields=["answered_at", "answered_by", "result", "sealed"])
    facts = {"case": asked.case_ref, "change": asked.what, "result": result}
    record("paper.answer_change", actor=actor, subject=_subject(asked), facts=facts)
    return asked


@transaction.atomic
def take_answers(case_ref: str) -> list[tuple[PaperChange, str]]:
    """Give the desk the answers of a case that it hasn't had yet, each with its reason, and let the words go."""
    answered = PaperChange.objects.filter(case_ref=case_ref, taken_at=None).exclude(answered_at=None)
    given = [(each, _opened(each)) for each in answered.select_related("item").order_by("pk")]
    answered.update(folded=b"", sealed=b"", taken_at=timezone.now())
    return given


@transaction.atomic
def drop_changes(*, case_ref: str, items: Sequence[PaperItem] = (), actor: Actor) -> int:
    """Take back what nobody waits for any more, of a case or of some of its items; tell how many."""
    asked = PaperChange.objects.filter(case_ref=case_ref, answered_at=None)
    if items:
        asked = asked.filter(item__in=items)
    for each in asked:
        record("paper.drop_question", actor=actor, subject=_subject(each), facts={"case": case_ref})
    count = asked.count()
    asked.delete()
    return count


def open_changes() -> QuerySet[PaperChange]:
    """Give what custodians are asked to correct or mark, the most pressing first."""
    return PaperChange.objects.filter(answered_at=None).select_related("item").order_by("due_on", "pk")


def _sealed(text: str, folded: bytes) -> bytes:
    return sealer().seal(text.encode(), column=CHANGE, token=folded) if text else b""


def _opened(change: PaperChange) -> str:
    sealed = bytes(change.sealed)
    return sealer().open(sealed, column=CHANGE, token=bytes(change.folded)).decode() if sealed else ""


def _subject(change: PaperChange) -> Subject:
    return Subject("paper item", str(change.item.ref))
