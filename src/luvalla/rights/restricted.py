"""Which restrictions a case is about, whether they still stand, and where their mailbox is now (GDPR 18).

A case notes the number of each restriction that it has brought about. Whatever becomes of the address, by its own
correction or another's, the number leads to the contact. Somebody whom only paper knows has no contact: there the case
itself is what stands, until it says that the restriction was lifted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from luvalla.ledger.actors import SYSTEM
from luvalla.register.models import Contact, Restriction
from luvalla.register.queries import open_address, parsed
from luvalla.rights.actions.moving import note_event
from luvalla.rights.cases import address_of_requester
from luvalla.rights.models import CaseEvent, DataRequest
from luvalla.rules.address import Address

NOTED: Final = "restriction_noted"
"""Names the restriction by its number, or by nothing where it stands on paper only."""
LIFTED: Final = "restriction_lifted"
ON_PAPER_ONLY: Final = ""


def note_restrictions(request: DataRequest) -> None:
    """Note what of the mailbox is restricted, each once, in the caller's transaction."""
    standing = Restriction.objects.filter(contact__in=restricted_contacts(request), lifted_at=None)
    noted = set(request.events.filter(kind=NOTED).values_list("after", flat=True))
    for number in standing.order_by("pk").values_list("pk", flat=True):
        if str(number) not in noted:
            note_event(request, NOTED, after=str(number), actor=SYSTEM)


def note_on_paper_only(request: DataRequest) -> None:
    """Note that paper is restricted, in the caller's transaction, where the register has nothing of the person."""
    if not is_standing(request):
        note_event(request, NOTED, after=ON_PAPER_ONLY, actor=SYSTEM)


def is_standing(request: DataRequest) -> bool:
    """Tell whether a restriction that the request is about is in force."""
    return began_at(request) is not None


def began_at(request: DataRequest) -> datetime | None:
    """Tell since when it is; None where none is."""
    newest = restricted_contacts(request).order_by("-restricted_at").first()
    if newest is not None:
        return newest.restricted_at
    on_paper = events_since_lifted(request).filter(kind=NOTED, after=ON_PAPER_ONLY).order_by("-pk").first()
    return on_paper.at if on_paper is not None else None


def restricted_mailboxes(request: DataRequest) -> list[Address]:
    """Give the restricted mailboxes that the request is about, as they are now: its own first, then corrected ones."""
    own, folded = address_of_requester(request), bytes(request.folded)
    by_mailbox = {bytes(each.folded): each for each in restricted_contacts(request)}
    corrected = [parsed(open_address(each)) for token, each in by_mailbox.items() if token != folded]
    return [own, *corrected] if own is not None and folded in by_mailbox else corrected


def restricted_contacts(request: DataRequest) -> QuerySet[Contact]:
    """Give the restricted contacts of the requester's mailbox, and those of restrictions that the case has noted."""
    noted = request.events.filter(kind=NOTED).exclude(after=ON_PAPER_ONLY).values_list("after", flat=True)
    numbered = Restriction.objects.filter(pk__in=[int(each) for each in noted], lifted_at=None)
    meant = Q(pk__in=numbered.values("contact"))
    if request.folded:
        meant |= Q(folded=bytes(request.folded))
    return Contact.objects.filter(meant).exclude(restricted_at=None).order_by("pk")


def events_since_lifted(request: DataRequest) -> QuerySet[CaseEvent]:
    """Give what has happened since a restriction was last lifted in the case: a notice of that one counts no more."""
    last = request.events.filter(kind=LIFTED).order_by("-pk").first()
    return request.events.filter(pk__gt=last.pk) if last is not None else request.events.all()


def under_restriction() -> QuerySet[DataRequest]:
    """Give the requests about a restriction that is in force."""
    mailboxes = Contact.objects.exclude(restricted_at=None).values("folded")
    later = CaseEvent.objects.filter(kind=LIFTED, request=OuterRef("request"), pk__gt=OuterRef("pk"))
    on_paper = CaseEvent.objects.filter(~Exists(later), kind=NOTED, after=ON_PAPER_ONLY)
    numbered = _noting(Restriction.objects.filter(lifted_at=None))
    return DataRequest.objects.filter(
        Q(folded__in=mailboxes) | Q(pk__in=on_paper.values("request")) | Q(pk__in=numbered.values("request"))
    )


def once_restricted() -> QuerySet[DataRequest]:
    """Give the requests whose restriction was lifted, leaving those whose person was erased since."""
    on_paper = CaseEvent.objects.filter(kind=NOTED, after=ON_PAPER_ONLY)
    numbered = _noting(Restriction.objects.exclude(lifted_at=None))
    meant = (
        Q(folded__in=Contact.objects.values("folded"))
        | Q(pk__in=on_paper.values("request"))
        | Q(pk__in=numbered.values("request"))
    )
    return DataRequest.objects.filter(meant).exclude(pk__in=under_restriction().values("pk"))


def _noting(restrictions: QuerySet[Restriction]) -> QuerySet[CaseEvent]:
    numbers = restrictions.annotate(number=Cast("pk", CharField())).values("number")
    return CaseEvent.objects.filter(kind=NOTED, after__in=numbers)
