"""Carrying one right of a request out, once: its event in the case says that it is done."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.register.queries import parsed
from luvalla.rights import carrying_out
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.cases import address_of_requester, mailbox_now, said
from luvalla.rights.copies.packing import pack
from luvalla.rights.disclosees import TOLD_TO_OTHERS, is_proved, note_disclosees
from luvalla.rights.links import has_copy, make_link
from luvalla.rights.models import DataRequest, SecureLink
from luvalla.rights.paper_to_change import REACHING_PAPER, note_paper_about
from luvalla.rights.queries import events_now
from luvalla.rights.restricted import note_restrictions
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import Prohibited

COPIES: Final = frozenset({Right.ACCESS, Right.PORTABILITY})
GOES_AT_ONCE: Final = frozenset({Right.ERASURE})
"""Rights that no other system's hold delays here: this register lets the row go as soon as it is known who asks."""


def carry_out_at_once(request: DataRequest) -> None:
    """Erase from this register what can go before the rest is decided, unless a copy is to be made of it first."""
    if request.identity < 1 or COPIES & set(request.chosen):
        return
    for right in GOES_AT_ONCE & set(request.chosen):
        carry_one_out(request, right)


def carry_one_out(request: DataRequest, right: Right) -> bool:
    """Do it in the stores; False when it has to be tried again. What the events say is done is not done twice."""
    if events_now(request).filter(kind="carried_out", after=right).exists():
        return True
    if right in TOLD_TO_OTHERS:
        note_disclosees(request)
    if right in REACHING_PAPER:
        note_paper_about(request)
    ref = ""
    if right in COPIES:
        _deliver(request)
    else:
        address = address_of_requester(request)
        if address is not None:
            done = _in_stores(request, right)
            if not done.finished:
                return False
            ref = done.ref
    with transaction.atomic():
        note_event(request, "carried_out", after=right, actor=SYSTEM)
        if right is Right.RESTRICTION:
            note_restrictions(request)
        record("rights.carry_out", actor=SYSTEM, subject=subject_of(request), facts={"right": right.value, "stop": ref})
    return True


def _in_stores(request: DataRequest, right: Right) -> carrying_out.Done:
    told, address = said(request), mailbox_now(request)
    assert address is not None
    wish = carrying_out.Wish(
        address=address,
        channel=request.channel,
        new_address=parsed(told.new_address) if told.new_address else None,
        kinds=Prohibited(request.prohibited),
        keep_token=told.keep_token,
        is_proved=is_proved(request),
    )
    return carrying_out.carry_out(right, wish)


@transaction.atomic
def _deliver(request: DataRequest) -> None:
    """Seal the pack into a link. It is made once for access and portability together."""
    if not has_copy(request):
        make_link(request, SecureLink.Kind.DELIVER, content=pack(request), actor=SYSTEM)
