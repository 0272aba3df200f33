"""To whom a person's data was really disclosed (GDPR 15(1)(c), 19): known from what was given to whom and when.

An export for a disclosee is written down with its audience. A disclosee for whom none is has got its data in another
way: it is taken to have everybody who was here in its time. Either way whoever was never here, was restricted then or
had forbidden disclosure was not disclosed. A disclosure that has ended counts: the data is still there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from typing import NamedTuple

from django.utils import timezone

from luvalla.organisation.models import Disclosee
from luvalla.organisation.queries import past_and_present_disclosees
from luvalla.register.models import Disclosure, Permission, PermissionProof, Prohibition, Restriction
from luvalla.register.proofs import kept_proof
from luvalla.register.queries import IN_FORCE
from luvalla.rules.purposes import Prohibited


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


def disclosed_to(folded: bytes) -> list[Disclosee]:
    """Give those to whom a mailbox's data was disclosed, ended ones too, in the order they were recorded."""
    stays = [*_permitted(folded), *_proved(folded)] if folded else []
    if not stays:
        return []
    barred, exports = list(_barred(folded)), _exports()
    return [
        each
        for each in past_and_present_disclosees(timezone.localdate())
        if _was_given(stays, barred, exports.get(each.pk) or [Stay("", _time_of(each))])
    ]


def note_disclosure_forbidden(folded: bytes, *, at: datetime | None = None) -> None:
    """Keep since when a mailbox forbids disclosure, in the caller's transaction, after its kinds were written."""
    for ban in Prohibition.objects.filter(folded=folded):
        is_forbidden = bool(Prohibited.DISCLOSURE & Prohibited(ban.kinds))
        ban.disclosure_since = (ban.disclosure_since or at or timezone.now()) if is_forbidden else None
        ban.save(update_fields=["disclosure_since"])


def _was_given(stays: Iterable[Stay], barred: list[Span], given: list[Stay]) -> bool:
    """Tell whether somebody with these stays was in what was given, at a time when nothing barred it."""
    return any(
        stay.span.meets(each.span) and not _is_barred(stay.span, each.span, barred)
        for each in given
        for stay in stays
        if each.audience in {"", stay.audience}
    )


def _is_barred(stay: Span, given: Span, barred: list[Span]) -> bool:
    ends = [each for each in (stay.until, given.until) if each is not None]
    both = Span(max(stay.since, given.since), min(ends, default=None))
    return any(each.covers(both) for each in barred)


def _permitted(folded: bytes) -> Iterator[Stay]:
    """Give the times in which the mailbox's contacts have been in audiences; an export's count from its flip on."""
    rows = Permission.objects.filter(contact__folded=folded).select_related("audience", "batch")
    for each in rows:
        batch = each.batch
        if batch is None:
            yield Stay(each.audience.key, Span(each.created_at, each.ended_at))
        elif batch.state in IN_FORCE:
            yield Stay(each.audience.key, Span(batch.applied_at or each.created_at, each.ended_at))


def _proved(folded: bytes) -> Iterator[Stay]:
    """Give those of contacts that were erased, as far as their proofs tell."""
    for proof in map(kept_proof, PermissionProof.objects.filter(folded=folded)):
        permissions = proof["permissions"]
        assert isinstance(permissions, list)
        for each in permissions:
            until = str(each["ended_at"] or proof["at"])
            span = Span(datetime.fromisoformat(each["recorded_at"]), datetime.fromisoformat(until))
            yield Stay(each["audience"], span)


def _barred(folded: bytes) -> Iterator[Span]:
    """Give the times in which the mailbox's data was given to nobody."""
    for ban in Prohibition.objects.filter(folded=folded).exclude(disclosure_since=None):
        yield Span(ban.disclosure_since or ban.since, None)
    for each in Restriction.objects.filter(contact__folded=folded):
        yield Span(each.since, each.lifted_at)


def _exports() -> dict[int, list[Stay]]:
    """Give what was exported for each disclosee: of which audience, and when."""
    found: defaultdict[int, list[Stay]] = defaultdict(list)
    for to, audience, at in Disclosure.objects.values_list("to_id", "audience__key", "at"):
        found[to].append(Stay(audience, Span(at, at)))
    return dict(found)


def _time_of(disclosee: Disclosee) -> Span:
    """Give the time of a disclosee from its first day's beginning to its last day's end, in the local time."""
    last = disclosee.disclosed_until
    until = timezone.make_aware(datetime.combine(last, time.max)) if last else None
    return Span(timezone.make_aware(datetime.combine(disclosee.disclosed_from, time.min)), until)
