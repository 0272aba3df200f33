"""What the live view of a sending shows, made from the mailroom's own counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import npgettext, pgettext

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.mailroom.errors import RelayFault
from luvalla.mailroom.lateness import late_letters, stops_during
from luvalla.mailroom.models import Shard
from luvalla.mailroom.queries import Progress, progress
from luvalla.mailroom.relays import standings
from luvalla.mailroom.sentences import relay_sentence
from luvalla.rules.gate import Reason
from luvalla.rules.groups import is_small
from luvalla.rules.ports import Verdict
from luvalla.staff import formats
from luvalla.staff.campaigns.words import REASONS as REFUSALS
from luvalla.staff.campaigns.words import STATES
from luvalla.staff.deliveries.words import OUTCOMES, UNKNOWN_POLICIES
from luvalla.staff.parts import Figure, Part, is_any_widened

State = Lifecycle.State
OVER: Final = (State.FINISHED, State.CANCELLED)
MOST_STOPS: Final = 1000
"""Stops during a sending that are looked at one by one each time the view is drawn."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the kind of its key square, its word, a second line, and how many.

    shown: the figure as it is written where it counts people by something about them; a small group isn't told.
    """

    kind: str
    word: str
    note: str
    count: int
    shown: str = ""


def refusals_shown(withheld: Mapping[str, int]) -> list[Row]:
    """Give the gate's refusals by reason as the page writes them: few contacts of one reason are "under 10".

    Whoever knows the audience might else know who objected, or whose processing is restricted.
    """
    shown = formats.groups(withheld)
    return [Row("", str(REFUSALS[Reason(each)]), "", count, shown[each]) for each, count in withheld.items()]


def live_words(campaign: Campaign) -> dict[str, Any]:
    """Give everything that the moving parts of the view show."""
    now = progress(campaign)
    parts, label, scale = bar_words(now)
    stops, late = _stops(campaign)
    return {
        "now": now,
        "is_over": now.state in OVER,
        "at": timezone.now(),
        "parts": parts,
        "is_widened": is_any_widened(parts),
        "label": label,
        "scale": scale,
        "figures": [*_figures(now), Figure(pgettext("deliveries", "Stops during the sending"), formats.number(stops))],
        "late": late,
        "late_verdict": Verdict.BROKEN if late else Verdict.HOLDS,
        "outcomes": _outcomes(campaign, now),
        "refusals": refusals_shown(now.withheld),
        "refused": now.refused_by_gate,
        "refused_shown": formats.group(now.refused_by_gate),
        "shards": list(Shard.objects.filter(campaign=campaign).order_by("low")),
        "held": _held(now),
    }


def bar_words(now: Progress) -> tuple[list[Part], str, str]:
    """Give the bar's parts, the same in words, and how much is handled."""
    return _parts(now), _label(now), _scale(now)


def takeover_words(shard: Shard, number: int) -> str:
    """Say of a shard that another worker went on with it."""
    assert shard.taken_over_at is not None
    words = {"number": number, "at": formats.exact_moment(shard.taken_over_at)}
    return pgettext("deliveries", "Shard %(number)d: its worker fell silent; another went on %(at)s.") % words


def soon(moment: datetime | None) -> int:
    """Give the seconds until a moment, 0 when it has passed."""
    return max(0, round((moment - timezone.now()) / timedelta(seconds=1))) if moment else 0


def _parts(now: Progress) -> list[Part]:
    """Give the parts of the bar. A few that were refused have none: its width would count them (claim X6)."""
    refused = 0 if is_small(now.refused_by_gate) else now.refused_by_gate
    return [
        Part("accepted", now.accepted, str(OUTCOMES["accepted"][0])),
        Part("deferred", now.deferred, str(OUTCOMES["deferred"][0])),
        Part("refused", now.refused + now.expired, pgettext("deliveries", "Refused or expired")),
        Part("unknown", now.unknown, str(OUTCOMES["unknown"][0])),
        Part("withheld", refused, pgettext("deliveries", "Withheld by the gate")),
        Part("left", now.left + now.in_flight, pgettext("deliveries", "Left")),
    ]


def _label(now: Progress) -> str:
    """Say the bar in words."""
    told = {"withheld": formats.group(now.refused_by_gate)}
    said = [f"{part.label} {told.get(part.kind, formats.number(part.count))}" for part in _parts(now)]
    share = pgettext("deliveries", "Sending: %(share)d per cent handled.") % {"share": _share(now)}
    return f"{share} {', '.join(said)}."


