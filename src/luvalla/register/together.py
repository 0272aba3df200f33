"""Stops of mailboxes, one or many at once: a block with one commit and one write to the disk, and one erasure.

A group costs hardly more than a single stop. Each keeps its own row, its own lines in both ledgers and its own notices.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.actions import Subject, Told, record_together
from luvalla.ledger.actors import Actor
from luvalla.ledger.erasures import Entry, Operation
from luvalla.ledger.errors import SealBroken
from luvalla.ledger.vault import sealer
from luvalla.register.admission import close_door
from luvalla.register.columns import STOP
from luvalla.register.disclosee_notices import note_changes
from luvalla.register.holdings import REGISTER
from luvalla.register.models import Contact, DiscloseeNotice, Stop, Suppression
from luvalla.register.proofs import keep_proofs
from luvalla.register.queries import parsed
from luvalla.register.source_notices import note_together
from luvalla.rules.address import Address
from luvalla.rules.ports import Holding, Person

Kind = Stop.Kind
TOGETHER: Final = frozenset({Kind.WITHDRAWAL, Kind.OBJECTION, Kind.ERASURE})
"""Kinds that end in the erasure of one mailbox, and nothing else."""
NAMED_IN_LEDGER: Final = 50
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whom a stop is for."""

    folded: bytes
    address: Address | None
    """None when a contact's address cannot be opened: its token is enough to stop and to erase it."""


class Wanted(NamedTuple):
    """A stop that is asked for."""

    kind: Stop.Kind
    mailbox: Mailbox
    channel: str
    actor: Actor
    until: datetime | None = None
    """Where the suppression ends, None for one that stays.

    One that ends isn't in the ledger of erasures: a backup that is restored has its end as well.
    """
    is_of_case: bool = False
    """Whether a request's case tells those who were given the data."""


class Blocked(NamedTuple):
    """A stop whose block is about to commit, and whether the mailbox was known."""

    stop: Stop
    was_known: bool


