"""To whom a person's data was really disclosed (GDPR 15(1)(c), 19): known from what was given to whom and when.

What was noted of a single person says so itself. An export for a disclosee is known exactly by the set of contacts
beside its row in the ledger, for as long as that is kept; then, and of contacts that are gone, by the permissions and
proofs of its audience at that moment. A disclosee for whom there is no export has got its data in another way: it is
taken to have everybody who was here in its time, unless what it is given is noted singly. Where only permissions tell,
whoever was restricted then or had forbidden disclosure was not disclosed. A disclosure that has ended counts.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, time
from typing import NamedTuple, TypeVar

from django.utils import timezone

from luvalla.organisation.models import Disclosee
from luvalla.organisation.queries import past_and_present_disclosees
from luvalla.register.models import (
    Contact,
    Disclosure,
    Permission,
    PermissionProof,
    Prohibition,
    Restriction,
    SingleDisclosure,
)
from luvalla.register.proofs import kept_proof
from luvalla.register.queries import IN_FORCE
from luvalla.register.seen import Numbered, numbers_of, shown_in
from luvalla.rules.purposes import Prohibited

Key = TypeVar("Key")


class Span(NamedTuple):
    """A time from its beginning to its end; None while it lasts."""

    since: datetime
    until: datetime | None

    def meets(self, other: Span) -> bool:
        """Tell whether two times have a moment in common."""
        return (self.until is None or other.since <= self.until) and (other.until is None or self.since <= other.until)

    def covers(self, other: Span) -> bool:
        """Tell whether the other time lies wholly in this one."""
        return self.since <= other.since and (
            self.until is None or (other.until is not None and other.until <= self.until)
        )


class Stay(NamedTuple):
    """A time in which a mailbox was in an audience."""

    audience: str
    span: Span


@dataclass(slots=True)
class Known:
    """What tells to whom a mailbox's data was disclosed. It outlives the erasure that takes it along."""

    numbers: list[Numbered] = field(default_factory=list)
    """By which sets of exports know it."""
    stays: list[Stay] = field(default_factory=list)
    """Of contacts that live, or lived when this was put together."""
    proved: list[Stay] = field(default_factory=list)
    """Of contacts that were gone before."""
    barred: list[Span] = field(default_factory=list)
    """Times in which it was given to nobody."""
    given: list[int] = field(default_factory=list)
    """Numbers of the disclosees of whom it was noted singly."""

    def to_json(self) -> str:
        """Write it down: named tuples become lists, moments ISO 8601."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def from_json(cls, written: str) -> Known:
        """Read what `to_json` has written."""
        said = json.loads(written)
        return cls(
            numbers=[Numbered(number, datetime.fromisoformat(since)) for number, since in said["numbers"]],
            stays=[Stay(audience, _span(*moments)) for audience, moments in said["stays"]],
            proved=[Stay(audience, _span(*moments)) for audience, moments in said["proved"]],
            barred=[_span(*moments) for moments in said["barred"]],
            given=said["given"],
        )


class Exported(NamedTuple):
    """An export: of which audience and when, and the number of its row in the ledger where that is known."""

    stay: Stay
    look: int | None


def disclosed_to(folded: bytes) -> list[Disclosee]:
    """Give those to whom a mailbox's data was disclosed, ended ones too, in the order they were recorded."""
    return disclosed_together({folded: known_of([folded])[folded]})[folded] if folded else []


def disclosed_together(known: Mapping[Key, Known]) -> dict[Key, list[Disclosee]]:
    """Give the disclosees of several mailboxes at once: the set of an export is opened once for all of them."""
    found: dict[Key, list[Disclosee]] = {each: [] for each in known}
    exports = _exports()
    for to in past_and_present_disclosees(timezone.localdate()):
        for key in _keys_given_to(to, known, exports.get(to.pk, ())):
            found[key].append(to)
    return found


def known_of(mailboxes: Collection[bytes]) -> dict[bytes, Known]:
    """Put together what tells of mailboxes, by their folded tokens, with a handful of questions for all of them."""
    known = {each: Known() for each in mailboxes}
    for folded, contacts in _contacts_of(mailboxes).items():
        known[folded].numbers = numbers_of(contacts)
    for folded, stay in _permitted(mailboxes):
        known[folded].stays.append(stay)
    for folded, stay in _proved(mailboxes):
        known[folded].proved.append(stay)
    for folded, span in _barred(mailboxes):
        known[folded].barred.append(span)
    singly = SingleDisclosure.objects.filter(folded__in=list(mailboxes), is_for_inquiry=False)
    for single in singly:
        known[bytes(single.folded)].given.append(single.to_id)
    return known


def disclosures_counted() -> Counter[int]:
    """Tell how many exports for each disclosee, and single disclosures to it, are known; by the disclosee's number."""
    exported = Disclosure.objects.values_list("to_id", flat=True)
    return Counter([*exported, *SingleDisclosure.objects.values_list("to_id", flat=True)])


