"""Reading the notice and the verdicts of its claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max
from django.utils import timezone

from luvalla.notices.facts import Facts, differences, gather
from luvalla.notices.models import ClaimVerdict, EarlierNotice, NoticeVersion, Opinion
from luvalla.notices.registry import Entry, entries
from luvalla.notices.rendering import draft_digest, render
from luvalla.rules.ports import Door, Verdict, claims

TEXTS = ("html_fi", "html_sv", "html_en", "facts")
MENDED_BY_PUBLISHING: Final = "mended_by_publishing"
"""Figure of a breach that is nothing but the words of the notice in force: a new version is what mends it."""
WORST_FIRST = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.NOT_BUILT, Verdict.HOLDS)


@dataclass(frozen=True, slots=True)
class ClaimState:
    """A claim as it stands now: its newest verdict, unknown where the proof is missing or too old."""

    entry: Entry
    verdict: Verdict
    figures: Mapping[str, object]
    checked_at: datetime | None
    digest: str
    negative_control: str
    is_stale: bool = False
    seen: Verdict | None = None
    """What the newest run itself gave, however old it is."""

    @property
    def id(self) -> str:
        """The claim's id."""
        return self.entry.id

    @property
    def closed(self) -> tuple[str, ...]:
        """What is closed by the claim now: nothing while it isn't broken."""
        return doors_shut(self.entry, self.figures) if self.verdict is Verdict.BROKEN else ()


def doors_shut(of: Entry, figures: Mapping[str, object]) -> tuple[str, ...]:
    """Give the doors that a breach with these figures shuts; publishing stays open where it is what mends it."""
    mended = figures.get(MENDED_BY_PUBLISHING) is True
    return tuple(each for each in of.closes if each != Door.PUBLISHING or not mended)


def current_notice() -> NoticeVersion | None:
    """Give the newest published notice, if one is published."""
    return NoticeVersion.objects.order_by("-version").first()


@dataclass(frozen=True, slots=True)
class Draft:
    """The version that would be published now: its number, what it is made from, and the digest of its text."""

    version: int
    facts: Facts
    digest: str


def next_draft() -> Draft:
    """Give what would be published now; NotSetUp before there is a controller."""
    before, facts = current_notice(), gather()
    version = before.version + 1 if before else 1
    return Draft(version, facts, draft_digest(facts, version=version))


def opinion_on_draft() -> Opinion | None:
    """Give the newest opinion about the very text that would be published now."""
    return Opinion.objects.filter(draft=next_draft().digest).order_by("-pk").first()


def notice_version(number: int) -> NoticeVersion | None:
    """Give one version by its number."""
    return NoticeVersion.objects.select_related("opinion").filter(version=number).first()


def notice_versions() -> list[NoticeVersion]:
    """Give all versions, the newest first, without their texts."""
    return list(NoticeVersion.objects.order_by("-version").select_related("opinion").defer(*TEXTS))


def earlier_notices() -> list[EarlierNotice]:
    """Give the notices the organisation had before, the newest first."""
    return list(EarlierNotice.objects.order_by("-pk"))


def claim_verdicts(now: datetime | None = None) -> list[ClaimState]:
    """Give every claim of the registry with its verdict as of now, in the registry's order."""
    moment = now or timezone.now()
    newest = _newest_verdicts()
    return [_state(each, newest.get(each.id), moment) for each in entries()]


def closing_claims() -> tuple[str, ...]:
    """Give the ids of the broken claims that close the publishing of a new notice: all that it wouldn't mend itself."""
    return tuple(each.id for each in claim_verdicts() if Door.PUBLISHING in each.closed)


def is_waiting() -> bool:
    """Tell whether the notice in force would be written otherwise now: a new version waits.

    The configuration may have changed, or the program's own words with an update.
    """
    notice = current_notice()
    if notice is None:
        return False
    facts = gather()
    return bool(differences(notice.facts, facts)) or any(
        render(facts, language, version=notice.version, published_on=notice.published_on) != text
        for language, text in notice.texts().items()
    )


def worst(verdicts: list[Verdict]) -> Verdict:
    """Give the verdict that speaks for several: one broken is broken, one not proved is not proved."""
    return next((each for each in WORST_FIRST if each in verdicts), Verdict.NOT_BUILT)


def verdict_history(claim_id: str, *, days: int = 30, now: datetime | None = None) -> list[ClaimVerdict]:
    """Give a claim's verdicts of so many days, the oldest first."""
    since = (now or timezone.now()) - timedelta(days=days)
    return list(ClaimVerdict.objects.filter(claim=claim_id, checked_at__gte=since).order_by("checked_at", "pk"))


def _newest_verdicts() -> dict[str, ClaimVerdict]:
    newest = ClaimVerdict.objects.values("claim").annotate(row=Max("pk")).values("row")
    return {each.claim: each for each in ClaimVerdict.objects.filter(pk__in=newest)}


def _state(entry: Entry, seen: ClaimVerdict | None, now: datetime) -> ClaimState:
    part = claims.get(entry.id)
    if part is None:
        return ClaimState(entry, Verdict.NOT_BUILT, {}, None, "", "")
    if seen is None:
        return ClaimState(entry, Verdict.UNKNOWN, {}, None, "", part.negative_control)
    is_stale = now - seen.checked_at > entry.fresh
    verdict = Verdict(seen.verdict)
    if is_stale and verdict is Verdict.HOLDS:
        verdict = Verdict.UNKNOWN
    evidence = (seen.figures, seen.checked_at, seen.digest)
    return ClaimState(entry, verdict, *evidence, part.negative_control, is_stale, Verdict(seen.verdict))
