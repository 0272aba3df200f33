from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path

import pytest
from django.db import connections, transaction
from pytest_django import Settings

from luvalla.ledger import erasures, vault
from luvalla.ledger.erasures import Entry, Operation, append, lines_after, read_lines
from luvalla.ledger.errors import ErasuresBroken, ErasuresUnwritable, LedgerError
from luvalla.ledger.models import ErasuresMark

pytestmark = pytest.mark.django_db

TOKEN = bytes(range(32))
STOP = [Entry(Operation.ERASE, (TOKEN,)), Entry(Operation.SUPPRESS, (TOKEN,))]


def test_lines_are_numbered_and_read_back() -> None:
    assert append(STOP) == 2
    assert append([Entry(Operation.PROHIBIT, (TOKEN, TOKEN[::-1]), value="4")]) == 3
    lines = list(read_lines())
    assert [(each.seq, each.entry.operation.value) for each in lines] == [
        (1, "erase"),
        (2, "suppress"),
        (3, "prohibit"),
    ]
    assert lines[2].entry == Entry(Operation.PROHIBIT, (TOKEN, TOKEN[::-1]), value="4")
    assert lines[2].keys == len(vault.keyring().token_keys)
    assert [each.seq for each in lines_after(2)] == [3]


def test_a_line_is_a_document_that_other_programs_can_read(outside: Path) -> None:
    append([Entry(Operation.RESTRICT, (TOKEN,), value="accuracy contested")])
    document = json.loads(outside.read_text())
    assert set(document) == {"seq", "at", "operation", "tokens", "keys", "value", "mac"}
    assert document["tokens"] == [TOKEN.hex()]
    assert oct(outside.stat().st_mode & 0o777) == "0o600"


def test_the_database_marks_the_last_line_it_knows() -> None:
    append(STOP)
    mark = ErasuresMark.objects.get()
    assert (mark.seq, bytes(mark.mac)) == (2, list(read_lines())[1].mac)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_outside_a_transaction(outside: Path) -> None:
    with pytest.raises(LedgerError):
        append(STOP)
    assert not outside.exists()


def test_the_line_is_on_the_disk_before_append_returns(monkeypatch: pytest.MonkeyPatch, outside: Path) -> None:
    synced: list[int] = []
    real = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(erasures.os, "fsync", noting)
    append(STOP)
    assert outside.stat().st_ino in synced
    assert outside.parent.stat().st_ino in synced


def test_half_a_line_of_a_dead_process_is_cut_off_and_told(outside: Path, caplog: pytest.LogCaptureFixture) -> None:
    append(STOP)
    with outside.open("ab") as file:
        file.write(b'{"seq": 3, "operation": "era')
    assert len(list(read_lines())) == 2
    with caplog.at_level(logging.WARNING):
        assert append(STOP) == 4
    assert "half a line" in caplog.text
    assert [each.seq for each in read_lines()] == [1, 2, 3, 4]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_changed_line_is_named(outside: Path, number: int) -> None:
    append(STOP)
    append(STOP)
    lines = outside.read_text().splitlines()
    lines[number - 1] = lines[number - 1].replace('"value": ""', '"value": "9"')
    outside.write_text("\n".join(lines) + "\n")
    with pytest.raises(ErasuresBroken) as fault:
        list(read_lines())
    assert (fault.value.line, fault.value.fault) == (number, "changed")


def test_a_removed_line_is_named(outside: Path) -> None:
    append(STOP)
    append(STOP)
    lines = outside.read_text().splitlines(keepends=True)
    outside.write_text("".join(lines[:1] + lines[2:]))
    with pytest.raises(ErasuresBroken) as fault:
        list(read_lines())
    assert (fault.value.line, fault.value.fault) == (2, "removed")


def test_what_is_no_line_is_named(outside: Path) -> None:
    append(STOP)
    with outside.open("ab") as file:
        file.write(b"rubbish\n")
    with pytest.raises(ErasuresBroken) as fault:
        list(read_lines())
    assert (fault.value.line, fault.value.fault) == (3, "unreadable")
    with pytest.raises(ErasuresUnwritable):
        append(STOP)


def test_a_file_that_cannot_be_written_is_an_error_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, outside: Path
) -> None:
    append(STOP)
    before = outside.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(erasures.os, "fsync", full)
    with pytest.raises(ErasuresUnwritable):
        append(STOP)
    assert outside.read_bytes() == before
    assert ErasuresMark.objects.get().seq == 2


def test_a_folder_that_cannot_be_made_is_an_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.LUVALLA_ERASURES = str(tmp_path / "file" / "ledger.jsonl")
    with pytest.raises(ErasuresUnwritable):
        append(STOP)


def test_the_copy_is_brought_up(settings: Settings, tmp_path: Path, outside: Path) -> None:
    append(STOP)
    settings.LUVALLA_ERASURES_COPY = str(tmp_path / "second disk" / "ledger.jsonl")
    append(STOP)
    assert (tmp_path / "second disk" / "ledger.jsonl").read_bytes() == outside.read_bytes()


def test_a_copy_that_was_away_is_brought_up_later(
    settings: Settings, tmp_path: Path, outside: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = tmp_path / "second disk" / "ledger.jsonl"
    settings.LUVALLA_ERASURES_COPY = str(copy)
    append(STOP)
    copy.parent.rename(tmp_path / "unmounted")
    (tmp_path / "second disk").write_text("no folder")
    append(STOP)
    assert "could not be written" in caplog.text
    (tmp_path / "second disk").unlink()
    (tmp_path / "unmounted").rename(copy.parent)
    append(STOP)
    assert copy.read_bytes() == outside.read_bytes()


def test_a_file_put_back_to_an_older_state_is_completed_from_its_copy(
    settings: Settings, tmp_path: Path, outside: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LUVALLA_ERASURES_COPY = str(tmp_path / "copy.jsonl")
    append(STOP)
    older = outside.read_bytes()
    append(STOP)
    outside.write_bytes(older)
    append(STOP)
    assert [each.seq for each in read_lines()] == [1, 2, 3, 4, 5, 6]
    assert "completed from it" in caplog.text


def test_a_copy_that_tells_another_story_is_left_alone(settings: Settings, tmp_path: Path, outside: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_text("another story\n" * 100)
    settings.LUVALLA_ERASURES_COPY = str(copy)
    append(STOP)
    assert len(list(read_lines())) == 2
    assert copy.read_text() == "another story\n" * 100


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain() -> None:
    def write() -> None:
        try:
            for _ in range(20):
                with transaction.atomic():
                    append(STOP)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [each.seq for each in read_lines()] == list(range(1, 161))


def test_a_ledger_that_does_not_exist_has_no_lines() -> None:
    assert list(read_lines()) == []
