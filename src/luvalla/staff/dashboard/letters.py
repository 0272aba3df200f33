"""What goes out next: letters on their way, scheduled, approved or submitted; and those the gate is shut for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.queries import campaign_facts, campaigns
from luvalla.mailroom.queries import progress
from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.register.queries import live_permissions
from luvalla.rules.gate import ContactFacts, PermissionFacts, Reason, Refusal, decide
from luvalla.rules.purposes import PermissionKind, Prohibited
from luvalla.staff import formats
from luvalla.staff.deliveries.views import ANYBODY as SEE_DELIVERIES
from luvalla.staff.words import LANGUAGE_WORDS

State = Lifecycle.State
MOST: Final = 5
AUDIENCE_COUNT_HOLDS: Final = 600
"""Seconds for which the size of an audience is not counted again."""
STATES: Final = {
    State.SENDING: (pgettext_lazy("letter", "Being sent"), "send", "go"),
    State.PAUSED: (pgettext_lazy("letter", "Paused"), "pause", "wait"),
    State.SCHEDULED: (pgettext_lazy("letter", "Approved and frozen"), "check", "go"),
    State.APPROVED: (pgettext_lazy("letter", "Approved, without a time"), "check", "go"),
    State.SUBMITTED: (pgettext_lazy("letter", "Waits for approval"), "pen", "wait"),
}
SHUT: Final = {
    Reason.PURPOSE_UNKNOWN: pgettext_lazy("letter", "The notice doesn't name its purpose, so the gate is shut."),
    Reason.BASIS_MISSING: pgettext_lazy("letter", "Its purpose has no legal basis, so the gate is shut."),
    Reason.BALANCING_TEST_EXPIRED: pgettext_lazy(
        "letter",
        "The balancing test of its purpose has run out, so the gate is shut. It goes when a new one is approved.",
    ),
}


@dataclass(frozen=True, slots=True)
class NextLetter:
    """A letter on the front page."""

    subject: str
    url: str
    about: str
    when: str
    day: str
    state: str
    icon: str
    tone: str
    figures: tuple[tuple[str, str], ...]
    shut: str = ""


def next_letters(user: User) -> list[NextLetter]:
    """Give the next letters: those being sent first, then by their time; linked where the person may open them."""
    coming = campaigns().filter(lifecycle__state__in=list(STATES))
    order = (F("lifecycle__started_at").asc(nulls_last=True), F("lifecycle__send_at").asc(nulls_last=True), "pk")
    opens = any(may(user, each) for each in SEE_DELIVERIES)
    return [_letter(each, opens=opens) for each in coming.order_by(*order)[:MOST]]


def _letter(campaign: Campaign, *, opens: bool) -> NextLetter:
    lifecycle = campaign.lifecycle
    word, icon, tone = STATES[State(lifecycle.state)]
    shut = _shut(campaign) if lifecycle.state not in {State.SENDING, State.PAUSED} else ""
    if shut:
        word, icon, tone = pgettext_lazy("letter", "Does not go"), "lock", "shut"
    at = lifecycle.send_at or lifecycle.started_at
    return NextLetter(
        subject=campaign.subject,
        url=reverse("staff_deliveries:campaign", args=[campaign.pk]) if opens else "",
        about=_about(campaign),
        when=formats.time_of_day(at) if at else "",
        day=_day(at, lifecycle.state),
        state=str(word),
        icon=icon,
        tone=tone,
        figures=_figures(campaign),
        shut=shut,
    )


def _about(campaign: Campaign) -> str:
    words = {
        "purpose": campaign.purpose,
        "audience": campaign.audience,
        "language": LANGUAGE_WORDS[campaign.language],
    }
    return pgettext("letter", "%(purpose)s · audience %(audience)s · %(language)s") % words


def _day(at: datetime | None, state: str) -> str:
    if at is None:
        return str(pgettext("letter", "no time yet"))
    now = timezone.now()
    if timezone.localdate(at) != timezone.localdate(now):
        return formats.near_day(at)
    minutes = round((at - now).total_seconds() / 60)
    if state == State.SCHEDULED and minutes < 0:
        return pgettext("letter", "should have left")
    if minutes < 0:
        return pgettext("day", "today")
    if minutes < 60:  # noqa: PLR2004  # the minutes of an hour
        return pgettext("letter", "today, in %(minutes)d min") % {"minutes": minutes}
    return pgettext("day", "today")


def _figures(campaign: Campaign) -> tuple[tuple[str, str], ...]:
    """Tell the gate's answers where it has been asked, else how many it will be asked about."""
    if campaign.lifecycle.state in {State.SENDING, State.PAUSED}:
        seen = progress(campaign)
        refused = sum(seen.withheld.values())
        return (
            (formats.number(seen.permitted), npgettext("letter", "permit", "permits", seen.permitted)),
            (formats.number(refused), npgettext("letter", "refusal", "refusals", refused)),
        )
    size = _audience_size(campaign.audience_id)
    return ((formats.number(size), npgettext("letter", "contact in the audience", "contacts in the audience", size)),)


def _audience_size(audience: int) -> int:
    key = f"staff.audience.{audience}"
    size = cache.get(key)
    if size is None:
        # Restricted contacts are stored and otherwise left alone: they are counted nowhere (GDPR 18(2)).
        counted = live_permissions().filter(audience=audience, contact__restricted_at=None)
        size = counted.values("contact_id").distinct().count()
        cache.set(key, size, AUDIENCE_COUNT_HOLDS)
    return int(size)


def _shut(campaign: Campaign) -> str:
    """Ask the gate about somebody nothing speaks against: what it refuses then, it refuses for everybody."""
    answer = decide(campaign_facts(campaign, timezone.now()), _anybody(campaign))
    if not isinstance(answer, Refusal):
        return ""
    return next((str(SHUT[each]) for each in answer.reasons if each in SHUT), "")


def _anybody(campaign: Campaign) -> ContactFacts:
    purposes = frozenset({campaign.purpose.key})
    kinds: dict[str, Any] = {"audience": campaign.audience_id, "has_evidence": True, "purposes": purposes}
    permissions = tuple(PermissionFacts(kind=kind, **kinds) for kind in PermissionKind)
    return ContactFacts(permissions, Prohibited.NOTHING, suppressed=False, restricted=False, undeliverable=False)
