"""What the desk keeps about people: their requests, and all that hangs on them (GDPR 15, 17)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet

from luvalla.rights.cases import document_of, said
from luvalla.rights.files import open_file
from luvalla.rights.models import (
    Attachment,
    CaseEvent,
    Complaint,
    DataRequest,
    Decision,
    Hold,
    IncomingCopy,
    Letter,
    SecureLink,
    StoreSearch,
    Task,
    Transmission,
)
from luvalla.rules.case_states import SHUT
from luvalla.rules.ports import Found, Holding, Person
from luvalla.rules.retention import CASE, CASE_DETAILS, INCOMING_COPY

MODELS: Final = (
    DataRequest, CaseEvent, Task, Decision, Letter, Attachment, StoreSearch, SecureLink, Hold, Complaint, Transmission,
    IncomingCopy,
)  # fmt: skip


OF_THE_FORM: Final = frozenset({"$schema", "signature"})
"""Members of another controller's document that say nothing about the person."""


class RightsHolding(Holding):
    """The desk's own store."""

    name = "requests"
    models = tuple(f"rights.{each.__name__}" for each in MODELS)
    retention = (
        f"A request with its letters until it is answered and {CASE_DETAILS.days} days; then only what proves how it "
        f"was answered, {CASE.days} days from its end. A copy that another controller transmitted, at most "
        f"{INCOMING_COPY.days} days."
    )

    def find(self, person: Person) -> list[Found]:
        """List the person's requests. Copies made for a reply are not listed: they copy what other stores tell."""
        rows = DataRequest.objects.filter(folded=person.folded, is_canary=False).order_by("pk")
        return [*(_found(each) for each in rows), *map(_found_copy, _copies_of(person))]

    def export(self, person: Person) -> list[dict[str, object]]:
        """Give the person's requests with the files that came with them."""
        rows = DataRequest.objects.filter(folded=person.folded, is_canary=False).order_by("pk")
        requests: list[dict[str, object]] = [
            {
                "kind": found.kind,
                "ref": found.ref,
                "at": row.receipt_at.isoformat(),
                "content": {
                    **found.content,
                    "files": [open_file(each).content for each in row.attachments.order_by("pk")],
                },
            }
            for row in rows
            for found in [_found(row)]
        ]
        copies = [(each, _found_copy(each)) for each in _copies_of(person)]
        return requests + [
            {"kind": found.kind, "ref": found.ref, "at": row.came_at.isoformat(), "content": {**found.content}}
            for row, found in copies
        ]

    def erase(self, person: Person) -> int:
        """Erase copies and links of answered requests. The case itself proves the answer (GDPR 17(3)(e)) and ends."""
        shut = DataRequest.objects.filter(folded=person.folded, state__in=SHUT)
        copies, _ = StoreSearch.objects.filter(request__in=shut).delete()
        links, _ = SecureLink.objects.filter(request__in=shut).delete()
        brought, _ = _copies_of(person).delete()
        return copies + links + brought

    def erase_together(self, people: Sequence[Person]) -> list[int]:
        """Erase those who asked for something once; most people never did."""
        folded = [each.folded for each in people]
        asked = {
            bytes(each)
            for model in (DataRequest, IncomingCopy)
            for each in model.objects.filter(folded__in=folded).values_list("folded", flat=True)
        }
        return [self.erase(each) if each.folded in asked else 0 for each in people]


def _found(request: DataRequest) -> Found:
    told = said(request)
    content = {
        "number": request.number,
        "rights": list(request.chosen),
        "state": request.state,
        "channel": request.channel,
        "name": told.name,
        "text": told.text,
        "letters": [
            {"kind": each.kind, "issued_at": f"{each.issued_at:%Y-%m-%d}"}
            for each in request.letters.exclude(issued_at=None)
        ],
        "files": request.attachments.count(),
        "complaints": [
            {"authority": each.authority, "received_on": each.received_on.isoformat()}
            for each in request.complaints.order_by("pk")
        ],
        "transmitted_to": [each.to.name for each in request.transmissions.filter(state=Transmission.State.SENT)],
    }
    return Found("request", str(request.ref), request.receipt_at, content)


def _copies_of(person: Person) -> QuerySet[IncomingCopy]:
    return IncomingCopy.objects.filter(folded=person.folded).exclude(sealed=b"").order_by("pk")


def _found_copy(copy: IncomingCopy) -> Found:
    """Give what another controller has sent about the person, word for word."""
    document = json.loads(document_of(copy))
    content = {"sender": copy.sender, **{name: document[name] for name in document if name not in OF_THE_FORM}}
    return Found("incoming copy", str(copy.ref), copy.came_at, content)


REQUESTS: Final[Holding] = RightsHolding()