@transaction.atomic(durable=True)
def block_together(wanted: Sequence[Wanted]) -> list[Blocked]:
    """Write suppressions, lines in the ledger of erasures and stops, and commit; raises ErasuresUnwritable."""
    close_door()
    found: defaultdict[bytes, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(folded__in=[each.mailbox.folded for each in wanted]).order_by("pk"):
        found[bytes(contact.folded)].append(contact)
    _suppress(wanted, found)
    stops = Stop.objects.bulk_create(_stop_of(each, found[each.mailbox.folded]) for each in wanted)
    record_together(
        "register.stop",
        [_begun(stop, each.actor, found[each.mailbox.folded]) for stop, each in zip(stops, wanted, strict=True)],
    )
    return [Blocked(stop, bool(stop.contact_ids)) for stop in stops]


@transaction.atomic(durable=True)
def erase_together(stops: Sequence[Stop], holdings: Iterable[Holding]) -> None:
    """Erase the mailboxes of stops that wait for nobody any more from all stores, the register last, and answer them.

    One that another process has answered meanwhile is left alone.
    """
    people = _people_of(stops)
    erased: dict[int, Counter[str]] = {stop.pk: Counter() for stop in stops}
    for holding in holdings:
        if holding is not REGISTER:
            _count(erased, stops, holding.name, holding.erase_together(people))
    close_door()
    unanswered = Stop.objects.select_for_update().filter(pk__in=list(erased), answered_at=None)
    left = set(unanswered.values_list("pk", flat=True))
    open_stops = [stop for stop in stops if stop.pk in left]
    going = [person for stop, person in zip(stops, people, strict=True) if stop.pk in left]
    _keep_and_tell(open_stops, going)
    _count(erased, open_stops, REGISTER.name, REGISTER.erase_together(going))
    _conclude(open_stops, erased)


def _suppress(wanted: Sequence[Wanted], found: Mapping[bytes, Sequence[Contact]]) -> None:
    """Write what is missing. A suppression that stands needs nothing, unless contacts came back all the same.

    One that ends gives way to one that stays, or ends later.
    """
    now, lines = timezone.now(), list[Entry]()
    tokens = [each.mailbox.folded for each in wanted]
    standing = {bytes(each.token): each for each in Suppression.objects.filter(token__in=tokens)}
    fresh: dict[bytes, Suppression] = {}
    for kind, mailbox, _, _, until, _ in wanted:
        before = standing.get(mailbox.folded) or fresh.get(mailbox.folded)
        ends = before.expires_at if before else now
        if ends is not None and (until is None or ends < until):
            mine = before or fresh.setdefault(mailbox.folded, Suppression(token=mailbox.folded))
            mine.scope, mine.reason, mine.since, mine.expires_at = Suppression.MAILBOX, kind.value, now, until
            if mine.pk:
                mine.save()
        elif not found.get(mailbox.folded):
            continue
        operations = (Operation.ERASE, Operation.SUPPRESS) if until is None else (Operation.ERASE,)
        lines += [Entry(each, (mailbox.folded,)) for each in operations]
    Suppression.objects.bulk_create(fresh.values())
    if lines:
        erasures.append(lines)


def _stop_of(wanted: Wanted, contacts: Sequence[Contact]) -> Stop:
    kind, mailbox, channel, actor, _, is_of_case = wanted
    text = mailbox.address.text.encode() if mailbox.address else b""
    return Stop(
        kind=kind,
        channel=channel,
        actor=str(actor),
        folded=mailbox.folded,
        sealed=sealer().seal(text, column=STOP, token=mailbox.folded),
        contact_ids=[each.pk for each in contacts],
        is_of_case=is_of_case,
    )


def _begun(stop: Stop, actor: Actor, contacts: Sequence[Contact]) -> Told:
    refs = [str(each.ref) for each in contacts[:NAMED_IN_LEDGER]]
    facts = {"kind": str(stop.kind), "channel": stop.channel, "contacts": refs}
    return Told(actor, Subject("stop", str(stop.ref)), facts)


def _people_of(stops: Sequence[Stop]) -> list[Person]:
    """Tell whom each stop erases: the contacts of its block, and those that came since."""
    ids: defaultdict[bytes, set[int]] = defaultdict(set)
    mailboxes = [bytes(each.folded) for each in stops]
    for contact_id, folded in Contact.objects.filter(folded__in=mailboxes).values_list("pk", "folded"):
        ids[bytes(folded)].add(contact_id)
    people = list[Person]()
    for stop, folded in zip(stops, mailboxes, strict=True):
        address = stopped_address(stop)
        exact = sealer().exact_token(parsed(address)) if address else None
        people.append(Person(folded, exact, tuple(ids[folded].union(stop.contact_ids)), address or None))
    return people


def stopped_address(stop: Stop) -> str:
    """Open whom a stop is for; empty where it never knew, or its seal is broken: the token is enough."""
    try:
        return sealer().open(bytes(stop.sealed), column=STOP, token=bytes(stop.folded)).decode()
    except SealBroken:
        log.error("the address of the stop %s cannot be opened; it is finished by its token", stop.ref)  # noqa: TRY400  # no text
        return ""


def _keep_and_tell(stops: Sequence[Stop], people: Sequence[Person]) -> None:
    """Keep the proofs of what is about to go, and what tells who has it, and write the notices to its sources.

    In the name of the first stop of a mailbox.
    """
    told_by_case = {person.folded for stop, person in zip(stops, people, strict=True) if stop.is_of_case}
    why = dict(zip([each.folded for each in reversed(people)], [each.kind for each in reversed(stops)], strict=True))
    leaving: defaultdict[str, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(folded__in=list(why)).order_by("pk"):
        leaving[why[bytes(contact.folded)]].append(contact)
    for kind, contacts in leaving.items():
        untold = [each for each in contacts if bytes(each.folded) not in told_by_case]
        note_changes(untold, kind=DiscloseeNotice.Kind.ERASURE)
        keep_proofs(contacts, why=kind)
        note_together(contacts, kind=kind)


def _count(erased: Mapping[int, Counter[str]], stops: Sequence[Stop], store: str, rows: Sequence[int]) -> None:
    for stop, number in zip(stops, rows, strict=True):
        erased[stop.pk][store] += number


def _conclude(stops: Sequence[Stop], erased: Mapping[int, Counter[str]]) -> None:
    """Note that the stops are answered, and forget whom they were for."""
    answered = []
    for stop in stops:
        facts = {"kind": stop.kind, "channel": stop.channel, "erased": dict(erased[stop.pk])}
        kind, _, ref = stop.actor.partition(":")
        answered.append(Told(Actor(kind, ref), Subject("stop", str(stop.ref)), facts))
    record_together("register.answer_stop", answered)
    Stop.objects.filter(pk__in=[each.pk for each in stops]).update(answered_at=timezone.now(), folded=b"", sealed=b"")