def note_disclosure_forbidden(folded: bytes, *, at: datetime | None = None) -> None:
    """Keep since when a mailbox forbids disclosure, in the caller's transaction, after its kinds were written."""
    for ban in Prohibition.objects.filter(folded=folded):
        is_forbidden = bool(Prohibited.DISCLOSURE & Prohibited(ban.kinds))
        ban.disclosure_since = (ban.disclosure_since or at or timezone.now()) if is_forbidden else None
        ban.save(update_fields=["disclosure_since"])


def _keys_given_to(to: Disclosee, known: Mapping[Key, Known], exports: Sequence[Exported]) -> list[Key]:
    """Tell whose data a disclosee was given; the newest export is asked first, since most people are in it."""
    given = {key for key, each in known.items() if to.pk in each.given}
    for export in exports:
        given |= _keys_in(export, {key: each for key, each in known.items() if key not in given})
    if not exports and not to.is_noted_singly:
        here = Stay("", _time_of(to))
        given |= {key for key, each in known.items() if _was_given([*each.stays, *each.proved], each.barred, here)}
    return [key for key in known if key in given]


def _keys_in(export: Exported, known: Mapping[Key, Known]) -> set[Key]:
    """Tell who was in an export: exactly by its set, or else by the permissions at that moment."""
    at = export.stay.span.since
    numbers = {key: {number for number, since in each.numbers if since <= at} for key, each in known.items()}
    asked = set().union(*numbers.values())
    shown = shown_in(export.look, asked) if known and export.look is not None else None
    if shown is None:
        stays = {key: [*each.stays, *each.proved] for key, each in known.items()}
        shown = set[int]()
    else:
        stays = {key: each.proved for key, each in known.items()}
    return {
        key for key, each in known.items() if numbers[key] & shown or _was_given(stays[key], each.barred, export.stay)
    }


def _was_given(stays: Sequence[Stay], barred: list[Span], given: Stay) -> bool:
    """Tell whether somebody with these stays was in what was given, at a time when nothing barred it."""
    return any(
        stay.span.meets(given.span) and not _is_barred(stay.span, given.span, barred)
        for stay in stays
        if given.audience in {"", stay.audience}
    )


def _is_barred(stay: Span, given: Span, barred: list[Span]) -> bool:
    ends = [each for each in (stay.until, given.until) if each is not None]
    both = Span(max(stay.since, given.since), min(ends, default=None))
    return any(each.covers(both) for each in barred)


def _contacts_of(mailboxes: Collection[bytes]) -> dict[bytes, list[Contact]]:
    found: defaultdict[bytes, list[Contact]] = defaultdict(list)
    for each in Contact.objects.filter(folded__in=list(mailboxes)):
        found[bytes(each.folded)].append(each)
    return found


def _permitted(mailboxes: Collection[bytes]) -> Iterator[tuple[bytes, Stay]]:
    """Give the times in which the mailboxes' contacts have been in audiences; an import's count from its flip on."""
    rows = Permission.objects.filter(contact__folded__in=list(mailboxes))
    for each in rows.select_related("audience", "batch", "contact"):
        batch, folded = each.batch, bytes(each.contact.folded)
        if batch is None:
            yield folded, Stay(each.audience.key, Span(each.created_at, each.ended_at))
        elif batch.state in IN_FORCE:
            yield folded, Stay(each.audience.key, Span(batch.applied_at or each.created_at, each.ended_at))


def _proved(mailboxes: Collection[bytes]) -> Iterator[tuple[bytes, Stay]]:
    """Give those of contacts that were erased, as far as their proofs tell."""
    for row in PermissionProof.objects.filter(folded__in=list(mailboxes)):
        proof = kept_proof(row)
        permissions = proof["permissions"]
        assert isinstance(permissions, list)
        for each in permissions:
            until = str(each["ended_at"] or proof["at"])
            span = Span(datetime.fromisoformat(each["recorded_at"]), datetime.fromisoformat(until))
            yield bytes(row.folded), Stay(each["audience"], span)


def _barred(mailboxes: Collection[bytes]) -> Iterator[tuple[bytes, Span]]:
    """Give the times in which the mailboxes' data was given to nobody."""
    for ban in Prohibition.objects.filter(folded__in=list(mailboxes)).exclude(disclosure_since=None):
        yield bytes(ban.folded), Span(ban.disclosure_since or ban.since, None)
    for each in Restriction.objects.filter(contact__folded__in=list(mailboxes)).select_related("contact"):
        yield bytes(each.contact.folded), Span(each.since, each.lifted_at)


def _exports() -> dict[int, list[Exported]]:
    """Give what was exported for each disclosee, the newest first."""
    found: defaultdict[int, list[Exported]] = defaultdict(list)
    rows = Disclosure.objects.order_by("-at", "-pk").values_list("to_id", "audience__key", "at", "look")
    for to, audience, at, look in rows:
        found[to].append(Exported(Stay(audience, Span(at, at)), look))
    return dict(found)


def _time_of(disclosee: Disclosee) -> Span:
    """Give the time of a disclosee from its first day's beginning to its last day's end, in the local time."""
    last = disclosee.disclosed_until
    until = timezone.make_aware(datetime.combine(last, time.max)) if last else None
    return Span(timezone.make_aware(datetime.combine(disclosee.disclosed_from, time.min)), until)


def _span(since: str, until: str | None) -> Span:
    return Span(datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None)
