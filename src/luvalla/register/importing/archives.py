"""Spreadsheets are zip archives of XML: opened with limits, so that a small file can't become a huge one."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final
from xml.parsers import expat

from luvalla.register.importing.errors import NotReadable
from luvalla.register.importing.faults import FileFault

CHUNK: Final = 1 << 16
MOST_BYTES: Final = 1 << 32
"""How large all entries together may become."""
HIGHEST_RATIO: Final = 200
"""How many times its compressed size an entry may become: tables come to 10 or 60, a bomb to 1,000."""
SMALL: Final = 1 << 23
LARGEST_DIRECTORY: Final = 1 << 20
END_OF_DIRECTORY: Final = b"PK\x05\x06"
END_BYTES: Final = 22
LONGEST_COMMENT: Final = 1 << 16
ENCRYPTED: Final = 1


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """Open a zip archive; NotReadable when it is damaged, encrypted or would become too large."""
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, struct.error):
        raise NotReadable(FileFault.BROKEN) from None
    for entry in archive.infolist():
        _check_entry(entry)
    if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
        raise NotReadable(FileFault.TOO_LARGE)
    return archive


def parse_entry(archive: zipfile.ZipFile, name: str, handlers: Handlers) -> Iterator[None]:
    """Parse an XML entry piece by piece, coming back after each; document types and entities are refused."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.StartElementHandler = handlers.start
    parser.EndElementHandler = handlers.end
    parser.CharacterDataHandler = handlers.text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    with damage_is_said(), archive.open(name) as file:
        while piece := file.read(CHUNK):
            parser.Parse(piece, False)  # noqa: FBT003  # expat takes it by position
            yield
        parser.Parse(b"", True)  # noqa: FBT003  # the same
        yield


class Handlers:
    """What is done at each start, end and text of an XML entry."""

    def start(self, name: str, attributes: list[str]) -> None:
        """Take the start of an element; attributes are names and values in turn."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, text: str) -> None:
        """Take a piece of text."""


class LocalNames(dict[str, str]):
    """Element names without their prefix: programs choose prefixes as they like."""

    def __missing__(self, name: str) -> str:
        """Cut the prefix once."""
        local = self[name] = name.rpartition(":")[2]
        return local


@contextmanager
def damage_is_said() -> Iterator[None]:
    """Turn what damaged archives and XML raise into NotReadable."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, KeyError, struct.error, UnicodeDecodeError):
        raise NotReadable(FileFault.BROKEN) from None
    except RuntimeError:  # zipfile's word for encrypted entries, and the parent of that for unknown compressions
        raise NotReadable(FileFault.ENCRYPTED) from None


LONGEST_COUNT: Final = 9
"""Digits; a sheet of Excel ends in its 1,048,576th row."""


def attributes_of(listed: list[str]) -> dict[str, str]:
    """Give attributes by their names without prefix."""
    return {listed[at].rpartition(":")[2]: listed[at + 1] for at in range(0, len(listed), 2)}


def count_of(text: str | None, otherwise: int) -> int:
    """Read a number of rows or columns; otherwise for none, and for one that no sheet has, however it is written."""
    return int(text) if text and text.isdecimal() and len(text) <= LONGEST_COUNT else otherwise


def elements(archive: zipfile.ZipFile, name: str, take: Callable[[str, dict[str, str]], None]) -> None:
    """Read a small entry through, giving each element's local name and attributes."""

    class Each(Handlers):
        def start(self, name: str, attributes: list[str]) -> None:
            take(name.rpartition(":")[2], attributes_of(attributes))

    for _ in parse_entry(archive, name, Each()):
        pass


def _check_directory(file: BinaryIO) -> None:
    """Refuse a directory of millions of entries before it is read."""
    end = file.seek(0, 2)
    file.seek(max(0, end - END_BYTES - LONGEST_COMMENT))
    tail = file.read()
    at = tail.rfind(END_OF_DIRECTORY)
    if at < 0 or len(tail) < at + END_BYTES:
        raise NotReadable(FileFault.BROKEN)
    (size,) = struct.unpack("<L", tail[at + 12 : at + 16])
    if size > LARGEST_DIRECTORY:
        raise NotReadable(FileFault.TOO_LARGE)
    file.seek(0)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & ENCRYPTED:
        raise NotReadable(FileFault.ENCRYPTED)
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise NotReadable(FileFault.BROKEN)
    if entry.file_size > SMALL and entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1):
        raise NotReadable(FileFault.TOO_LARGE)


def _refuse_document_type(*_: object) -> None:
    raise NotReadable(FileFault.BROKEN)
