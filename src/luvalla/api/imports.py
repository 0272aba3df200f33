"""Exports pushed by the customer information system: staged and compared as files are, decided by people."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Final

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import StringConstraints

from luvalla.api.contacts import Key
from luvalla.api.doors import Bearer, Caller, caller_of
from luvalla.api.errors import NotValid, Problem, Slug
from luvalla.api.scopes import Scope
from luvalla.organisation.queries import purposes
from luvalla.register.importing.actions import begin_batch
from luvalla.register.importing.background import chosen_options, stage_later
from luvalla.register.importing.columns import Role
from luvalla.register.importing.errors import Undecided
from luvalla.register.models import Audience, Batch
from luvalla.register.uploads import CHUNK, LARGEST, SealedWriter, begin_upload, delete_upload
from luvalla.rules.purposes import PermissionKind

router = Router(tags=["imports"])
MOST_ROWS: Final = 10_000
MEGABYTE: Final = 1 << 20
COLUMNS: Final = (Role.ADDRESS, Role.SINCE, Role.KIND, Role.PROHIBITED)
OURS: Final = {"encoding": "utf-8", "delimiter": ",", "columns": {role.value: role.value for role in COLUMNS}}
"""How the file is read that is written of rows."""
PUSHED: Final = frozenset({PermissionKind.CUSTOMER, PermissionKind.LEGAL_ENTITY, PermissionKind.CONSENT})


class RowIn(Schema):
    """One address of the export, with the facts of its permission."""

    address: Annotated[str, StringConstraints(max_length=254)]
    since: date | None = None
    kind: Annotated[str, StringConstraints(max_length=40)] = Field(
        "", description="Whether the customer is a person or a company, in a word of either."
    )
    prohibited: bool = Field(
        default=False, description="Whether the person has forbidden marketing. It is never lifted by a later export."
    )

    def cells(self) -> tuple[str, str, str, str]:
        """Give the row's cells in the order of COLUMNS."""
        since = self.since.isoformat() if self.since else ""
        return self.address, since, self.kind, "yes" if self.prohibited else ""


class ImportIn(Schema):
    """A whole export of the token's source: what isn't in it any more is gone from the source."""

    permission: PermissionKind
    rows: Annotated[list[RowIn], Field(min_length=1, max_length=MOST_ROWS)]
    audience: Key | None = None
    purposes: Annotated[list[Key], Field(max_length=20)] = []


class ImportOut(Schema):
    """How an import stands."""

    number: int
    state: str = Field(description="reading, staged, awaiting_release, applied, settled, discarded or failed")
    counts: dict[str, int] = Field(description="Rows by group: new, unchanged, changed, suppressed, ..., and gone.")
    rows_read: int
    fault: str
    decide_by: datetime | None


@router.post("/imports", response={202: ImportOut}, auth=Bearer(Scope.BRING_IMPORTS), operation_id="bring_import")
def bring_import(request: HttpRequest, body: ImportIn) -> Status[ImportOut]:
    """Push an export as JSON. It is staged and compared; people decide at the desk, a second one above a tenth lost."""
    caller = caller_of(request)

    def write(writer: SealedWriter) -> None:
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(role.value for role in COLUMNS)
        rows.writerows(each.cells() for each in body.rows)
        writer.write(text.getvalue().encode())

    return Status(202, _bring(caller, body.permission, body.audience, body.purposes, write, reading=OURS))


@router.post(
    "/imports/file",
    response={202: ImportOut},
    auth=Bearer(Scope.BRING_IMPORTS),
    operation_id="bring_import_file",
    openapi_extra={"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}, "required": True}},
)
def bring_import_file(
    request: HttpRequest, permission: Annotated[PermissionKind, Query()], audience: Key | None = None
) -> Status[ImportOut]:
    """Push an export as the file it is (CSV or a workbook), sealed while it arrives."""
    caller = caller_of(request)

    def write(writer: SealedWriter) -> None:
        while chunk := request.read(CHUNK):
            if writer.size + len(chunk) > LARGEST:
                raise Problem(Slug.TOO_LARGE, megabytes=LARGEST // MEGABYTE)
            writer.write(chunk)

    return Status(202, _bring(caller, permission, audience, [], write))


@router.get("/imports/{int:number}", response=ImportOut, auth=Bearer(Scope.BRING_IMPORTS), operation_id="show_import")
def show_import(request: HttpRequest, number: int) -> ImportOut:
    """Tell how an import of the token's source stands."""
    source = caller_of(request).source
    batch = Batch.objects.filter(source=source, pk=number).first() if number < MOST_NUMBER else None
    if batch is None:
        raise Problem(Slug.NOT_FOUND)
    return _shown(batch)


MOST_NUMBER: Final = 2**62


def _bring(
    caller: Caller,
    permission: PermissionKind,
    audience: str | None,
    given_purposes: list[str],
    write: Callable[[SealedWriter], None],
    *,
    reading: Mapping[str, object] | None = None,
) -> ImportOut:
    if permission not in PUSHED:
        raise NotValid(at="permission", wrong="enum")
    check_purposes(given_purposes)
    to = audience_of(audience)
    upload = _sealed(write)
    try:
        batch = begin_batch(
            source=caller.source, audience=to, permission=permission, purposes=given_purposes, upload=upload,
            actor=caller.actor,
        )  # fmt: skip
    except Undecided as other:
        delete_upload(upload)
        raise Problem(Slug.UNDECIDED_IMPORT, number=other.batch_id) from None
    stage_later(batch, chosen_options(reading or {}, permission))
    return _shown(batch)


def check_purposes(given: list[str]) -> None:
    """Raise the Problem of a purpose that isn't on the closed list."""
    listed = [each.key for each in purposes()]
    if set(given) - set(listed):
        raise Problem(Slug.NO_SUCH_PURPOSE, purposes=", ".join(listed))


def audience_of(key: str | None) -> Audience | None:
    """Give the audience of a key, or none for none; the Problem of a key that names none."""
    if key is None:
        return None
    found = Audience.objects.filter(key=key).first()
    if found is None:
        known = Audience.objects.order_by("pk").values_list("key", flat=True)
        raise Problem(Slug.NO_SUCH_AUDIENCE, audiences=", ".join(known))
    return found


def _sealed(write: Callable[[SealedWriter], None]) -> str:
    """Seal what is written; what broke off is deleted."""
    name, writer = begin_upload()
    try:
        write(writer)
    except BaseException:
        writer.close()
        delete_upload(name)
        raise
    writer.close()
    return name


def _shown(batch: Batch) -> ImportOut:
    counts = {str(group): int(rows) for group, rows in batch.counts.items() if isinstance(rows, int)}
    return ImportOut(
        number=batch.pk,
        state=batch.state,
        counts=counts,
        rows_read=batch.rows_read,
        fault=batch.fault,
        decide_by=batch.decide_by,
    )
