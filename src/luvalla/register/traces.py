"""Looking for traces of registered people in plain text: in the files of an installation and the texts of its database.

Anything shaped like an address is looked up by its token. Only what leads to a registered or stopped person counts:
invented examples don't, and neither do the staff's own addresses. Database files keep the texts of a row without
anything between them, so every reading of a place is tried: "MaijaMaija@esimerkki.fiTampere" is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection

from luvalla.jobs.process import opened_elsewhere
from luvalla.ledger.vault import sealer
from luvalla.register.catalogue import Column, columns
from luvalla.register.models import Contact, Suppression
from luvalla.rules.address import LONGEST_LOCAL, Address, NotAnAddress, normalise

SHAPE: Final = rb"([A-Za-z0-9\x80-\xff][A-Za-z0-9.\x80-\xff-]{0,120}\.[A-Za-z][A-Za-z0-9-]{1,30})"
# An address in a URL has %40 for its @ sign (RFC 3986, 2.1). Two patterns, since one for both would look at each byte.
DOMAINS: Final = (re.compile(b"@" + SHAPE), re.compile(b"%40" + SHAPE))
WIDE: Final = re.compile(rb"@\0[A-Za-z0-9\x80-\xff]\0")
"""An @ sign in UTF-16, as tables are saved on Windows, of either order of bytes."""
LOCAL: Final = re.compile(rb"[A-Za-z0-9._%+'&=/~#!$*?^`{|}\x80-\xff-]+\Z")
PIECE: Final = 1 << 22
OVERLAP: Final = 320
SHORTEST_ENDING: Final = 2
SHAPE_OF_BYTES: Final = r"@[A-Za-z0-9.\\-]+[.][A-Za-z]{2}"
"""What PostgreSQL looks for in bytes before they are read here; a byte beyond ASCII is a backslash and its number."""


class Whose(StrEnum):
    """Whose addresses count as traces."""

    ANYBODY = "anybody"
    STOPPED = "stopped"


class Place(NamedTuple):
    """What stands before and after an @ sign."""

    before: str
    after: str


def traces_in_files(places: Iterable[Path], *, whose: Whose = Whose.ANYBODY) -> int:
    """Count the files, in and below the places, that show the address of a registered or stopped person.

    A file's own name is read like its content.
    """
    return sum(
        1 for place in places for file in _files(place) if _shows_somebody(chain(_named(file), _shaped_in(file)), whose)
    )


def traces_in_columns(*, whose: Whose = Whose.ANYBODY) -> int:
    """Count the columns of the database that show such an address, texts and bytes.

    The bytes of SQLite's columns are not asked for one by one: all of them lie in its files, which are read anyway.
    """
    has_no_files = connection.vendor != "sqlite"
    looked_at = (each for each in columns() if each.is_text or (each.is_bytes and has_no_files))
    return sum(1 for each in looked_at if _shows_somebody(_shaped_in_column(each), whose))


def _shows_somebody(found: Iterable[Place], whose: Whose) -> bool:
    places = set(found)
    if not places:
        return False
    staff = get_user_model().objects.values_list("email", flat=True)
    of_staff = {token for each in staff for token in _tokens(normalise(each))}
    return any(_is_known(each, of_staff, whose) for each in places)


def _is_known(place: Place, of_staff: set[bytes], whose: Whose) -> bool:
    tokens = {token for each in _readings(place) for token in _tokens(each)} - of_staff
    if Suppression.objects.filter(token__in=tokens).exists():
        return True
    return whose is Whose.ANYBODY and Contact.objects.filter(token__in=tokens).exists()


def _tokens(address: Address) -> tuple[bytes, bytes]:
    return sealer().exact_token(address), sealer().folded_token(address)


def _readings(place: Place) -> Iterator[Address]:
    """Read a place in every way: from each letter before the @ sign, to each dot and each letter after the last one."""
    for domain in _domains(place.after):
        for start in range(len(place.before)):
            try:
                yield normalise(f"{place.before[start:]}@{domain}")
            except NotAnAddress:
                continue


def _domains(after: str) -> Iterator[str]:
    """Give what the domain may be: "esimerkki.fi.eml" and "esimerkki.fiTampere" begin with one."""
    ending = len(after.rpartition(".")[2])
    yield from (after[: len(after) - cut] for cut in range(ending - SHORTEST_ENDING + 1))
    labels = after.split(".")
    yield from (".".join(labels[:many]) for many in range(2, len(labels)))


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    for each in place.rglob("*"):
        if each.is_file():
            yield each


def _named(file: Path) -> Iterator[Place]:
    """Read the names of a file and of the folder it lies in."""
    yield from _shaped("/".join(file.parts[-2:]).encode(errors="surrogateescape"))


def _shaped_in(file: Path) -> Iterator[Place]:
    """Read a file in pieces that overlap by more than the longest address."""
    kept = b""
    with opened_elsewhere(file) as opened:
        while piece := opened.read(PIECE):
            yield from _shaped(kept + piece)
            if WIDE.search(kept + piece):
                yield from _shaped((kept + piece).replace(b"\0", b""))
            kept = (kept + piece)[-OVERLAP:]


def _shaped_in_column(column: Column) -> Iterator[Place]:
    table, name = column.quoted()
    text = f"CAST({name} AS text)"
    value, shaped = (text, f"{text} LIKE %s OR {text} LIKE %s ESCAPE '!'") if column.is_text else (name, _bytes(name))
    sought = ["%@%", "%!%40%"] if column.is_text else [SHAPE_OF_BYTES]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {value} FROM {table} WHERE {shaped}", sought)  # noqa: S608  # names of the catalogue
        for (found,) in cursor:
            yield from _shaped(found.encode() if isinstance(found, str) else bytes(found))


def _bytes(name: str) -> str:
    """Ask PostgreSQL for bytes of that shape; most have no @ sign, which is quicker to see than the shape."""
    return f"position('\\x40'::bytea in {name}) > 0 AND encode({name}, 'escape') ~ %s"


def _shaped(content: bytes) -> Iterator[Place]:
    for found in chain.from_iterable(each.finditer(content) for each in DOMAINS):
        before = LOCAL.search(content, max(0, found.start() - LONGEST_LOCAL), found.start())
        if before:
            yield Place(before.group().decode(errors="replace"), found.group(1).decode(errors="replace"))
