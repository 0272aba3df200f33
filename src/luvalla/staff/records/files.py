"""Records as files: a table for people, linked data for programs. Each file is a row of the ledger."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from luvalla.ledger.actions import Subject
from luvalla.notices.records.consents import consent_document
from luvalla.notices.records.linked import Node, linked_records
from luvalla.notices.records.tables import Table, as_filed
from luvalla.rules.cells import defused
from luvalla.rules.purposes import LookedAtFor
from luvalla.staff.records.views import OfOneRecord, RecordsDesk

BYTE_ORDER_MARK = "\ufeff"


class TableFile(OfOneRecord):
    """One record as a CSV file in the language of its reader; no cell of it is a formula."""

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:  # noqa: ARG002  # Django's signature
        """Give the file."""
        record = self.record
        self.record_read(
            "notices.export_record", purpose=LookedAtFor.SUPERVISION, subject=Subject("record", record.key)
        )
        return _file(as_csv(record.table()), "text/csv; charset=utf-8", f"{record.key}-{timezone.localdate()}.csv")


class LinkedFile(RecordsDesk):
    """All records as one JSON-LD file."""

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:  # noqa: ARG002  # Django's signature
        """Give the file."""
        self.record_read("notices.export_record", purpose=LookedAtFor.SUPERVISION, subject=Subject("record", "linked"))
        return _linked(linked_records(), f"records-{timezone.localdate()}.jsonld")


class ConsentFile(RecordsDesk):
    """The consent records of everybody whose consent is in force, under random references; asks for a reason."""

    any_of: ClassVar[tuple[str, ...]] = ("read_ledger",)
    template_name = "staff/records/consents.html"
    title = pgettext_lazy("records", "Consent records")
    lead = pgettext_lazy(
        "records",
        "For each consent in force: when, with which words and beside which notice it was given. People stand in it "
        "under random references, without addresses.",
    )

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the file, with the reason in the ledger."""
        reason = " ".join(request.POST.get("reason", "").split())
        if not reason:
            return self.render_to_response(self.get_context_data(reason_missing=True))
        document = consent_document()
        facts = {"records": len(document["@graph"]) - 1}
        self.record_read(
            "notices.export_consents",
            purpose=LookedAtFor.SUPERVISION,
            subject=Subject("record", "consents"),
            reason=reason,
            facts=facts,
        )
        return _linked(document, f"consents-{timezone.localdate()}.jsonld")


def as_csv(table: Table) -> str:
    """Write a table as spreadsheets read it: with a byte order mark, semicolons between, CRLF after each line."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    columns, rows = table.filed()
    writer.writerow([defused(each) for each in columns])
    writer.writerows([[defused(as_filed(cell)) for cell in row] for row in rows])
    return BYTE_ORDER_MARK + file.getvalue()


def _linked(document: Node, name: str) -> HttpResponse:
    return _file(json.dumps(document, ensure_ascii=False, indent=1), "application/ld+json", name)


def _file(content: str, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content.encode(),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
