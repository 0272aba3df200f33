"""Files that stores give with what they keep come with the copy, and those about others stay out of it."""

from __future__ import annotations

import io
import json
from zipfile import ZipFile

from luvalla.ledger.actors import SUBJECT
from luvalla.register.models import Contact
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.collecting import found_in, withhold
from luvalla.rights.copies.packing import pack
from luvalla.rights.files import check_file, keep_file
from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right
from tests.support.requests import Desk, ask, work

SCAN = b"%PDF-1.7\nMaijan kirje"
NOTE = "Älkää enää kirjoittako.".encode()


def searched(desk: Desk) -> DataRequest:
    """Have a person ask for a copy who once sent a letter with a scan and a note, and search the stores."""
    earlier = ask(Right.RESTRICTION)
    for name, content in (("maija malli.pdf", SCAN), ("note", NOTE)):
        keep_file(earlier, check_file(name, content), actor=SUBJECT)
    request = ask(Right.ACCESS)
    keep_file(request, check_file("now.pdf", b"%PDF-1.7\nnow"), actor=SUBJECT)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(pk=request.pk), actor=desk.handler)
    work()
    return DataRequest.objects.get(pk=request.pk)


def packed(request: DataRequest) -> dict[str, bytes]:
    """Give the files of a pack by their names."""
    with ZipFile(io.BytesIO(pack(request))) as opened:
        return {each: opened.read(each) for each in opened.namelist()}


def test_files_of_a_store_come_with_the_copy_as_files(desk: Desk, maija: Contact) -> None:
    request = searched(desk)
    files = packed(request)
    assert {name: content for name, content in files.items() if name.startswith("files/")} == {
        "files/unscanned/requests-1-files-1.pdf": SCAN,
        "files/unscanned/requests-1-files-2.txt": NOTE,
    }
    copy = json.loads(files[f"{request.number}.json"])
    (earlier,) = next(each["items"] for each in copy["stores"] if each["store"] == "requests")
    assert earlier["content"]["files"] == ["requests-1-files-1.pdf", "requests-1-files-2.txt"]
    assert "files" not in earlier
    assert SCAN not in bytes(request.searches.get(store="requests").sealed)


def test_what_is_left_out_of_the_copy_takes_its_files_along(desk: Desk, maija: Contact) -> None:
    request = searched(desk)
    search = request.searches.get(store="requests")
    assert len(found_in(search)) == 1
    withhold(search=search, number=0, note="Toisen kirje", actor=desk.handler)
    assert not [each for each in packed(request) if each.startswith("files/")]
