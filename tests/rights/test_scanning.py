"""A copy hands on no file that a virus scanner finds bad, and says of one that nobody has scanned that it is so."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.utils import timezone
from pytest_django import Settings

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.models import LedgerRow
from luvalla.register.models import Contact
from luvalla.rights.actions.complaints import record_complaint
from luvalla.rights.files import check_file, keep_file
from luvalla.rights.models import Complaint, DataRequest
from luvalla.rights.reading import show_pack
from luvalla.rules.case_states import Right
from luvalla.staff.requests.authority_pack import make_pack
from tests.rights.test_enclosures import SCAN, packed, searched
from tests.support.clamd import MARK, clamd
from tests.support.pdf import text_of
from tests.support.requests import Desk, ask

INFECTED = b"%PDF-1.7\n" + MARK


def with_bad_file(desk: Desk) -> DataRequest:
    """Search the stores for a person with a good file, a note and one that is bad, kept before anybody could know."""
    keep_file(ask(Right.RECTIFICATION), check_file("bad.pdf", INFECTED), actor=SUBJECT)
    return searched(desk)


def copy_of(files: dict[str, bytes], request: DataRequest) -> str:
    return " ".join(text_of(files[f"{request.number}.pdf"]).split())


def test_a_file_that_is_found_bad_is_left_out_of_the_copy_which_names_it(
    desk: Desk, maija: Contact, settings: Settings
) -> None:
    request = with_bad_file(desk)
    with clamd() as (_, settings.LUVALLA_SCANNER):
        files = packed(request)
    assert not any(MARK in content for content in files.values())
    assert SCAN in files.values()
    copy = json.loads(files[f"{request.number}.json"])
    (bad,) = copy["bad"]
    assert copy["unscanned"] == []
    assert bad in copy_of(files, request)
    assert "Virustorjunta löysi näistä tiedostoista haitallista" in copy_of(files, request)
    assert LedgerRow.objects.filter(verb="organisation.refuse_file").exists()


@pytest.mark.parametrize("scanner", [None, ("127.0.0.1", 9)])
def test_files_that_nobody_has_scanned_stand_apart_and_the_copy_says_so(
    scanner: tuple[str, int] | None, desk: Desk, maija: Contact, settings: Settings
) -> None:
    request = searched(desk)
    settings.LUVALLA_SCANNER = scanner
    files = packed(request)
    apart = [each for each in files if each.startswith("files/")]
    assert len(apart) == 2
    assert all(each.startswith("files/unscanned/") for each in apart)
    assert "Viruksia ei ole tarkistettu" in copy_of(files, request)


def test_a_copy_whose_files_are_clean_says_nothing_of_scanning(desk: Desk, maija: Contact, settings: Settings) -> None:
    request = searched(desk)
    with clamd() as (asked, settings.LUVALLA_SCANNER):
        files = packed(request)
    assert len(asked.scanned) == 2
    assert "viruk" not in copy_of(files, request).lower()


def test_the_documents_for_an_authority_are_made_without_a_bad_file_and_say_that_it_is_left_out(
    desk: Desk, maija: Contact, settings: Settings
) -> None:
    request = ask(Right.ACCESS)
    for name, content in (("good.pdf", SCAN), ("bad.pdf", INFECTED)):
        kept = keep_file(request, check_file(name, content), actor=SUBJECT)
        type(kept).objects.filter(pk=kept.pk).update(is_unscanned=True)
    record_complaint(
        request=request, country="FI", reference="", received_on=timezone.localdate(),
        answer_by=timezone.localdate() + timedelta(days=20), actor=desk.owner,
    )  # fmt: skip
    with clamd() as (_, settings.LUVALLA_SCANNER):
        made = show_pack(complaint=make_pack(Complaint.objects.get(), desk.owner), actor=desk.owner)
    with ZipFile(io.BytesIO(made)) as opened:
        pack = {each: opened.read(each) for each in opened.namelist()}
    assert [each for each in pack if each.startswith("files/")] == ["files/01.pdf"]
    assert "02" in " ".join(text_of(pack[f"{request.number}.pdf"]).split())
    assert not any(MARK in content for content in pack.values())
