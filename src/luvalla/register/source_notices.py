"""Telling the sources: every withdrawal and erasure goes back to where the address came from (GDPR 19).

A prohibition goes to every source, known here or not, since what is forbidden may happen there as well.

A notice is sealed until staff, or the source itself, fetch it; once it was handled there, its address goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record, record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.register.columns import CORRECTED, SOURCE_NOTICE
from luvalla.register.errors import ReasonMissing
from luvalla.register.models import Contact, Permission, Source, SourceNotice, Stop
from luvalla.register.queries import IN_FORCE, whole_address
from luvalla.register.seen import keep_seen
from luvalla.register.tables import table
from luvalla.rules.address import Address
from luvalla.rules.purposes import MARKETING, LookedAtFor, Prohibited

PROHIBITION: Final = Stop.Kind.PROHIBITION.value
COMPANY_DOMAIN: Final = "company_domain"
"""Kind of a notice whose address is a bare domain: nobody there is written to any more."""
COLUMNS = ("notice", "address", "kind", "prohibited", "since", "corrected")


def open_notices(source: Source | None = None) -> QuerySet[SourceNotice]:
    """Give the notices that no source has handled yet, oldest first; an import's count from its flip on."""
    counts = Q(batch=None) | Q(batch__state__in=IN_FORCE)
    waiting = SourceNotice.objects.filter(counts, handled_at=None).select_related("source").order_by("pk")
    return waiting if source is None else waiting.filter(source=source)


def note_for_sources(
    contact: Contact, *, kind: str, prohibited: Prohibited = Prohibited.NOTHING, corrected: str = ""
) -> int:
    """Write a notice for each source a contact came from, in the caller's transaction; tell how many.

    A correction also carries the right address.

    The site's own sign-up is no source that could be told: it is this register. Nor can it be said of an address that
    nobody can read any more.
    """
    sources = Source.objects.filter(permission__contact=contact, is_sign_up=False).distinct()
    address, folded = whole_address(contact), bytes(contact.folded)
    if address is None:
        return 0
    return sum(
        note_for_source(source, address=address, folded=folded, kind=kind, prohibited=prohibited, corrected=corrected)
        for source in sources
    )


def note_prohibition(
    contacts: Sequence[Contact], *, folded: bytes, address: Address | None, prohibited: Prohibited
) -> int:
    """Write the notices of a prohibition, in the caller's transaction; tell how many.

    It goes to every source, also where nobody here came from it: the source may sell to somebody whom this register
    doesn't know. To a source that doesn't know the mailbox either it says nothing but the wish. What is kept is sealed,
    and goes when the source has handled it, or with the other notices' time.
    """
    written = sum(note_for_sources(each, kind=PROHIBITION, prohibited=prohibited) for each in contacts)
    if address is None:
        return written
    told = Source.objects.filter(permission__contact__in=[each.pk for each in contacts])
    others = Source.objects.filter(is_sign_up=False).exclude(pk__in=told.values("pk")).order_by("pk")
    return written + sum(
        note_for_source(each, address=address.text, folded=folded, kind=PROHIBITION, prohibited=prohibited)
        for each in others
    )


def note_company(domain: str, *, token: bytes) -> int:
    """Write each source the prohibition of a company's whole domain, in the caller's transaction; tell how many.

    Whoever of the company is in the source only is known there alone (act 917/2014, section 202).
    """
    return sum(
        note_for_source(each, address=domain, folded=token, kind=COMPANY_DOMAIN, prohibited=MARKETING)
        for each in Source.objects.filter(is_sign_up=False).order_by("pk")
    )


def note_together(contacts: Sequence[Contact], *, kind: str) -> int:
    """Write a notice for each contact and source it came from, in the caller's transaction; tell how many.

    None for a contact whose address nobody can read any more.
    """
    came_from = Permission.objects.filter(contact__in=[each.pk for each in contacts], source__is_sign_up=False)
    pairs = sorted(set(came_from.values_list("contact_id", "source_id")))
    read = {each.pk: (whole_address(each), bytes(each.folded)) for each in contacts}
    given = {pk: (address, folded) for pk, (address, folded) in read.items() if address is not None}
    wanted = dict.fromkeys((source, *given[contact]) for contact, source in pairs if contact in given)
    folded = [bytes(each.folded) for each in contacts]
    waiting = SourceNotice.objects.filter(
        folded__in=folded, kind=kind, prohibited=int(Prohibited.NOTHING), handled_at=None
    )
    for each in waiting:
        if not bytes(each.corrected):
            wanted.pop((each.source_id, address_of(each), bytes(each.folded)), None)
    made = SourceNotice.objects.bulk_create(
        SourceNotice(
            source_id=source,
            kind=kind,
            prohibited=int(Prohibited.NOTHING),
            folded=folded,
            sealed=sealer().seal(address.encode(), column=SOURCE_NOTICE, token=folded),
        )
        for source, address, folded in wanted
    )
    return len(made)


