"""All records on one page, and each as its own table."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.http import Http404
from django.urls import reverse
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.notices.records.places import authorities_by_name
from luvalla.notices.records.tables import RECORDS, Cell, Record, Table, record_of
from luvalla.organisation.breaches import breaches
from luvalla.organisation.models import BalancingTest, Disclosee, Processor, Transfer
from luvalla.staff import formats
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb
from luvalla.staff.records.cells import article, shown

ANY_OF: Final = ("see_settings", "change_settings", "read_ledger")
COMPARES: Final = ("change_settings", "give_opinion")
"""Whoever may do one of these compares the list of authorities with their pages: owner, officer, administrator."""
CHANGED_HERE: Final = {
    "balancing-tests": pgettext_lazy("records", "Record a balancing test"),
    "processors": pgettext_lazy("records", "Record a processor"),
    "disclosees": pgettext_lazy("records", "Record a recipient"),
    "transfers": pgettext_lazy("records", "Record a transfer"),
}
"""Records that are written here, with the word on their button; the others are made from what the system keeps."""


class RecordsDesk(DeskView):
    """What the pages of this desk share."""

    any_of: ClassVar[tuple[str, ...]] = ANY_OF

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Records"), reverse("staff_records:all")), Crumb(str(self.title))]


class OfOneRecord(RecordsDesk):
    """A page of one record; 404 for a name that is none."""

    @property
    def record(self) -> Record:
        """The record of the address."""
        found = record_of(self.kwargs["key"])
        if found is None:
            raise Http404
        return found


class Records(RecordsDesk):
    """Every record with the article that asks for it and how many rows it has."""

    template_name = "staff/records/all.html"
    title = pgettext_lazy("menu", "Records")
    lead = pgettext_lazy(
        "records", "What the law asks to be able to show. Made from what the system does, so that they agree with it."
    )

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the records."""
        rows = [
            {"record": each, "article": article(each.article), "rows": _count_words(each.table())}
            for each in RECORDS.values()
        ]
        return super().get_context_data(rows=rows, **kwargs)


class OneRecord(OfOneRecord):
    """One record as a table."""

    template_name = "staff/records/one.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the table with links to the rows that can be changed."""
        record = self.record
        self.title, self.lead = record.title, record.about
        table = record.table()
        links = self._links(record.key)
        rows = [_row(table, each, link) for each, link in zip(table.rows, links or [""] * len(table.rows), strict=True)]
        is_wide = any(_is_wide(each) for each in table.rows)
        add = CHANGED_HERE.get(record.key, "") if self.may("change_settings") else ""
        compares = record.key == "authorities" and self._compares()
        context = {"table": table, "rows": rows, "is_wide": is_wide, "add": add, "compares": compares}
        return super().get_context_data(record=record, **context, **kwargs)

    def _compares(self) -> bool:
        return any(self.may(each) for each in COMPARES)

    def _links(self, key: str) -> list[str]:
        """Give the address of each row's page, in the order of the table; nothing where rows have none."""
        if key == "breaches" and self.may("handle_requests"):
            return [reverse("staff_records:breach", args=[each.ref]) for each in breaches()]
        if key == "authorities" and self._compares():
            return [reverse("staff_records:authority", args=[each.country]) for each in authorities_by_name()]
        ordered = {
            "balancing-tests": BalancingTest.objects.order_by("purpose_id", "-expires_at"),
            "processors": Processor.objects.order_by("name"),
            "disclosees": Disclosee.objects.order_by("name"),
            "transfers": Transfer.objects.order_by("processor__name", "country"),
        }
        if key not in ordered or not self.may("change_settings"):
            return []
        return [reverse("staff_records:change", args=[key, each.pk]) for each in ordered[key]]


def _row(table: Table, row: tuple[Cell, ...], link: str) -> dict[str, Any]:
    pairs = [(column, shown(cell)) for column, cell in zip(table.columns[1:], row[1:], strict=True)]
    return {"name": shown(row[0]), "link": link, "pairs": pairs}


def _is_wide(row: tuple[Cell, ...]) -> bool:
    return sum(len(str(cell)) for cell in row if cell) > 160  # noqa: PLR2004  # more than stands in one line


def _count_words(table: Table) -> str:
    count = len(table.rows)
    words = npgettext("records", "%(count)s row", "%(count)s rows", count)
    return words % {"count": formats.number(count)}
