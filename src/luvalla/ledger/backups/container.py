"""The file of a backup: members by name, one after the other, encrypted with age (age-encryption.org/v1).

A member is a name (2 bytes of length, then UTF-8), pieces (4 bytes of length, then bytes) and an empty piece; an empty
name ends the file. age doesn't tell who encrypted: everybody can who knows the public key. So the last member,
AUTHENTICATION, holds what its maker makes of the SHA-256 of all that comes before it. With a passphrase the file begins
with PASSPHRASE, 4 bytes of length and an age file, opened by the passphrase, that holds the identity for the rest.
Knows no framework.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from struct import Struct
from typing import IO, Final, Protocol

import pyrage  # type: ignore[import-untyped]  # it ships no types

from luvalla.ledger.backups.errors import CannotOpen, NoRecipient, NotABackup

PASSPHRASE: Final = b"luvalla backup under a passphrase\n"
NAME_LENGTH: Final = Struct(">H")
PIECE_LENGTH: Final = Struct(">I")
LARGEST_PIECE: Final = 1 << 24
AUTHENTICATION: Final = "authentication"
LONGEST_MAC: Final = 64


@dataclass(frozen=True, slots=True)
class Member:
    """Something in a backup: its name ("database", "media/letter.png") and its bytes in pieces."""

    name: str
    pieces: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Lock:
    """For whom a backup is encrypted: age recipients, or whoever knows a passphrase."""

    recipients: tuple[str, ...] = ()
    passphrase: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """What opens a backup: age identities, or the passphrase."""

    identities: tuple[str, ...] = ()
    passphrase: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """What was read of a backup, to be authenticated: the digest of all of it, and what its maker made of that."""

    digest: bytes
    mac: bytes | None
    """None in a backup that nobody has authenticated."""


class Sink(Protocol):
    """Takes one member's pieces."""

    def write(self, piece: bytes) -> object:
        """Take a piece."""

    def close(self) -> None:
        """Know that the member is whole."""


def write_backup(
    file: IO[bytes], members: Iterable[Member], lock: Lock, authenticate: Callable[[bytes], bytes] | None = None
) -> None:
    """Encrypt members into a file; NoRecipient when the lock names nobody who could open it again.

    authenticate: makes the mac of the digest; without it nobody is told who has made the backup.
    """
    try:
        recipients = [pyrage.x25519.Recipient.from_str(each) for each in lock.recipients]
    except pyrage.RecipientError:
        raise NoRecipient from None
    if lock.passphrase:
        identity = pyrage.x25519.Identity.generate()
        sealed = pyrage.passphrase.encrypt(str(identity).encode(), lock.passphrase)
        file.write(PASSPHRASE + PIECE_LENGTH.pack(len(sealed)) + sealed)
        recipients = [identity.to_public()]
    if not recipients:
        raise NoRecipient
    pyrage.encrypt_io(_Reader(_spelled(members, authenticate)), file, recipients)


def read_backup(file: IO[bytes], key: Key, opened: Callable[[str], Sink]) -> Payload:
    """Decrypt a backup member by member into what `opened` gives for each name, and tell what authenticates it.

    Raises CannotOpen, and NotABackup where the file was changed or cut off; members may have been written by then.
    """
    file.seek(0)
    identities = _identities(file, key)
    parser = _Parser(opened)
    try:
        pyrage.decrypt_io(file, parser, identities)
    except pyrage.DecryptError:
        raise CannotOpen from None
    except OSError as fault:
        if fault.errno is None:
            raise NotABackup from None
        raise
    if not parser.has_ended:
        raise NotABackup
    return parser.payload()


