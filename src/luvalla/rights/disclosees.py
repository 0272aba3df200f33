"""Who is told of what a request has changed (GDPR 19): those to whom this person's data was disclosed, and nobody else.

They are noted before anything is carried out, since an erasure takes along what tells who they are.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import transaction

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.vault import sealer
from luvalla.organisation.models import Disclosee
from luvalla.register.disclosures import disclosed_to
from luvalla.rights.actions.moving import note_event
from luvalla.rights.cases import mailbox_now, open_text
from luvalla.rights.columns import EVENT
from luvalla.rights.models import DataRequest
from luvalla.rights.queries import events_now
from luvalla.rules.case_states import Right

TOLD_TO_OTHERS: Final = {
    Right.RECTIFICATION: Right.RECTIFICATION,
    Right.RESTRICTION: Right.RESTRICTION,
    Right.ERASURE: Right.ERASURE,
    Right.FORGETTING: Right.ERASURE,
    Right.ANONYMISATION: Right.ERASURE,
    # An objection to marketing erases too, once the mailbox has proved itself (GDPR 17(1)(c)).
    Right.OBJECTION: Right.ERASURE,
}
"""Rights that those who were given the data are told of, and what they are to do themselves."""
NOTED: Final = "recipients_noted"
"""The event's kind as it stands in cases; noted ones keep their word."""


@transaction.atomic
def note_disclosees(request: DataRequest) -> None:
    """Note in the case to whom the person's data was disclosed; once, since a request arrived or was opened again."""
    if events_now(request).filter(kind=NOTED).exists():
        return
    address = mailbox_now(request)
    names = [each.name for each in disclosed_to(sealer().folded_token(address) if address is not None else b"")]
    note_event(request, NOTED, after=str(len(names)), note="\n".join(names), actor=SYSTEM)


def disclosees_of(request: DataRequest) -> list[Disclosee]:
    """Give those who are to be told, in the order they were recorded."""
    noted = events_now(request).filter(kind=NOTED).order_by("pk").first()
    if noted is None:
        return []
    names = open_text(bytes(noted.sealed), column=EVENT, folded=bytes(request.folded)).splitlines()
    return list(Disclosee.objects.filter(name__in=names).order_by("pk"))


def changes_to_tell(request: DataRequest, granted: Collection[Right]) -> list[Right]:
    """Give what others are told of what is granted.

    An objection erases only where the mailbox itself, or a letter's own link, has asked.

    Each change is named once.
    """
    chosen = [each for each in granted if each is not Right.OBJECTION or is_proved(request)]
    return list(dict.fromkeys(TOLD_TO_OTHERS[each] for each in chosen if each in TOLD_TO_OTHERS))


def is_proved(request: DataRequest) -> bool:
    """Tell whether the mailbox itself, or a letter's own link, has asked."""
    return request.identity > 0 or request.channel == DataRequest.Channel.STOP_LINK
