"""Files that come with a request: checked by what they are, never by what they are called, and sealed."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.organisation.errors import ScannerAway
from luvalla.organisation.scanner import is_infected
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.columns import ATTACHMENT
from luvalla.rights.errors import FileFault, FileInfected, FileRefused, FileUnscanned
from luvalla.rights.models import Attachment, DataRequest

LARGEST: Final = 10_000_000
MOST: Final = 10
BEGINNINGS: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
"""What a scan or a letter begins with."""
EXECUTABLE: Final = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa")
ZIP: Final = b"PK\x03\x04"
DOCUMENTS: Final = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "content.xml": "application/vnd.oasis.opendocument.text",
}
ENDINGS: Final = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tiff",
    "text/plain": "txt",
    DOCUMENTS["word/document.xml"]: "docx",
    DOCUMENTS["content.xml"]: "odt",
}
MACROS: Final = re.compile(
    r"(?:^|/)(?:vbaproject|vbadata|oleobject\d*)\.(?:bin|xml)$|^(?:basic|scripts)/"
    r"|\.(?:exe|dll|com|scr|pif|msi|cpl|lnk|hta|bat|cmd|ps1|vbs|vbe|js|jse|wsf|jar|class|dex|so|sh|py|reg|zip|rar|7z)$"
)
"""Names that no document needs in it: macros, packaged objects, programs, scripts, and archives that hide more."""
MOST_ENTRIES: Final = 5_000
LARGEST_UNPACKED: Final = 300_000_000
"""Bytes that a document may say it unpacks to; whoever opens a larger one has no machine left to work with."""
SPLIT: Final = b"\n"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept."""

    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)
    is_unscanned: bool = False


def check_file(name: str, content: bytes) -> CheckedFile:
    """Look at what a file is. Raises FileRefused for one that is empty, too large, a program or of an unknown kind."""
    if not content:
        raise FileRefused(FileFault.EMPTY)
    if len(content) > LARGEST:
        raise FileRefused(FileFault.TOO_LARGE)
    if content.removeprefix(BOM_UTF8).startswith(EXECUTABLE):
        raise FileRefused(FileFault.EXECUTABLE)
    media_type = _type_of(content)
    if media_type is None:
        raise FileRefused(FileFault.UNKNOWN_KIND)
    return CheckedFile(name[:200], media_type, content)


def scanned_file(file: CheckedFile, *, actor: Actor) -> CheckedFile:
    """Have a file scanned that came by mail; FileInfected when something is found in it.

    A scanner that gives no answer holds up no request: the file is kept, sealed, and scanned before it is opened.
    """
    try:
        infected = is_infected(file.content, actor=actor)
    except ScannerAway:
        return replace(file, is_unscanned=True)
    if infected:
        raise FileInfected
    return file


def settle_scan(file: Attachment, *, actor: Actor) -> None:
    """Scan a kept file that hasn't been; FileInfected or FileUnscanned when it must stay shut."""
    if not file.is_unscanned:
        return
    if scanned_file(open_file(file), actor=actor).is_unscanned:
        raise FileUnscanned
    file.is_unscanned = False
    file.save(update_fields=["is_unscanned"])


def ending_of(content: bytes) -> str:
    """Give the ending of a file's name by what the file is; "bin" for what is none of the known kinds.

    >>> ending_of(b"%PDF-1.7"), ending_of(bytes(3)), ending_of(b"Hello")
    ('pdf', 'bin', 'txt')
    """
    try:
        return ENDINGS.get(_type_of(content) or "", "bin")
    except FileRefused:
        return "bin"


def keep_file(request: DataRequest, file: CheckedFile, *, actor: Actor) -> Attachment:
    """Seal a file with its name into a case, in the caller's transaction; FileRefused for the eleventh."""
    if request.attachments.count() >= MOST:
        raise FileRefused(FileFault.TOO_MANY)
    sealed = sealer().seal(
        json.dumps(file.name).encode() + SPLIT + file.content, column=ATTACHMENT, token=bytes(request.folded)
    )
    kept = Attachment.objects.create(
        request=request,
        media_type=file.media_type,
        size=len(file.content),
        sealed=sealed,
        is_unscanned=file.is_unscanned,
    )
    note_event(request, "file", actor=actor)
    record("rights.keep_file", actor=actor, subject=subject_of(request), facts={"type": file.media_type})
    return kept


def open_file(file: Attachment) -> CheckedFile:
    """Open a kept file."""
    opened = sealer().open(bytes(file.sealed), column=ATTACHMENT, token=bytes(file.request.folded))
    name, _, content = opened.partition(SPLIT)
    return CheckedFile(json.loads(name), file.media_type, content)


def _type_of(content: bytes) -> str | None:
    for beginning, media_type in BEGINNINGS:
        if content.startswith(beginning):
            return media_type
    if content.startswith(ZIP):
        return _document_in(content)
    return _plain(content)


def _document_in(content: bytes) -> str | None:
    try:
        with ZipFile(BytesIO(content)) as opened:
            entries = opened.infolist()
    except (BadZipFile, ValueError, RuntimeError):
        return None
    if len(entries) > MOST_ENTRIES or sum(each.file_size for each in entries) > LARGEST_UNPACKED:
        raise FileRefused(FileFault.TOO_LARGE)
    names = [each.filename.lower() for each in entries]
    if any(map(MACROS.search, names)):
        raise FileRefused(FileFault.EXECUTABLE)
    return next((media_type for inside, media_type in DOCUMENTS.items() if inside in names), None)


def _plain(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return "text/plain" if all(each.isprintable() or each in "\r\n\t\f" for each in text) else None
