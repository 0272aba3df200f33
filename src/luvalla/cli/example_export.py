"""An invented energy company's export, as real ones look: names, meters, old encodings, capitals, doubles, broken rows.

Everything in it is made up, the same for the same seed, and what each row must come to is known, so that an import can
be held against it. The domains end in .example, which belongs to nobody (RFC 2606).
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

ENCODING: Final = "cp1252"
HEADER: Final = (
    *("asiakasnumero", "etunimi", "sukunimi", "sähköposti", "puhelin", "katuosoite", "postinumero", "postitoimipaikka"),
    *("käyttöpaikka", "sopimus alkoi", "asiakaslaji", "syntymäaika"),
)
ADDRESS_COLUMN: Final = HEADER.index("sähköposti")
FIRST_NAMES: Final = (
    *("Aino", "Väinö", "Päivi", "Jyrki", "Åsa", "Mikael", "Sirpa", "Tuomas", "Hyvä-Liisa", "Örjan", "Kerttu", "Reijo"),
    *("Elli", "Onni", "Anna-Maija", "Sulo", "Helmi", "Eero", "Märta", "Yrjö"),
)
LAST_NAMES: Final = (
    *("Virtanen", "Mäkinen", "Nieminen", "Hämäläinen", "Lindqvist", "Köykkä", "Ylä-Outinen", "Åkerlund", "Söderholm"),
    *("Peräsalo", "Kangas", "Rantanen", "Jyväskorpi", "Heinonen", "Salmela", "Öhman"),
)
STREETS: Final = ("Mallikatu", "Pajutie", "Myllypolku", "Kirkkokuja", "Asemantie", "Rantaraitti", "Peltotie")
DOMAINS: Final = ("kotiposti.example", "perheposti.example", "lankapuhelin.example", "pohjanposti.example")
IDN_DOMAIN: Final = "kylänverkko.example"
COMPANIES: Final = ("konepaja", "leipomo", "taloyhtio-honka", "autokorjaamo", "kukkakauppa", "parturi")
BROKEN: Final = (
    "",
    "ei ole",
    "maija.kotiposti.example",
    "maija@",
    "seppo@kotiposti.example; seija@kotiposti.example",
    '=HYPERLINK("https://paha.example";"a")',
    "matti matikainen@kotiposti.example",
    "a@kotiposti..example",
    "kalle@localhost",
)
BROKEN_OF: Final = 80
"""One row in so many is broken."""
DOUBLED_OF: Final = 30
"""One row in so many stands in the file twice, spelled differently."""
COMPANY_OF: Final = 25
IDN_OF: Final = 60
TAGGED_OF: Final = 40


@dataclass(frozen=True, slots=True)
class WrittenExport:
    """What was written, and what an import into an empty register must make of it."""

    rows: int
    groups: dict[str, int]


def write_export(place: Path, *, customers: int, seed: int = 20261124) -> WrittenExport:
    """Write an export of so many rows (header apart) in Windows-1252 with semicolons, as old systems do."""
    counted: Counter[str] = Counter()
    with place.open("w", encoding=ENCODING, newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(HEADER)
        for group, row in _rows(customers, random.Random(seed)):  # noqa: S311  # invented people, not keys
            counted[group] += 1
            table.writerow(row)
    groups = {name: counted[name] for name in ("new", "duplicate", "refused")}
    return WrittenExport(customers, {**groups, "suppressed": 0, "unchanged": 0, "changed": 0})


def write_next_export(place: Path, before: Path, *, returning: str) -> int:
    """Write the following night's export: the same rows, and one mailbox in three more spellings; tell how many.

    The mailbox's own row stays, so the file names it four times: as it was, in capitals, with a plus-tag, and both.
    """
    local, _, domain = returning.partition("@")
    spellings = (f"{local}@{domain}".upper(), f"{local}+uutiset@{domain}", f"{local.title()}+Lasku@{domain.title()}")
    with before.open(encoding=ENCODING, newline="") as old, place.open("w", encoding=ENCODING, newline="") as new:
        table = csv.writer(new, delimiter=";")
        for row in csv.reader(old, delimiter=";"):
            table.writerow(row)
        for number, spelling in enumerate(spellings):
            table.writerow(_row(900_000 + number, spelling, random.Random(number)))  # noqa: S311  # invented people
    return len(spellings) + 1


def _rows(customers: int, chance: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Give rows with the group each belongs to; a double follows the row it doubles."""
    number, given = 0, 0
    while given < customers:
        number += 1
        if number % BROKEN_OF == 0:
            yield "refused", _row(number, BROKEN[number // BROKEN_OF % len(BROKEN)], chance)
            given += 1
            continue
        address = _address(number, chance)
        yield "new", _row(number, _as_typed(address, number), chance)
        given += 1
        if number % DOUBLED_OF == 0 and given < customers:
            yield "duplicate", _row(number, _spelled_differently(address, number), chance)
            given += 1


def _address(number: int, chance: random.Random) -> str:
    """Make an address that no other number has."""
    if number % COMPANY_OF == 0:
        return f"{chance.choice(('info', 'laskut', 'toimisto'))}@{chance.choice(COMPANIES)}{number}.example"
    name = f"{chance.choice(FIRST_NAMES)}.{chance.choice(LAST_NAMES)}{number}".lower()
    plain = name.translate(str.maketrans("äöå", "aoa"))
    return f"{plain}@{IDN_DOMAIN if number % IDN_OF == 1 else chance.choice(DOMAINS)}"


def _as_typed(address: str, number: int) -> str:
    """Spell an address as people and old systems do."""
    if number % TAGGED_OF == 0:
        return address.replace("@", "+sahko@")
    return (address, address.upper(), address.title(), f" {address} ")[number % 4 if number % 5 == 0 else 0]


def _spelled_differently(address: str, number: int) -> str:
    return address.upper() if number % 2 else address.replace("@", "+lasku@")


def _row(number: int, address: str, chance: random.Random) -> list[str]:
    born = date(1940, 1, 1) + timedelta(days=chance.randrange(22_000))
    since = date(2009, 1, 1) + timedelta(days=chance.randrange(6_400))
    is_company = number % COMPANY_OF == 0
    return [
        f"{100_000 + number}",
        "" if is_company else chance.choice(FIRST_NAMES),
        f"Yritys {number} Oy" if is_company else chance.choice(LAST_NAMES),
        address,
        f"050 {chance.randrange(1_000_000):07d}",
        f"{chance.choice(STREETS)} {chance.randrange(1, 90)}",
        f"{chance.randrange(1, 99):02d}{chance.randrange(100):02d}0",
        "Mallila",
        f"FI_{chance.randrange(10**9):09d}",
        f"{since.day}.{since.month}.{since.year}",
        "yritys" if is_company else "yksityinen",
        "" if is_company else born.isoformat(),
    ]
