"""G2, attacked: whoever can write the backup or the ledger outside it opens nothing that should stay shut."""

from __future__ import annotations

import errno
import fcntl
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as the_settings
from django.db import connection
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger import quarantine
from luvalla.ledger.actors import OPERATOR, SUBJECT
from luvalla.ledger.backups import sqlite
from luvalla.ledger.backups.authenticity import authenticate
from luvalla.ledger.backups.container import Lock, Member, write_backup
from luvalla.ledger.backups.locks import configured_lock, make_own_key
from luvalla.ledger.backups.making import make_backup
from luvalla.ledger.backups.manifest import Manifest
from luvalla.ledger.erasures import Line
from luvalla.ledger.replaying import replayers
from luvalla.register.queries import find_contact, is_suppressed
from luvalla.register.stop import withdraw
from luvalla.rules.address import normalise
from tests.scenarios.test_g1 import tonight
from tests.support.world import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_else")]
ERASED, ALSO, STAYS = (normalise(f"{each}@esimerkki.fi") for each in ("maija", "ville", "seppo"))


@pytest.fixture
def backup(tmp_path: Path, settings: Settings) -> Path:
    """Make a backup; then two people stop."""
    tonight(make_world(), *(each.text for each in (ERASED, ALSO, STAYS)))
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    made = make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR)
    withdraw(address=ERASED, channel="link", actor=SUBJECT)
    withdraw(address=ALSO, channel="link", actor=SUBJECT)
    return made.place


def put_back(place: Path) -> int:
    return main(["restore", str(place), "--replace"])


def assert_untouched() -> None:
    """The installation is as it was: open, with whom it has, and nothing of the file left beside it."""
    assert quarantine.current() is None
    assert find_contact(STAYS) is not None
    assert is_suppressed(ERASED)
    assert not (Path(the_settings.LUVALLA_HOME) / "restoring").exists()
    if connection.vendor == "sqlite":
        place = sqlite.database_place()
        assert not place.with_name(place.name + sqlite.RESTORING).exists()


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [flipped, lambda content: content[:-1], lambda content: content[: len(content) // 2], lambda content: content * 2],
    ids=["a bit flipped", "the last byte gone", "half of it", "twice"],
)
def test_g2_a_backup_that_was_tampered_with_changes_nothing(backup: Path, spoil: Callable[[bytes], bytes]) -> None:
    backup.write_bytes(spoil(backup.read_bytes()))
    assert put_back(backup) == 1
    assert_untouched()


def forged(place: Path, *members: tuple[str, bytes]) -> Path:
    """Make a backup that is authentic, and yet none."""
    with place.open("wb") as file:
        write_backup(file, [Member(name, [content]) for name, content in members], configured_lock(), authenticate)
    return place


def manifest() -> tuple[str, bytes]:
    return "manifest", Manifest(datetime.now(UTC), "none", "0", (), 0, "", {}).to_json()


BAD_NAMES = (
    "../evil", "/evil", ".", "./", "media", "media/../../evil", "keys/keyring.json", "erasures/ledger.jsonl",
    "media/\0", "media/" + 300 * "x", "restoring.lock",
)  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_g2_a_member_with_a_name_that_leads_elsewhere_is_no_backup(backup: Path, tmp_path: Path, name: str) -> None:
    assert put_back(forged(tmp_path / "f.backup", manifest(), (name, b"evil"))) == 1
    assert_untouched()
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize(
    "members",
    [
        [("media/a", b"1"), ("media/a", b"2")],
        [("media/a", b"1"), ("media/a/b", b"2")],
        [manifest()],
        [("media/a", b"1")],
        [("database", b"")],
    ],
    ids=["twice", "a file as a folder", "two manifests", "no database", "of no engine"],
)
def test_g2_members_that_cannot_stand_together_are_no_backup(
    backup: Path, tmp_path: Path, members: list[tuple[str, bytes]]
) -> None:
    assert put_back(forged(tmp_path / "f.backup", manifest(), *members)) in {1, 2}
    assert_untouched()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"null", b"\xff", b"9" * 5000, b"x" * ((1 << 24) - 1) * 2])
def test_g2_a_first_member_that_is_no_manifest_or_has_no_end_is_no_backup(
    backup: Path, tmp_path: Path, content: bytes
) -> None:
    place, half = tmp_path / "f.backup", 1 << 23
    with place.open("wb") as file:
        pieces = [content[at : at + half] for at in range(0, len(content), half)]
        write_backup(file, [Member("manifest", pieces), Member("database", [b"x"])], configured_lock(), authenticate)
    assert put_back(place) == 1
    assert_untouched()


