"""Being forgotten altogether (claim S48): after the erasure the suppression's token goes too.

It goes once every source has confirmed that it has erased the address: until then the token is what keeps the next
export from bringing it back. The ledger of erasures keeps it until no backup can bring it back either (35 days).
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.erasures import Entry, Operation
from luvalla.ledger.vault import sealer
from luvalla.register import stop
from luvalla.register.models import Contact, Forgetting, Prohibition, SourceNotice, StagedProhibition, Stop, Suppression
from luvalla.rules.address import Address


class Forgotten(NamedTuple):
    """How far a forgetting has come."""

    ref: str
    finished: bool
    """False when a window still held the contact: no new letter starts, and the rest follows within a minute."""
    waits_for_sources: int
    """How many sources have not confirmed yet; with none the token is gone already."""


def forget(*, address: Address, channel: str, is_of_case: bool = False, actor: Actor) -> Forgotten:
    """Erase a mailbox from all stores and have its token removed too, as soon as its sources have confirmed.

    After that a source that delivers the address again brings it back: the person is told so before they choose.
    Raises ErasuresUnwritable, with nothing done, like every stop.
    """
    answer = stop.erase(address=address, channel=channel, is_of_case=is_of_case, actor=actor)
    folded = sealer().folded_token(address)
    with transaction.atomic():
        waiting = SourceNotice.objects.filter(folded=folded, handled_at=None).values_list("ref", flat=True)
        wish = Forgetting.objects.create(folded=folded, notices=[str(each) for each in waiting])
        record("register.ask_to_forget", actor=actor, subject=_subject(wish), facts={"sources": len(wish.notices)})
    forget_token_after_source_confirmed(ref=str(wish.ref), actor=actor)
    return Forgotten(str(wish.ref), answer.finished, len(unconfirmed(wish)))


def forget_token_after_source_confirmed(*, ref: str = "", actor: Actor = SYSTEM) -> int:
    """Remove the tokens of those whose erasure every source has confirmed, and is finished here; tell how many.

    Looks at all wishes, or at one.
    """
    wishes = Forgetting.objects.filter(forgotten_at=None)
    if ref:
        wishes = wishes.filter(ref=ref)
    return sum(_forget_token(each, actor) for each in wishes.order_by("pk"))


def unconfirmed(wish: Forgetting) -> list[str]:
    """Give the references of the notices that no source has handled yet; a notice that ran out was not handled."""
    handled = SourceNotice.objects.filter(ref__in=wish.notices).exclude(handled_at=None)
    return sorted(set(wish.notices) - {str(each) for each in handled.values_list("ref", flat=True)})


@transaction.atomic
def _forget_token(wish: Forgetting, actor: Actor) -> bool:
    folded = bytes(wish.folded)
    if unconfirmed(wish) or Stop.objects.filter(folded=folded, answered_at=None).exists():
        return False
    if not Contact.objects.filter(folded=folded).exists():
        # Whoever has signed up again since has taken the wish back: their bans count.
        erasures.append([Entry(Operation.FORGET, (folded,))])
        remove_tokens(folded)
    wish.folded, wish.notices, wish.forgotten_at = b"", [], timezone.now()
    wish.save(update_fields=["folded", "notices", "forgotten_at"])
    record("register.forget_token", actor=actor, subject=_subject(wish))
    return True


def remove_tokens(folded: bytes) -> int:
    """Remove what keeps a mailbox away, in the caller's transaction; tell how many rows went."""
    suppressions, _ = Suppression.objects.filter(token=folded, scope=Suppression.MAILBOX).delete()
    prohibitions, _ = Prohibition.objects.filter(folded=folded).delete()
    staged, _ = StagedProhibition.objects.filter(folded=folded).delete()
    return suppressions + prohibitions + staged


def _subject(wish: Forgetting) -> Subject:
    return Subject("forgetting", str(wish.ref))
