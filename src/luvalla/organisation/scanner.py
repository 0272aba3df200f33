"""The virus scanner of the organisation, if it has one: ClamAV's clamd, asked by its own protocol (clamd(8), INSTREAM).

It is asked on this machine only, by a socket of Unix or of loopback: the protocol has neither encryption nor passwords,
and what is scanned is about people. A file is scanned before it is kept; without an answer nothing is taken for clean.
"""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.organisation.errors import ScannerAway

SECONDS: Final = 30.0
"""For a connection, and for each of its steps."""
CHUNK: Final = 1 << 16
LONGEST_ANSWER: Final = 4096
CLEAN, FOUND = "stream: OK", re.compile(r"stream: (.+) FOUND\Z")
VERSION: Final = re.compile(r"ClamAV [^/]+/\d+/(.+)\Z")
"""ClamAV 1.4.3/27512/Mon Dec 16 09:34:09 2024: the program, its signatures, and of when they are."""


def has_scanner() -> bool:
    """Tell whether one is configured."""
    return settings.LUVALLA_SCANNER is not None


def is_infected(content: bytes, *, actor: Actor) -> bool:
    """Have a file scanned before it is kept; what is found is a row with who brought it, and nothing of the file.

    False without a scanner. ScannerAway when it is configured and gives no answer.
    """
    found = scan(content) if has_scanner() else ""
    if found:
        with transaction.atomic():
            record("organisation.refuse_file", actor=actor, facts={"found": found})
    return bool(found)


def scan(content: bytes) -> str:
    """Give the name of what the scanner finds in a file, empty for nothing; ScannerAway without a usable answer."""
    said = _ask(b"zINSTREAM\0", content)
    found = FOUND.match(said)
    if found:
        return found[1]
    if said != CLEAN:
        raise ScannerAway(said)
    return ""


def signatures_of() -> datetime | None:
    """Give when the scanner's signatures were made, None if it doesn't say; ScannerAway without an answer."""
    said = VERSION.match(_ask(b"zVERSION\0"))
    try:
        return datetime.strptime(said[1], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC) if said else None
    except ValueError:
        return None


def _ask(command: bytes, content: bytes | None = None) -> str:
    try:
        with _connected() as line:
            line.sendall(command)
            if content is not None:
                _send(line, content)
            return _answer(line)
    except OSError as fault:
        raise ScannerAway(type(fault).__name__) from None


def _connected() -> socket.socket:
    place = settings.LUVALLA_SCANNER
    if isinstance(place, tuple):
        return socket.create_connection(place, SECONDS)
    assert place is not None
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(SECONDS)
    try:
        line.connect(place)
    except OSError:
        line.close()
        raise
    return line


def _send(line: socket.socket, content: bytes) -> None:
    """Send a file in pieces, each after its length, and the end; a scanner that takes no more says so in its answer."""
    view = memoryview(content)
    try:
        for begin in range(0, len(view), CHUNK):
            piece = view[begin : begin + CHUNK]
            line.sendall(len(piece).to_bytes(4, "big"))
            line.sendall(piece)
        line.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        pass


def _answer(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        more = line.recv(LONGEST_ANSWER)
        if not more:
            break
        said += more
    if not said.endswith(b"\0"):
        raise ConnectionAbortedError
    return "".join(each for each in said.decode("ascii", "replace").strip("\0\n ") if each.isprintable())
