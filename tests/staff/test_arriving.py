"""What arrives with a form: never on the disk, never from strangers, and too much of it is told by the form itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files import uploadhandler
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from luvalla.ledger.models import LedgerRow
from luvalla.people.models import Role, Undertaking
from luvalla.rights.models import Attachment, DataRequest
from luvalla.staff.arriving import LARGEST, InMemory
from tests.people.conftest import MakePerson
from tests.staff.conftest import Browse
from tests.support.clamd import MARK, Clamd, clamd
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db
SIGN_UP = "/en/subscribe/"
PDF = b"%PDF-1.7\n"
ENTRY = {
    "channel": "letter", "arrived": "2026-11-20", "language": "fi", "rights": ["access"], "name": "Veikko Vanha",
    "postal": "Mallikuja 3", "text": "Mitä tietoja?",
}  # fmt: skip
Doors = dict[str, Callable[[bytes], Any]]


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def doors(world: World, browse: Browse, make_person: MakePerson) -> Doors:
    """Give every form of the product that takes a file, except the import, which seals it while it arrives."""
    maija = make_person("Maija Malli", "custodian", signed=False)
    paper = {"typed_name": "Maija Malli", "signed_on": timezone.localdate().isoformat(), "language": "fi"}
    everywhere = browse(*(role.value for role in (Role.REGISTER_OWNER, Role.COMMUNICATIONS)))
    keeper = browse(Role.ADMINISTRATOR.value, name="Yrjö Ylläpitäjä")

    def door(client: Client, path: str, field: str, **more: Any) -> Callable[[bytes], Any]:
        return lambda content: client.post(path, {**more, field: SimpleUploadedFile("x.pdf", content)})

    return {
        "scan of a request": door(everywhere, "/staff/requests/new/", "scan", **ENTRY),
        "copy from elsewhere": door(everywhere, "/staff/requests/take-in/", "document"),
        "notice": door(everywhere, "/staff/notice/adopt/", "file"),
        "undertaking": door(keeper, f"/staff/people/{maija.ref}/paper/", "scan", **paper),
        "picture": door(everywhere, "/staff/images/add/", "file", title="x"),
    }


def test_no_byte_of_a_large_file_touches_the_disk(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_the_disk(*_: Any, **__: Any) -> None:
        pytest.fail("a file was begun on the disk")

    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", on_the_disk)
    for name, send in doors.items():
        assert send(PDF + bytes(4_000_000)).status_code in {200, 302}, name


def test_djangos_own_way_would_have_put_it_there(
    doors: Doors, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", lambda name, *_: begun.append(name))
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    with pytest.raises(AttributeError):  # the file that was only counted can't be written to
        doors["notice"](PDF)
    assert begun == ["x.pdf"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("scan of a request", "A file was not kept"),
        ("copy from elsewhere", "This is no file of that kind"),
        ("notice", "larger than any privacy notice"),
        ("undertaking", "no scan"),
        ("picture", "10 MB"),
    ],
)
def test_what_is_too_large_is_told_by_the_form(doors: Doors, name: str, said: str) -> None:
    answer = doors[name](PDF + bytes(LARGEST + 5))
    assert answer.status_code == 200
    assert said in answer.content.decode()


def kept(monkeypatch: pytest.MonkeyPatch, send: Callable[[], Any]) -> int:
    """Count the bytes of files that are kept during a call."""
    sizes: list[int] = []
    complete = InMemory.file_complete

    def counted(self: InMemory, file_size: int) -> Any:
        file = complete(self, file_size)
        sizes.append(file.size or 0)
        return file

    with monkeypatch.context() as patched:
        patched.setattr(InMemory, "file_complete", counted)
        send()
    return sum(sizes)


def test_all_files_of_one_request_share_the_room(browse: Browse, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browse(Role.REGISTER_OWNER.value)
    files = {f"file{number}": SimpleUploadedFile("x", bytes(LARGEST // 3)) for number in range(9)}
    assert kept(monkeypatch, lambda: client.post("/staff/notice/adopt/", files)) == LARGEST + 1


@pytest.mark.parametrize("path", [SIGN_UP, "/staff/requests/new/", "/accounts/login/"])
def test_a_stranger_fills_nothing(world: World, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    client = Client()
    assert kept(monkeypatch, lambda: client.post(path, {"scan": SimpleUploadedFile("x", bytes(1_000))})) == 0


def test_pages_without_accounts_take_no_file_from_anybody(
    world: World, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browse(Role.REGISTER_OWNER.value)
    assert kept(monkeypatch, lambda: client.post(SIGN_UP, {"x": SimpleUploadedFile("x", bytes(1_000))})) == 0


@pytest.fixture
def scanner(settings: Settings, tmp_path: Path) -> Iterator[Clamd]:
    with clamd(tmp_path / "ctl") as (stand_in, place):
        settings.LUVALLA_SCANNER = place
        yield stand_in


WITH_SOMETHING = PDF + MARK


@pytest.mark.parametrize("name", ["scan of a request", "copy from elsewhere", "notice", "undertaking", "picture"])
def test_an_infected_file_is_taken_at_no_door_and_the_form_says_so(doors: Doors, scanner: Clamd, name: str) -> None:
    answer = doors[name](WITH_SOMETHING)
    assert answer.status_code == 200
    assert "The virus scanner found something in this file" in answer.content.decode()
    row = LedgerRow.objects.get(verb="organisation.refuse_file")
    assert (row.actor.partition(":")[0], row.facts) == ("person", {"found": "Eicar-Test-Signature"})
    assert not Attachment.objects.exists()
    assert not Undertaking.objects.exclude(scan=None).exists()


def test_what_else_was_typed_is_still_in_the_form(doors: Doors, scanner: Clamd) -> None:
    assert "Mitä tietoja?" in doors["scan of a request"](WITH_SOMETHING).content.decode()
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize("name", ["scan of a request", "copy from elsewhere", "notice", "undertaking", "picture"])
def test_without_the_scanners_answer_no_file_is_taken(
    doors: Doors, settings: Settings, tmp_path: Path, name: str
) -> None:
    settings.LUVALLA_SCANNER = str(tmp_path / "nothing")
    answer = doors[name](PDF)
    assert answer.status_code == 200
    assert "The virus scanner gives no answer" in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_clean_file_goes_on_its_way(doors: Doors, scanner: Clamd) -> None:
    assert doors["scan of a request"](PDF).status_code == 302
    assert Attachment.objects.get().is_unscanned is False
    assert scanner.scanned == [len(PDF)]
