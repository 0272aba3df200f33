"""Uploaded exports, sealed from the first byte: nothing of them is ever on the disk in plain text.

A sealed file is a magic word, 16 random bytes that name the file, and chunks of 64 KiB, each sealed for itself and
bound to the file, to its number and to whether it is the last one. So a file can be read from anywhere, which zip
archives need, and a chunk that was changed, moved, taken from another file or cut off is noticed.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import time
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings

from luvalla.ledger.errors import SealBroken
from luvalla.ledger.sealing import Sealer
from luvalla.ledger.vault import sealer
from luvalla.register.columns import UPLOAD
from luvalla.rules.retention import UPLOAD as RETENTION

MAGIC: Final = b"LUVALLA1"
ID_BYTES: Final = 16
CHUNK: Final = 1 << 16
OVERHEAD: Final = 30
"""What sealing adds to a chunk: version, key id, nonce and tag."""
BEGINNING: Final = len(MAGIC) + ID_BYTES
LARGEST: Final = 1 << 29
"""The largest upload that is taken, in bytes."""
NAME: Final = re.compile(r"[0-9a-f]{32}\.sealed\Z")


class SealedWriter:
    """Writes a sealed file; what is written is only there after close()."""

    def __init__(self, file: BinaryIO, keys: Sealer) -> None:
        """Begin a file with a new random id."""
        self._file, self._keys = file, keys
        self._id, self._number = secrets.token_bytes(ID_BYTES), 0
        self._waiting = bytearray()
        self.size = 0
        file.write(MAGIC + self._id)

    def write(self, content: bytes) -> None:
        """Take some bytes; whole chunks go to the file."""
        self._waiting += content
        self.size += len(content)
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]

    def close(self) -> None:
        """Seal the last chunk, which says that it is the last, and put the file on the disk."""
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        place = _place(self._id, self._number, is_last=is_last)
        self._file.write(self._keys.seal(chunk, column=UPLOAD, token=place))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads a sealed file from anywhere; SealBroken when it isn't whole."""

    def __init__(self, file: BinaryIO, keys: Sealer) -> None:
        """Check the beginning and the end of the file."""
        super().__init__()
        self._file, self._keys = file, keys
        length = file.seek(0, os.SEEK_END) - BEGINNING
        file.seek(0)
        head = file.read(BEGINNING)
        if head[: len(MAGIC)] != MAGIC or length < OVERHEAD:
            raise SealBroken
        self._id = head[len(MAGIC) :]
        self._chunks = -(-length // (CHUNK + OVERHEAD))
        self._at = 0
        self._number, self._chunk = -1, b""
        self._size = (self._chunks - 1) * CHUNK + len(self._open(self._chunks - 1))

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Give the position in the plain file."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position in the plain file."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the base class says Buffer
        """Fill as much as the chunk at the position has."""
        if self._at >= self._size:
            return 0
        number, offset = divmod(self._at, CHUNK)
        piece = self._open(number)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Close the file below too."""
        self._file.close()
        super().close()

    def _open(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(BEGINNING + number * (CHUNK + OVERHEAD))
            sealed = self._file.read(CHUNK + OVERHEAD)
            place = _place(self._id, number, is_last=number == self._chunks - 1)
            self._number, self._chunk = number, self._keys.open(sealed, column=UPLOAD, token=place)
        return self._chunk


def begin_upload() -> tuple[str, SealedWriter]:
    """Open a new sealed upload in the home folder: its name, and where to write."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{secrets.token_hex(16)}.sealed"
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return name, SealedWriter(os.fdopen(descriptor, "wb"), sealer())


def open_upload(name: str) -> BinaryIO:
    """Open a sealed upload as the file it was; FileNotFoundError when it is gone, SealBroken when it isn't whole."""
    if not NAME.match(name):
        raise FileNotFoundError
    return io.BufferedReader(SealedReader((_folder() / name).open("rb"), sealer()), CHUNK)


def delete_upload(name: str) -> None:
    """Delete an upload, if it is there."""
    if NAME.match(name):
        (_folder() / name).unlink(missing_ok=True)


def purge_uploads(now: float | None = None) -> int:
    """Delete the uploads that have served their time; tell how many."""
    late = late_uploads(now or time.time())
    for place in late:
        place.unlink(missing_ok=True)
    return len(late)


def late_uploads(now: float) -> list[Path]:
    """Give the uploads that have served their time; now in seconds since the epoch."""
    late = now - RETENTION.total_seconds()
    return [each for each in _folder().glob("*.sealed") if each.stat().st_mtime < late]


def _folder() -> Path:
    return Path(settings.LUVALLA_HOME) / "uploads"


def _place(file_id: bytes, number: int, *, is_last: bool) -> bytes:
    """Say where a chunk belongs: its file, its number, and whether it is the last."""
    return file_id + number.to_bytes(8, "big") + bytes((is_last,))
