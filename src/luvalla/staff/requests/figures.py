"""The desk in figures, for the data protection officer, and the year's report."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.rights import statistics
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import language
from luvalla.staff.parts import Crumb, Figure
from luvalla.staff.requests.downloads import download
from luvalla.staff.requests.words import (
    RIGHTS,
)


class Figures(DeskView):
    """The desk in figures, for the data protection officer."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)
    template_name = "staff/requests/figures.html"
    title = pgettext_lazy("requests", "Requests in figures")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Requests"), reverse("staff_requests:list")), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the year's rows."""
        year = _year(self.request.GET.get("year", ""))
        rows = statistics.figures(date(year, 1, 1), date(year, 12, 31))
        everything = rows[-1]
        shown = language()
        return super().get_context_data(**{
            "year": year,
            "before": year - 1,
            "after": year + 1 if year < timezone.localdate().year else 0,
            "rows": [
                (RIGHTS.get(each.right, pgettext("requests", "All")), each, statistics.days_in(each, shown))
                for each in rows
            ],
            "big": [
                Figure(pgettext("requests", "Requests"), str(everything.requests)),
                Figure(pgettext("requests", "Days to the answer, median"), statistics.days_in(everything, shown)),
                Figure(pgettext("requests", "Late"), str(everything.late)),
                Figure(pgettext("requests", "Refused, wholly or in part"), str(everything.refused)),
            ],
            **kwargs,
        })  # fmt: skip


class YearlyReport(DeskView):
    """The year's figures as a PDF."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the PDF."""
        del request
        year = int(self.kwargs["year"])
        if not date.min.year < year <= timezone.localdate().year:
            raise Http404
        return download(statistics.yearly_report(year, language()), "application/pdf", f"{year}.pdf")


def _year(text: str) -> int:
    this = timezone.localdate().year
    return int(text) if text.isdecimal() and 2000 <= int(text) <= this else this  # noqa: PLR2004  # no case is older