def _scale(now: Progress) -> str:
    sizes = {"handled": now.handled, "total": now.total}
    words = {name: formats.whole(size, refused=now.refused_by_gate) for name, size in sizes.items()}
    said = pgettext("deliveries", "%(handled)s / %(total)s contacts handled (%(share)d %%)")
    return said % {**words, "share": _share(now)}


def _share(now: Progress) -> int:
    return 100 * now.handled // now.total if now.total else 100


def _figures(now: Progress) -> list[Figure]:
    return [
        Figure(pgettext("deliveries", "State"), str(STATES[State(now.state)][0]), _since(now)),
        _pace(now),
        Figure(pgettext("deliveries", "Left"), _time_left(now), _next_try(now) or _done_at(now)),
    ]


def _since(now: Progress) -> str:
    if now.finished_at:
        return pgettext("deliveries", "ended %(at)s") % {"at": formats.exact_moment(now.finished_at)}
    if now.started_at:
        return pgettext("deliveries", "began %(at)s") % {"at": formats.exact_moment(now.started_at)}
    return ""


def _pace(now: Progress) -> Figure:
    """Give the speed while letters leave, and afterwards how long they took."""
    if now.started_at is None or now.finished_at is None:
        return Figure(pgettext("deliveries", "Speed"), _speed(now.rate), _limit())
    return Figure(pgettext("deliveries", "Took"), formats.duration(now.finished_at - now.started_at))


def _speed(rate: int) -> str:
    said = npgettext("deliveries", "%(rate)s letter/s", "%(rate)s letters/s", rate)
    return said % {"rate": formats.number(rate)}


def _time_left(now: Progress) -> str:
    if not now.left and not now.in_flight:
        return pgettext("deliveries", "only further attempts") if now.deferred else pgettext("deliveries", "nobody")
    if not now.rate:
        contacts = npgettext("deliveries", "%(contacts)s contact", "%(contacts)s contacts", now.left)
        return contacts % {"contacts": formats.number(now.left)}
    minutes = max(1, round(now.left / now.rate / 60))
    return pgettext("deliveries", "about %(minutes)s min") % {"minutes": formats.number(minutes)}


def _limit() -> str:
    """Say the limit of the relays that take letters, where each of them has one."""
    taking = [each.row for each in standings() if each.is_chosen and each.fault is None]
    limits = [row.letters_a_second for row in taking]
    if not limits or None in limits:
        return ""
    most = max(limit for limit in limits if limit)
    return pgettext("deliveries", "limit %(rate)s letters/s") % {"rate": formats.number(most)}


def _done_at(now: Progress) -> str:
    """Say about when the last contact will have been asked about."""
    if not now.rate or not now.left or now.state != State.SENDING:
        return ""
    end = timezone.now() + timedelta(seconds=now.left / now.rate)
    return pgettext("deliveries", "done about %(at)s") % {"at": formats.moment(end)}


def _next_try(now: Progress) -> str:
    if now.next_try_at is None or now.state in OVER:
        return ""
    return pgettext("deliveries", "next attempt %(at)s") % {"at": formats.exact_moment(now.next_try_at)}


def _outcomes(campaign: Campaign, now: Progress) -> list[Row]:
    policy = str(UNKNOWN_POLICIES[campaign.lifecycle.unknown_policy])
    rows = [
        Row(state, str(word), policy if state == "unknown" else str(note), getattr(now, state))
        for state, (word, note) in OUTCOMES.items()
    ]
    if now.in_flight:
        on_their_way = pgettext("deliveries", "On their way")
        rows.append(Row("left", on_their_way, pgettext("deliveries", "No answer yet."), now.in_flight))
    return rows


def _stops(campaign: Campaign) -> tuple[int, int]:
    """Count the stops during the sending, and the letters that came after their answers."""
    stops = stops_during(campaign)
    return stops.count(), late_letters(list(stops.exclude(answered_at=None).order_by("-pk")[:MOST_STOPS]))


def _held(now: Progress) -> str:
    """Say why the letters wait, as a sentence of its own."""
    if not now.fault or now.state in OVER:
        return ""
    sentence = relay_sentence(RelayFault(now.fault), now.relay)
    return sentence[:1].upper() + sentence[1:]