def note_for_source(
    source: Source,
    *,
    address: str,
    folded: bytes,
    kind: str,
    prohibited: Prohibited = Prohibited.NOTHING,
    corrected: str = "",
) -> bool:
    """Write one notice in the caller's transaction, unless the same still waits; tell whether it was written.

    An import calls this for a suppressed address that a source delivers again.
    """
    same = SourceNotice.objects.filter(
        source=source, folded=folded, kind=kind, prohibited=int(prohibited), handled_at=None
    )
    if any(address_of(each) == address and corrected_address_of(each) == corrected for each in same):
        return False
    SourceNotice.objects.create(
        source=source,
        kind=kind,
        prohibited=int(prohibited),
        folded=folded,
        sealed=sealer().seal(address.encode(), column=SOURCE_NOTICE, token=folded),
        corrected=sealer().seal(corrected.encode(), column=CORRECTED, token=folded) if corrected else b"",
    )
    return True


def address_of(notice: SourceNotice) -> str:
    """Open a notice's address; empty once the notice was handled."""
    sealed = bytes(notice.sealed)
    return sealer().open(sealed, column=SOURCE_NOTICE, token=bytes(notice.folded)).decode() if sealed else ""


def corrected_address_of(notice: SourceNotice) -> str:
    """Open the right address of a correction; empty for other kinds, and once the notice was handled."""
    sealed = bytes(notice.corrected)
    return sealer().open(sealed, column=CORRECTED, token=bytes(notice.folded)).decode() if sealed else ""


@transaction.atomic
def fetch_notices(*, source: Source, reason: str, actor: Actor) -> str:
    """Give a source's open notices as a table of comma-separated values, and note in the ledger who fetched how many.

    No cell of it is executable in a spreadsheet program. Raises ReasonMissing without a reason. No broken promise
    closes it: the source has to hear of every stop (GDPR 19), or the address comes back.
    """
    if not reason.strip():
        raise ReasonMissing
    notices = list(open_notices(source))
    now = timezone.now()
    SourceNotice.objects.filter(pk__in=[each.pk for each in notices], fetched_at=None).update(fetched_at=now)
    _record_fetching(source, notices, reason=reason, actor=actor)
    return "".join(table(COLUMNS, (_cells(each) for each in notices)))


class FetchedNotice(NamedTuple):
    """A notice as a program fetches it: its place in the order, and what the source has to carry out."""

    number: int
    ref: UUID
    address: str
    kind: str
    forbids: tuple[str, ...]
    since: datetime
    corrected: str


@transaction.atomic
def fetch_page(*, source: Source, after: int, limit: int, actor: Actor) -> list[FetchedNotice]:
    """Give a page of a source's open notices behind a number, oldest first, and note who fetched how many."""
    notices = list(open_notices(source).filter(pk__gt=after)[:limit])
    fresh = SourceNotice.objects.filter(pk__in=[each.pk for each in notices], fetched_at=None)
    fresh.update(fetched_at=timezone.now())
    _record_fetching(source, notices, reason="", actor=actor)
    return [_fetched(each) for each in notices]


@transaction.atomic
def handle_notices(*, source: Source, refs: Collection[UUID], actor: Actor) -> int:
    """Mark fetched notices as handled at the source and let their addresses go; tell how many were marked."""
    marked = SourceNotice.objects.filter(source=source, ref__in=refs, handled_at=None).exclude(fetched_at=None)
    handled = marked.update(handled_at=timezone.now(), sealed=b"", folded=b"", corrected=b"")
    facts = {"notices": handled}
    record("register.handle_notices", actor=actor, subject=Subject("source", source.key), facts=facts)
    return handled


def _record_fetching(source: Source, notices: Sequence[SourceNotice], *, reason: str, actor: Actor) -> None:
    row = record_look(
        "register.fetch_notices",
        actor=actor,
        purpose=LookedAtFor.SOURCE,
        subject=Subject("source", source.key),
        reason=reason,
        facts={"notices": len(notices)},
    )
    told = Contact.objects.filter(folded__in=[bytes(each.folded) for each in notices])
    keep_seen(row, told.values_list("pk", flat=True))


def _cells(notice: SourceNotice) -> Iterable[str]:
    kinds = " ".join(each.name.lower() for each in Prohibited(notice.prohibited) if each.name)
    since = notice.created_at.date().isoformat()
    return (str(notice.ref), address_of(notice), notice.kind, kinds, since, corrected_address_of(notice))


def _fetched(notice: SourceNotice) -> FetchedNotice:
    forbids = tuple(each.name.lower() for each in Prohibited(notice.prohibited) if each.name)
    address, corrected = address_of(notice), corrected_address_of(notice)
    return FetchedNotice(notice.pk, notice.ref, address, notice.kind, forbids, notice.created_at, corrected)
