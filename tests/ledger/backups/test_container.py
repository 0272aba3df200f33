from __future__ import annotations

import io

import pyrage  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luvalla.ledger.backups.container import Key, Lock, Member, read_backup, write_backup
from luvalla.ledger.backups.errors import CannotOpen, NoRecipient, NotABackup

IDENTITY = pyrage.x25519.Identity.generate()
LOCK, KEY = Lock((str(IDENTITY.to_public()),)), Key((str(IDENTITY),))


class Taken(dict[str, list[bytes]]):
    """What came out of a backup."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: list[str] = []
        self.name = ""

    def open(self, name: str) -> Taken:
        """Begin a member."""
        self[name], self.name = [], name
        return self

    def write(self, piece: bytes) -> None:
        """Take a piece."""
        self[self.name].append(piece)

    def close(self) -> None:
        """End the member."""
        self.closed.append(self.name)


def written(*members: Member, lock: Lock = LOCK) -> bytes:
    file = io.BytesIO()
    write_backup(file, members, lock)
    return file.getvalue()


def read(content: bytes, key: Key = KEY) -> Taken:
    taken = Taken()
    read_backup(io.BytesIO(content), key, taken.open)
    return taken


MEMBERS = st.tuples(st.text(min_size=1, max_size=20), st.lists(st.binary(max_size=90_000)))


@settings(max_examples=20)
@given(st.lists(MEMBERS, unique_by=lambda member: member[0]))
def test_what_goes_in_comes_out(members: list[tuple[str, list[bytes]]]) -> None:
    taken = read(written(*(Member(name, pieces) for name, pieces in members)))
    assert {name: b"".join(pieces) for name, pieces in taken.items()} == {
        name: b"".join(pieces) for name, pieces in members
    }
    assert taken.closed == [name for name, _ in members]


def test_nothing_of_it_stands_in_plain_text() -> None:
    content = written(Member("database", [b"maija@esimerkki.fi" * 1000]))
    assert content.startswith(b"age-encryption.org/v1")
    assert b"maija" not in content
    assert b"database" not in content


def test_a_passphrase_locks_and_opens_too() -> None:
    content = written(Member("database", [b"rows"]), lock=Lock(passphrase="korrekt häst batteri"))
    assert read(content, Key(passphrase="korrekt häst batteri")) == {"database": [b"rows"]}
    with pytest.raises(CannotOpen):
        read(content, Key(passphrase="another one"))


def test_only_its_key_opens_it() -> None:
    other = str(pyrage.x25519.Identity.generate())
    with pytest.raises(CannotOpen):
        read(written(Member("database", [b"rows"])), Key((other,)))
    assert read(written(Member("database", [b"rows"])), Key((other, str(IDENTITY))))


def test_nobody_to_encrypt_for_is_refused() -> None:
    for lock in (Lock(), Lock(("age1nobody",))):
        with pytest.raises(NoRecipient):
            written(lock=lock)


@pytest.mark.parametrize("cut", [1, 40, 200_000])
def test_a_backup_that_was_cut_off_is_none(cut: int) -> None:
    content = written(Member("database", [b"x" * 300_000]))
    with pytest.raises((NotABackup, CannotOpen)):
        read(content[:-cut])


def test_a_backup_that_was_changed_is_none() -> None:
    content = bytearray(written(Member("database", [b"x" * 300_000])))
    content[150_000] ^= 1
    with pytest.raises(NotABackup):
        read(bytes(content))


def test_another_file_is_none() -> None:
    with pytest.raises((NotABackup, CannotOpen)):
        read(b"PK\x03\x04 something else altogether")
