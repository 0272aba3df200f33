"""What this room proves: figures about people are sums in which a small group isn't told (X6)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from django.utils import timezone

from luvalla.campaigns.forecast import Forecast
from luvalla.campaigns.models import Campaign
from luvalla.mailroom.queries import Progress, progress
from luvalla.register.anonymising import anonymous_totals, sums
from luvalla.rights import statistics
from luvalla.rules.gate import Reason
from luvalla.rules.groups import SMALLEST_GROUP, tells_a_small_group
from luvalla.rules.ports import Claim, Finding, Verdict, claims
from luvalla.staff import formats
from luvalla.staff.campaigns.views import forecast_rows, forecast_total
from luvalla.staff.deliveries.live import bar_words, refusals_shown

NEWEST: Final = 50
YEARS: Final = 3
FEW: Final = 3
LETTERS: Final = 12_000
"""Letters of the sending that is tried; no figure of few."""
NO_DIGIT: Final = re.compile(r"\D")
TRIED: Final = tuple(
    {Reason.SUPPRESSED.value: small, Reason.PROHIBITED.value: other, Reason.RESTRICTED.value: third}
    for small in range(1, SMALLEST_GROUP)
    for other in (0, 1, SMALLEST_GROUP, 1200)
    for third in (0, 40)
)
"""Groups of every size that may not be told, alone and beside others by whose sum they could be worked out."""


class Told(NamedTuple):
    """A statistic: the sizes of its groups, and what is told of them beside their sum."""

    groups: Mapping[str, int]
    told: Mapping[str, int | None]


def small_groups_are_not_told() -> Finding:
    """X6: no figure of a campaign's page, the API and the metrics, a yearly report or the anonymous sums is of few.

    Neither by itself nor by what is told beside it. Groups of every small size are tried too: what no campaign happens
    to have would be told no other way.
    """
    campaigns = list(Campaign.objects.filter(lifecycle__started_at__isnull=False).order_by("-pk")[:NEWEST])
    withheld = [*(progress(each).withheld for each in campaigns), *TRIED]
    places = (_on_the_page, _in_the_forecast, _in_the_api, _beside_the_bar, _beside_the_forecast)
    told = [*(place(each) for place in places for each in withheld), *_in_reports(), *_in_sums()]
    small = sum(tells_a_small_group(each.groups, each.told) for each in told)
    figures = {
        "small_groups_told": small,
        "figures": sum(len(each.groups) for each in told),
        "campaigns": len(campaigns),
        "reports": YEARS,
    }
    return Finding(Verdict.BROKEN if small else Verdict.HOLDS, figures)


def take_part() -> None:
    """Register the check at the port."""
    control = "tests/staff/test_statistics_claims.py::test_a_group_of_three_breaks_x6"
    claims.register("X6", Claim("X6", small_groups_are_not_told, control))


def _on_the_page(withheld: Mapping[str, int]) -> Told:
    """Read the figures of a campaign's page as they are written there."""
    rows = refusals_shown(withheld)
    groups = {str(at): row.count for at, row in enumerate(rows)}
    return Told(groups, {str(at): _figure(row.shown, row.count) for at, row in enumerate(rows)})


def _in_the_forecast(refused: Mapping[str, int]) -> Told:
    """Read the figures of a forecast as its page writes them."""
    rows = forecast_rows(Forecast(0, {Reason(each): size for each, size in refused.items()}, timezone.now()))
    return Told(refused, {each: _figure(row["shown"], refused[each]) for each, row in zip(refused, rows, strict=True)})


def _beside_the_bar(withheld: Mapping[str, int]) -> Told:
    """Read whether the parts, the words and the sizes of a sending's bar tell how many were refused altogether."""
    refused = sum(withheld.values())
    now = Progress(
        campaign=0, state="", permitted=LETTERS, accepted=LETTERS, withheld=withheld, total=LETTERS + refused
    )
    parts, label, scale = bar_words(now)
    is_drawn = any(part.kind == "withheld" and part.count == refused for part in parts)
    is_said = formats.number(refused) in _figures_in(label) or formats.number(LETTERS + refused) in _figures_in(scale)
    return Told({"": refused}, {"": refused if is_drawn or is_said else None})


def _beside_the_forecast(refused: Mapping[str, int]) -> Told:
    """Read whether the size of the audience tells, beside the letters it may get, how many would be refused."""
    count = sum(refused.values())
    asked = Forecast(LETTERS, {Reason(each): size for each, size in refused.items()}, timezone.now())
    is_said = formats.number(asked.total) == forecast_total(asked)
    return Told({"": count}, {"": count if is_said else None})


def _figures_in(words: str) -> list[str]:
    return [each.strip(".,()") for each in words.split(" ")]


def _in_the_api(withheld: Mapping[str, int]) -> Told:
    """Take those of the API and of the metrics, which give the same."""
    return Told(withheld, Progress(campaign=0, state="", withheld=withheld).withheld_told)


def _in_reports() -> Iterator[Told]:
    """Take those of the last years' reports on requests: by right, of each right, and by channel."""
    this = timezone.localdate().year
    for year in range(this - YEARS + 1, this + 1):
        first, last = date(year, 1, 1), date(year, 12, 31)
        yield from _in_report(statistics.figures(first, last))
        channels = statistics.by_channel(first, last)
        yield Told(channels, statistics.channels_told(channels))
    for sizes in TRIED:
        made = [
            statistics.Row(name, size, size, 1.0, late=min(size, FEW), refused=size - min(size, FEW), extended=0)
            for name, size in sizes.items()
        ]
        yield from _in_report([*made, statistics.Row("", sum(sizes.values()), 0, None, 0, 0, 0)])
        yield Told(sizes, statistics.channels_told(Counter(sizes)))


def _in_report(rows: list[statistics.Row]) -> Iterator[Told]:
    *rights, everything = statistics.cells_told(rows)
    yield Told({row.right: row.requests for row, _ in rights}, {row.right: told["requests"] for row, told in rights})
    yield Told({"": everything[0].requests}, {"": everything[1]["requests"]})
    for row, told in (*rights, everything):
        for name in statistics.PARTS:
            part = getattr(row, name)
            yield Told({"so": part, "not so": row.requests - part}, _halves(told[name], told["requests"]))


def _halves(part: int | None, whole: int | None) -> dict[str, int | None]:
    rest = whole - part if whole is not None and part is not None else None
    return {"so": part, "not so": rest}


def _in_sums() -> Iterator[Told]:
    """Take the sums of those who were made anonymous."""
    told = anonymous_totals()
    yield Told(
        {"/".join(key): size for key, size in sums().items()}, {"/".join(key): each for key, each in told.items()}
    )


def _figure(shown: str, count: int) -> int | None:
    """Read a figure as it is written; None where it isn't the group's own."""
    return count if NO_DIGIT.sub("", shown) == str(count) else None
