"""The desk in figures for the data protection officer: by right, time to answer, late, refused; the year as PDF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from statistics import median
from typing import Final

from django.utils import timezone

from luvalla.documents.pdf import make_pdf
from luvalla.organisation.queries import the_controller
from luvalla.rights.clocks import was_late
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import day_in
from luvalla.rights.models import DataRequest, Decision
from luvalla.rights.rulings import rulings_of
from luvalla.rules.groups import is_small, part_told, told_apart

PARTS: Final = ("answered", "late", "refused", "extended")
"""What is counted of a row's requests."""


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one right, or of all."""

    right: str
    requests: int
    answered: int
    days: float | None
    """Median of the days from arrival to answer."""
    late: int
    refused: int
    """Refused wholly or in part."""
    extended: int


def figures(first: date, last: date) -> list[Row]:
    """Give the figures of the requests that arrived between two days, both included: each right, then all."""
    rows = list(DataRequest.objects.filter(is_canary=False, receipt_date__range=(first, last)))
    refusing = (Decision.Outcome.PARTIAL, Decision.Outcome.REFUSE)
    decided = Decision.objects.filter(request__in=rows, outcome__in=refusing, fee=None).exclude(decided_at=None)
    refused = {each.request_id: _limited(each) for each in decided.select_related("request").order_by("pk")}
    by_right: dict[str, list[DataRequest]] = {}
    for each in rows:
        for right in each.chosen:
            by_right.setdefault(right.value, []).append(each)
    return [*(_row(right, of, refused) for right, of in sorted(by_right.items())), _row("", rows, refused)]


def by_channel(first: date, last: date) -> Counter[str]:
    """Tell how many requests came through which channel."""
    rows = DataRequest.objects.filter(is_canary=False, receipt_date__range=(first, last))
    return Counter(rows.values_list("channel", flat=True))


def yearly_report(year: int, language: str) -> bytes:
    """Typeset the year's figures as a PDF."""
    words, rights = texts(language)["report"], texts(language)["rights"]
    rows = cells_told(figures(date(year, 1, 1), date(year, 12, 31)))
    controller = the_controller()
    channels = texts(language)["channels"]
    data = {
        "title": words["title"].format(year=year),
        "language": language,
        "sender": [controller.name, controller.business_id],
        "foot": controller.name,
        "lead": words["lead"].format(day=day_in(timezone.localdate(), language)),
        "heads": [words[name] for name in ("right", "requests", "answered", "days", "late", "refused", "extended")],
        "rows": [_cells(each, told, rights.get(each.right, words["all"]), language) for each, told in rows],
        "by_right": words["by_right"],
        "by_channel": words["by_channel"],
        "channels": [
            [channels[name], words["few"] if count is None else str(count)]
            for name, count in channels_told(by_channel(date(year, 1, 1), date(year, 12, 31))).items()
        ],
        "note": words["note"],
    }
    template = (resources.files("luvalla.rights") / "report.typ").read_text(encoding="utf-8")
    return make_pdf(template, data)


def _limited(decision: Decision) -> set[str]:
    """Name the rights that a decision refuses wholly or in part."""
    rulings = rulings_of(decision.request, decision)
    return {right.value for right, each in rulings.items() if each.outcome != Decision.Outcome.GRANT}


def _row(right: str, rows: Iterable[DataRequest], refused: Mapping[int, set[str]]) -> Row:
    of = list(rows)
    answered = [(each, at) for each in of if (at := each.first_replied_at or each.replied_at)]
    days = [(timezone.localdate(at) - each.receipt_date).days for each, at in answered]
    return Row(
        right=right,
        requests=len(of),
        answered=len(answered),
        days=median(days) if days else None,
        late=sum(was_late(each) for each in of),
        refused=sum(each.pk in refused and (not right or right in refused[each.pk]) for each in of),
        extended=sum(each.extended_at is not None for each in of),
    )


def days_in(row: Row, language: str) -> str:
    """Write a row's median as people of the language do: 0, 3,5 or 3.5; a dash for none.

    >>> [days_in(Row("", 2, 2, each, 0, 0, 0), "fi") for each in (0.0, 3.5, None)]
    ['0', '3,5', '–']
    """
    written = "–" if row.days is None else f"{row.days:g}"
    return written if language == "en" else written.replace(".", ",")


def cells_told(rows: list[Row]) -> list[tuple[Row, dict[str, int | None]]]:
    """Give the figures of each row as a report may tell them, which goes out of the house: None for few people (X6).

    A right's number is told beside the sum of all; what is counted of it, where neither it nor the rest of it is few.
    """
    *rights, everything = rows
    wholes = {**told_apart({each.right: each.requests for each in rights}), everything.right: everything.requests}
    if is_small(everything.requests):
        wholes[everything.right] = None
    return [(each, _parts_told(each, wholes[each.right])) for each in rows]


def channels_told(channels: Counter[str]) -> dict[str, int | None]:
    """Give the numbers of requests by channel as a report may tell them, the most frequent first."""
    return told_apart(dict(channels.most_common()))


def _parts_told(row: Row, whole: int | None) -> dict[str, int | None]:
    if whole is None:
        return {"requests": None, **dict.fromkeys(PARTS)}
    return {"requests": whole, **{name: part_told(getattr(row, name), whole) for name in PARTS}}


def _cells(row: Row, told: Mapping[str, int | None], name: str, language: str) -> list[str]:
    few = str(texts(language)["report"]["few"])
    requests, answered, *parts = (few if each is None else str(each) for each in told.values())
    days = few if is_small(row.answered) else days_in(row, language)
    return [name[:1].upper() + name[1:], requests, answered, days, *parts]