def test_g2_a_backup_for_another_key_opens_nothing(backup: Path, tmp_path: Path) -> None:
    with (tmp_path / "f.backup").open("wb") as file:
        write_backup(file, [Member(*manifest()[:1], [manifest()[1]])], Lock(passphrase="toinen"))
    assert put_back(tmp_path / "f.backup") == 2
    assert_untouched()


def swapped(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-2], lines[-1], lines[-2]]


def renumbered(lines: list[bytes]) -> list[bytes]:
    """Swap two lines and give each the other's number."""
    first, second = (json.loads(each) for each in lines[-2:])
    first["seq"], second["seq"] = second["seq"], first["seq"]
    return [*lines[:-2], *(json.dumps(each).encode() + b"\n" for each in (second, first))]


def without_the_second(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines[2:]]


@pytest.mark.parametrize("spoil", [swapped, renumbered, without_the_second])
def test_g2_a_ledger_whose_lines_were_moved_keeps_it_closed(
    backup: Path, outside: Path, spoil: Callable[[list[bytes]], list[bytes]]
) -> None:
    whole = outside.read_bytes()
    outside.write_bytes(b"".join(spoil(whole.splitlines(keepends=True))))
    assert put_back(backup) == 1
    closed = quarantine.current()
    assert closed is not None
    assert closed.stage is quarantine.Stage.GAP
    assert main(["show", STAYS.text]) == 1
    outside.write_bytes(whole)
    assert main(["restore", "--resume"]) == 0
    assert find_contact(ERASED) is None


def test_g2_of_two_restores_at_once_the_second_changes_nothing(
    backup: Path, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with outside.with_name("restoring.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert put_back(backup) != 0
        assert "Another process" in capsys.readouterr().err
        assert_untouched()
    assert put_back(backup) == 0
    assert find_contact(ERASED) is None


@pytest.mark.parametrize("command", [["--resume"], ["--accept-gap", "both disks burnt"]])
def test_g2_beside_a_restore_nobody_goes_on_with_it_or_opens_it(
    backup: Path, outside: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = outside.read_bytes()
    outside.unlink()
    assert put_back(backup) == 1
    closed = quarantine.current()
    assert closed is not None
    assert closed.stage is quarantine.Stage.GAP
    with outside.with_name("restoring.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        capsys.readouterr()
        assert main(["restore", *command]) == 5
        assert "Another process" in capsys.readouterr().err
    assert quarantine.current() == closed
    assert find_contact(STAYS) is not None
    outside.write_bytes(lines)
    assert main(["restore", "--resume"]) == 0


@pytest.mark.skipif("postgresql" in str(the_settings.DATABASES["default"]["ENGINE"]), reason="the server's own disk")
def test_g2_a_disk_that_fills_up_leaves_the_installation_as_it_was(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as filled:
        filled.setattr(sqlite.DatabaseSink, "write", full)
        assert put_back(backup) != 0
    assert_untouched()
    assert put_back(backup) == 0


class Killed(BaseException):
    """The process dies here: nothing answers it."""


@pytest.mark.parametrize("line", [1, 2, 4])
def test_g2_a_restore_that_is_killed_while_it_carries_lines_out_stays_closed_and_goes_on(
    backup: Path, monkeypatch: pytest.MonkeyPatch, line: int
) -> None:
    right, done = replayers.get("suppress" if line % 2 == 0 else "erase"), []

    def dying(each: Line) -> int:
        done.append(each.seq)
        if len(done) * 2 > line - 1:
            raise Killed
        assert right is not None
        return right(each)

    with monkeypatch.context() as broken:
        broken.setitem(replayers._parts, "suppress" if line % 2 == 0 else "erase", dying)
        with pytest.raises(Killed):
            put_back(backup)
    closed = quarantine.current()
    assert closed is not None
    assert closed.stage is quarantine.Stage.REPLAYING
    assert main(["show", STAYS.text]) == 1
    assert main(["restore", "--resume"]) == 0
    assert [find_contact(each) is None for each in (ERASED, ALSO, STAYS)] == [True, True, False]
    assert is_suppressed(ERASED)
    assert is_suppressed(ALSO)
