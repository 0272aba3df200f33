"""G2, forged: whoever knows the public key, or has two backups, makes no third one of them that would be put back."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as the_settings
from django.db import connection
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger import quarantine, vault
from luvalla.ledger.actors import OPERATOR, SUBJECT
from luvalla.ledger.backups import sqlite
from luvalla.ledger.backups.authenticity import authenticate
from luvalla.ledger.backups.container import AUTHENTICATION, Member, read_backup, write_backup
from luvalla.ledger.backups.locks import configured_key, configured_lock, make_own_key
from luvalla.ledger.backups.making import make_backup
from luvalla.ledger.keys import Keyring
from luvalla.ledger.models import LedgerRow
from luvalla.register.queries import find_contact, is_suppressed
from luvalla.register.stop import withdraw
from luvalla.rules.address import normalise
from tests.scenarios.test_g1 import tonight
from tests.support.world import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_else")]
ERASED, STAYS = (normalise(f"{each}@esimerkki.fi") for each in ("maija", "seppo"))
Members = list[tuple[str, bytes]]


@pytest.fixture
def backup(tmp_path: Path, settings: Settings) -> Path:
    """Make a backup; then somebody stops."""
    tonight(make_world(), *(each.text for each in (ERASED, STAYS)))
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    made = make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR)
    withdraw(address=ERASED, channel="link", actor=SUBJECT)
    return made.place


class Taken:
    """Takes a member of a backup."""

    def __init__(self, members: Members, name: str) -> None:
        self._members, self._name, self._file = members, name, io.BytesIO()

    def write(self, piece: bytes) -> None:
        """Take a piece."""
        self._file.write(piece)

    def close(self) -> None:
        """Keep it."""
        self._members.append((self._name, self._file.getvalue()))


def members_of(place: Path) -> tuple[Members, bytes]:
    """Give a backup's members and what authenticates them, as whoever holds its identity can read them."""
    members: Members = []
    with place.open("rb") as file:
        payload = read_backup(file, configured_key(), lambda name: Taken(members, name))
    assert payload.mac is not None
    return members, payload.mac


def write(place: Path, members: Members, mac: Callable[[bytes], bytes] | None = None) -> Path:
    """Make a backup as anybody can who knows the public key."""
    with place.open("wb") as file:
        write_backup(file, (Member(name, pieces(content)) for name, content in members), configured_lock(), mac)
    return place


def pieces(content: bytes) -> Iterator[bytes]:
    yield from (content[at : at + sqlite.PIECE] for at in range(0, len(content), sqlite.PIECE))


def put_back(place: Path, *more: str) -> int:
    return main(["restore", str(place), "--replace", *more])


def assert_untouched() -> None:
    """The installation is as it was: open, with whom it has, and nothing of the file left beside it."""
    assert quarantine.current() is None
    assert find_contact(STAYS) is not None
    assert is_suppressed(ERASED)
    assert not (Path(the_settings.LUVALLA_HOME) / "restoring").exists()
    if connection.vendor == "sqlite":
        place = sqlite.database_place()
        assert not place.with_name(place.name + sqlite.RESTORING).exists()


def test_g2_a_backup_that_was_made_with_the_public_key_alone_is_refused(
    backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = write(tmp_path / "f.backup", members_of(backup)[0])
    assert put_back(forged) == 1
    said = capsys.readouterr().err
    assert "doesn't say who made it" in said
    assert "Nothing was changed" in said
    assert_untouched()


@pytest.mark.parametrize("option", [(), ("--unauthenticated",)])
def test_g2_a_backup_that_somebody_elses_keys_authenticate_is_refused(
    backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    for mac in (lambda _: bytes(32), lambda digest: hashlib.sha256(digest).digest(), lambda _: b"short"):
        forged = write(tmp_path / "f.backup", members_of(backup)[0], mac)
        assert put_back(forged, *option) == 1
        assert "keys here didn't make this backup" in capsys.readouterr().err
        assert_untouched()


def test_g2_the_end_of_one_backup_behind_the_beginning_of_another_is_refused(backup: Path, tmp_path: Path) -> None:
    """Both are genuine, and so is what authenticates them: each says it of all that it had."""
    other = make_backup(place=tmp_path / "t1.backup", lock=configured_lock(), actor=OPERATOR).place
    (first, of_first), (second, of_second) = members_of(backup), members_of(other)
    for mac in (of_first, of_second):
        assert put_back(write(tmp_path / "f.backup", [first[0], *second[1:]], lambda _, mac=mac: mac)) == 1
        assert_untouched()
    assert put_back(write(tmp_path / "f.backup", first[:-1], lambda _: of_first)) == 1
    behind = [*first, (AUTHENTICATION, of_first), ("media/more", b"x")]
    assert put_back(write(tmp_path / "f.backup", behind)) == 1
    assert_untouched()
    assert put_back(write(tmp_path / "f.backup", first, authenticate)) == 0


def test_g2_a_backup_from_before_they_were_authenticated_needs_an_option_and_the_ledger_says_so(
    backup: Path, tmp_path: Path
) -> None:
    old = write(tmp_path / "old.backup", members_of(backup)[0])
    assert put_back(old) == 1
    assert_untouched()
    assert put_back(old, "--unauthenticated") == 0
    assert find_contact(ERASED) is None
    assert LedgerRow.objects.filter(verb="ledger.restore").latest("pk").facts["authenticated"] is False
    assert put_back(backup) == 0
    assert LedgerRow.objects.filter(verb="ledger.restore").latest("pk").facts["authenticated"] is True


def test_g2_a_backup_of_an_older_ledger_key_is_this_installations_too(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = vault.keyring()
    with monkeypatch.context() as changed:
        changed.setattr("luvalla.ledger.backups.authenticity.keyring", keys.with_new_ledger_key)
        assert put_back(backup) == 0
    with monkeypatch.context() as changed:
        changed.setattr("luvalla.ledger.backups.authenticity.keyring", Keyring.fresh)
        assert put_back(backup) == 1
    assert_untouched()


def test_g2_a_file_that_changes_between_its_two_readings_is_not_put_back(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = write(tmp_path / "f.backup", [*members_of(backup)[0], ("media/more", b"x")]).read_bytes()
    monkeypatch.setattr("luvalla.ledger.backups.restoring.check_authentic", lambda *_, **__: backup.write_bytes(forged))
    assert put_back(backup) == 1
    if connection.vendor == "sqlite":
        assert_untouched()
    else:
        assert main(["show", STAYS.text]) == 1