def _identities(file: IO[bytes], key: Key) -> list[pyrage.x25519.Identity]:
    if file.read(len(PASSPHRASE)) != PASSPHRASE:
        file.seek(0)
        try:
            return [pyrage.x25519.Identity.from_str(each) for each in key.identities]
        except pyrage.IdentityError:
            raise CannotOpen from None
    (length,) = PIECE_LENGTH.unpack(file.read(PIECE_LENGTH.size).rjust(PIECE_LENGTH.size, b"\0"))
    if not 0 < length < LARGEST_PIECE:
        raise NotABackup
    try:
        text = pyrage.passphrase.decrypt(file.read(length), key.passphrase).decode()
    except pyrage.DecryptError:
        raise CannotOpen from None
    return [pyrage.x25519.Identity.from_str(text)]


def _spelled(members: Iterable[Member], authenticate: Callable[[bytes], bytes] | None) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for member in members:
        for spelled in _spelled_member(member):
            digest.update(spelled)
            yield spelled
    if authenticate is not None:
        yield from _spelled_member(Member(AUTHENTICATION, [authenticate(digest.digest())]))
    yield NAME_LENGTH.pack(0)


def _spelled_member(member: Member) -> Iterator[bytes]:
    name = member.name.encode()
    yield NAME_LENGTH.pack(len(name)) + name
    for piece in member.pieces:
        if piece:
            yield PIECE_LENGTH.pack(len(piece)) + bytes(piece)
    yield PIECE_LENGTH.pack(0)


class _Reader:
    """Gives pieces as a file to be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._kept = pieces, bytearray()

    def read(self, size: int = -1) -> bytes:
        """Give up to so many bytes."""
        while size < 0 or len(self._kept) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._kept += piece
        size = len(self._kept) if size < 0 else size
        given, self._kept = bytes(self._kept[:size]), self._kept[size:]
        return given


class _Parser:
    """Takes a decrypted backup apart as it comes."""

    def __init__(self, opened: Callable[[str], Sink]) -> None:
        self._opened, self._kept = opened, bytearray()
        self._sink: Sink | None = None
        self._digest = hashlib.sha256()
        self._mac: _Mac | None = None
        self.has_ended = False

    def payload(self) -> Payload:
        """Tell what was read once all of it has come."""
        return Payload(self._digest.digest(), bytes(self._mac.content) if self._mac is not None else None)

    def write(self, data: bytes) -> int:
        """Take the next bytes."""
        self._kept += data
        while not self.has_ended and self._take():
            pass
        if self.has_ended and self._kept:
            raise NotABackup
        return len(data)

    def flush(self) -> None:
        """Nothing is held back but what isn't whole yet."""

    def _take(self) -> bool:
        if self._sink is None:
            name = self._whole(NAME_LENGTH)
            if name is None:
                return False
            self.has_ended = not name
            self._sink = self._begun(name) if name else None
            return True
        piece = self._whole(PIECE_LENGTH)
        if piece is None:
            return False
        if self._mac is None:
            self._digest.update(PIECE_LENGTH.pack(len(piece)) + piece)
        if piece:
            self._sink.write(piece)
        else:
            self._sink.close()
            self._sink = None
        return True

    def _begun(self, spelled: bytes) -> Sink:
        """Begin a member; none comes behind the authentication."""
        if self._mac is not None:
            raise NotABackup
        name = _decoded(spelled)
        if name == AUTHENTICATION:
            self._mac = _Mac()
            return self._mac
        self._digest.update(NAME_LENGTH.pack(len(spelled)) + spelled)
        return self._opened(name)

    def _whole(self, length: Struct) -> bytes | None:
        """Take a length and what it counts, once all of it is there."""
        if len(self._kept) < length.size:
            return None
        (size,) = length.unpack_from(self._kept)
        if size > LARGEST_PIECE:
            raise NotABackup
        end = length.size + size
        if len(self._kept) < end:
            return None
        taken = bytes(self._kept[length.size : end])
        del self._kept[:end]
        return taken


class _Mac:
    """Keeps what authenticates a backup."""

    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, piece: bytes) -> None:
        """Take a piece; NotABackup for more than a mac has."""
        self.content += piece
        if len(self.content) > LONGEST_MAC:
            raise NotABackup

    def close(self) -> None:
        """Nothing more comes."""


def _decoded(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise NotABackup from None
