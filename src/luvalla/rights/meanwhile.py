"""The restriction while a correction is looked into (GDPR 18(1)(a)): told to others, and ended by the answer (18(3)).

It takes effect for whoever asks. Those who were given the data are told of it once the mailbox has proved itself
(GDPR 19): a stranger has nobody's data restricted elsewhere. It is told as a change outside the case, since the case's
own notices wait for its decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import transaction

from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.register.disclosee_notices import note_changes
from luvalla.register.models import DiscloseeNotice, Restriction
from luvalla.register.queries import contacts_of_mailbox
from luvalla.rights import carrying_out
from luvalla.rights.actions.moving import note_event
from luvalla.rights.cases import address_of_requester
from luvalla.rights.disclosees import is_proved
from luvalla.rights.models import DataRequest
from luvalla.rights.queries import events_now, same_person
from luvalla.rights.restricted import LIFTED, note_restrictions, restricted_mailboxes
from luvalla.rules.address import Address
from luvalla.rules.case_states import Right, State

CONTESTED: Final = frozenset({Right.RECTIFICATION})
"""Rights during whose examination the processing is restricted (GDPR 18(1)(a))."""
NOT_EXAMINED: Final = (State.RECEIVED, State.REOPENED, State.WITHDRAWN_BY_SUBJECT)
"""Open states in which nothing is looked into: not yet, or no more."""
BEGAN: Final = "restricted_meanwhile"
TOLD: Final = "meanwhile_told"


def begin_meanwhile(request: DataRequest, *, actor: Actor) -> None:
    """Restrict the processing of the mailbox while its correction is looked into; nothing where it is restricted."""
    address = address_of_requester(request)
    if address is None or not CONTESTED & set(request.chosen):
        return
    before = carrying_out.restricted_for(address)
    carrying_out.restrict_meanwhile(address, reason=Restriction.ACCURACY, channel=request.channel)
    with transaction.atomic():
        note_restrictions(request)
        if not before and carrying_out.restricted_for(address):
            note_event(request, BEGAN, actor=actor)
            tell_meanwhile(request)


def tell_meanwhile(request: DataRequest) -> None:
    """Have those who were given the data told of it, in the caller's transaction; once, and not for a stranger."""
    happened = events_now(request)
    if not is_proved(request) or not happened.filter(kind=BEGAN).exists() or happened.filter(kind=TOLD).exists():
        return
    contacts = list(contacts_of_mailbox(bytes(request.folded)).exclude(restricted_at=None))
    if note_changes(contacts, kind=DiscloseeNotice.Kind.RESTRICTION):
        note_event(request, TOLD, actor=SYSTEM)


def is_restricted_meanwhile(request: DataRequest) -> bool:
    """Tell whether a mailbox is restricted for nothing but this request's examination."""
    return any(True for _ in _restricted(request))


def end_meanwhile(request: DataRequest) -> None:
    """Lift it, since the answer that tells of it has left; a restriction for another reason stays."""
    for each in list(_restricted(request)):
        carrying_out.announce_lifting(each, SYSTEM)
        carrying_out.lift(each, SYSTEM)
        note_event(request, LIFTED, actor=SYSTEM)


def _restricted(request: DataRequest) -> Iterator[Address]:
    """Give the mailboxes, corrected or not, whose only restriction is this examination's."""
    if not CONTESTED & set(request.chosen) or _is_examined_elsewhere(request):
        return
    for each in restricted_mailboxes(request):
        if carrying_out.restricted_for(each) == {Restriction.ACCURACY}:
            yield each


def _is_examined_elsewhere(request: DataRequest) -> bool:
    """Tell whether another request of the mailbox is still looked into, so that the restriction stays for that one."""
    others = same_person(request).filter(replied_at=None).exclude(state__in=NOT_EXAMINED)
    return any(CONTESTED & set(each.chosen) for each in others)
