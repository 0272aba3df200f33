"""What is in the groups of a difference: masked contacts while the import is undecided, and lines of the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import pgettext

from luvalla.people.roles import Capability
from luvalla.register.importing.comparing import Group, Note
from luvalla.register.importing.sentences import row_sentence
from luvalla.register.models import Batch, BatchLine, Contact, Permission
from luvalla.register.queries import shown_addresses
from luvalla.rules.cells import defused
from luvalla.staff.imports.difference import SIGNS
from luvalla.staff.imports.views import ImportPage, name_of
from luvalla.staff.parts import Crumb

PAGE: Final = 50
MOST: Final = 2_000
LINES: Final = (Group.REFUSED, Group.DUPLICATE)


class GroupPage(ImportPage):
    """A page about a group of an import."""

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        first, last = super().crumbs()
        page = reverse("staff_imports:import", args=[self.batch.pk])
        return [first, Crumb(last.label, page), Crumb(str(self.label()))]

    def label(self) -> Any:
        """Name the group."""
        gone = pgettext("imports", "Gone from the source")
        return gone if self.kwargs["group"] == Note.GONE else SIGNS[Group(self.kwargs["group"])][2]

    def words(self, **more: Any) -> dict[str, Any]:
        """Give what the page is about."""
        return {"title": self.label(), "lead": name_of(self.batch), **more}


class Rows(GroupPage):
    """The contacts of a group, masked, as long as nothing is decided."""

    template_name = "staff/imports/rows.html"
    any_of: ClassVar[tuple[str, ...]] = (Capability.BRING_IMPORT, Capability.DECIDE_IMPORT, Capability.RELEASE_IMPORT)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give a page of the group."""
        if self.batch.state not in Batch.PENDING:
            raise Http404
        found = permissions_in(self.batch, self.kwargs["group"])
        ids = list(found.order_by("contact_id").values_list("contact_id", flat=True)[: MOST + 1])
        page = Paginator(ids[:MOST], PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            **self.words(page=page, rows=_masked(list(page.object_list)), is_cut=len(ids) > MOST, most=MOST), **kwargs
        )


class Lines(GroupPage):
    """Lines of the file that were refused or are duplicates, with their reasons; never what stands in them."""

    template_name = "staff/imports/lines.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give a page of the lines."""
        page = Paginator(lines_in(self.batch, self.kwargs["group"]), PAGE).get_page(self.request.GET.get("p"))
        rows = [{"line": each.line, "words": row_sentence(each.fault)} for each in page.object_list]
        return super().get_context_data(**self.words(page=page, rows=rows), **kwargs)


class DownloadLines(ImportPage):
    """Gives the lines of the file that were not taken, with their reasons, as a table."""

    http_method_names = ("get",)

    def get(self, *_: Any, **__: Any) -> StreamingHttpResponse:  # type: ignore[override]  # a file
        """Give the file."""
        lines = lines_in(self.batch, self.kwargs["group"])
        answer = StreamingHttpResponse(table_of(lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="import-{self.batch.pk}-{self.kwargs["group"]}.csv"'
        answer["Cache-Control"] = "no-store"
        return answer


def lines_in(batch: Batch, group: str) -> QuerySet[BatchLine]:
    """Give the lines of a group in the order of the file; 404 for a group that keeps none."""
    if group not in LINES:
        raise Http404
    return batch.lines.filter(group=group).order_by("line")


def permissions_in(batch: Batch, group: str) -> QuerySet[Permission]:
    """Give the staged permissions of a group: one a contact."""
    granted = Permission.objects.filter(batch=batch)
    ended = Permission.objects.filter(ending_batch=batch)
    also_ended = Exists(ended.filter(contact=OuterRef("contact")))
    also_granted = Exists(granted.filter(contact=OuterRef("contact")))
    found = {
        Group.NEW.value: granted.filter(~also_ended),
        Group.CHANGED.value: granted.filter(also_ended),
        Note.GONE.value: ended.filter(~also_granted),
    }.get(group)
    if found is None:
        raise Http404
    return found


class _Echo:
    """Hands each line on as it is written."""

    def write(self, line: str) -> str:
        return line


def table_of(lines: QuerySet[BatchLine]) -> Iterator[str]:
    """Write line numbers and reasons as CSV that spreadsheet programs read with its letters and never execute."""
    faults = lines.order_by().values_list("fault", flat=True).distinct()
    # The words are chosen here: when the table is sent, the language of the page is no longer set.
    words = {fault: defused(row_sentence(fault)) for fault in faults}
    return _written(lines, [pgettext("imports", "Line"), pgettext("imports", "Reason")], words)


def _written(lines: QuerySet[BatchLine], header: list[str], words: dict[str, str]) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")
    yield "\ufeff"
    yield writer.writerow(header)
    for line, fault in lines.values_list("line", "fault").iterator():
        yield writer.writerow([line, words[fault]])


def _masked(ids: list[int]) -> list[str]:
    # Whose processing has been restricted since is stored and not shown (GDPR 18(2)).
    shown = shown_addresses(Contact.objects.filter(pk__in=ids, restricted_at=None))
    return [shown[each] for each in ids if each in shown]
