"""Restricting the processing of a mailbox (GDPR 18): stored and otherwise left alone, until its person was told.

Letters withheld meanwhile are not sent later: a campaign that has passed a contact by never comes back to it.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.register import actions, stop
from luvalla.register.errors import LiftingNotAnnounced, NotRestricted
from luvalla.register.models import Contact, Restriction
from luvalla.register.queries import contacts_of_mailbox
from luvalla.register.stop import StopAnswer
from luvalla.rules.address import Address


def restrict(
    *, address: Address, reason: str, channel: str, actor: Actor, patience: timedelta = stop.PATIENCE
) -> StopAnswer:
    """Restrict a mailbox; no letter starts after the answer. was_known is False where the register doesn't have it.

    Raises ErasuresUnwritable, with nothing done, when the ledger of erasures could not be written.
    """
    return stop.restrict(address=address, reason=reason, channel=channel, actor=actor, patience=patience)


@transaction.atomic
def note_notice_sent(*, address: Address, actor: Actor) -> list[Restriction]:
    """Record that the notice of article 18(3) has left for the person; NotRestricted when there is nothing to lift."""
    return [actions.announce_lifting(contact=each, actor=actor) for each in _restricted(address)]


@transaction.atomic
def lift(*, address: Address, actor: Actor) -> list[Restriction]:
    """Lift the restriction of a mailbox, in whole or not at all.

    Raises NotRestricted, and LiftingNotAnnounced before the notice of article 18(3) has left.
    """
    contacts = list(_restricted(address))
    if not may_be_lifted(address=address):
        raise LiftingNotAnnounced
    return [actions.lift_restriction(contact=each, actor=actor) for each in contacts]


def open_restrictions(*, address: Address) -> QuerySet[Restriction]:
    """Give the restrictions of a mailbox that haven't been lifted."""
    folded = sealer().folded_token(address)
    return Restriction.objects.filter(contact__folded=folded, lifted_at=None).order_by("pk")


def may_be_lifted(*, address: Address) -> bool:
    """Tell whether the person was told that each restriction of the mailbox will be lifted."""
    restrictions = open_restrictions(address=address)
    return restrictions.exists() and not restrictions.filter(notified_at=None).exists()


def _restricted(address: Address) -> QuerySet[Contact]:
    contacts = contacts_of_mailbox(sealer().folded_token(address)).exclude(restricted_at=None).order_by("pk")
    if not contacts.exists():
        raise NotRestricted
    return contacts
