"""The restriction while a correction is looked into (GDPR 18(1)(a)): it ends with the answer, which says so (18(3))."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from luvalla.ledger.actors import SYSTEM
from luvalla.register.queries import parsed
from luvalla.rights import carrying_out
from luvalla.rights.actions.moving import note_event
from luvalla.rights.cases import said
from luvalla.rights.models import DataRequest
from luvalla.rules.address import Address
from luvalla.rules.case_states import Right

ACCURACY: Final = "accuracy"


def is_restricted_meanwhile(request: DataRequest) -> bool:
    """Tell whether a mailbox is restricted for nothing but this request's examination."""
    return any(True for _ in _restricted(request))


def end_meanwhile(request: DataRequest) -> None:
    """Lift it, since the answer that tells of it has left; a restriction for another reason stays."""
    for each in list(_restricted(request)):
        carrying_out.announce_lifting(each, SYSTEM)
        carrying_out.lift(each, SYSTEM)
        note_event(request, "restriction_lifted", actor=SYSTEM)


def _restricted(request: DataRequest) -> Iterator[Address]:
    """Give the mailboxes, the old one and the corrected one, whose only restriction is the examination's."""
    if Right.RECTIFICATION not in request.chosen:
        return
    told = said(request)
    for text in dict.fromkeys(each for each in (told.address, told.new_address) if each):
        if carrying_out.restricted_for(parsed(text)) == {ACCURACY}:
            yield parsed(text)
