"""The packages the program stands on: how old their versions are, and what is known to be wrong with them.

Nothing is fetched. Known faults are read from files that whoever keeps the machine brings: records in the OSV format
(https://ossf.github.io/osv-schema/, 1.7): one, a list of them, or the archive of all that osv.dev gives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile, is_zipfile

from packaging.version import InvalidVersion, Version

from luvalla.cli.doctor.finding import Finding, fault, good, note, unknown
from luvalla.cli.language import npgettext, pgettext

GROWING_OLD: Final = 60
OLD: Final = 180
"""Days after which the locked versions are worth a note, and a fault (docs/reference/mending.md)."""
ECOSYSTEM: Final = "PyPI"
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """A known fault of an installed package."""

    advisory: str
    package: str
    version: str
    mended_in: str
    severity: str


def look_at_packages(advisories: str | None = None) -> Iterator[Finding]:
    """Look how old the locked versions are, and compare what is installed with the advisories that were brought."""
    from luvalla import LOCKED_ON

    yield _age((_today() - LOCKED_ON).days)
    if advisories is None:
        return
    try:
        records = list(read_advisories(Path(advisories)))
    except (OSError, ValueError, BadZipFile):
        saw = pgettext("doctor", "The advisories can't be read: %(place)s.") % {"place": advisories}
        do = pgettext("doctor", "Give a file in the OSV format: one record, a list, or the archive of all of PyPI.")
        yield unknown("packages", saw, do)
        return
    yield from _compared(records)


def installed() -> dict[str, str]:
    """Give the versions of the installed packages by their normalised names (PEP 503)."""
    return {_normal(each.name): each.version for each in distributions() if each.name}


def read_advisories(place: Path) -> Iterator[Record]:
    """Read the records of a file: JSON, or an archive of JSON files. ValueError for anything else."""
    if is_zipfile(place):
        with ZipFile(place) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    yield from _records(json.loads(archive.read(name)))
        return
    yield from _records(json.loads(place.read_text(encoding="utf-8")))


def hits(records: list[Record], versions: Mapping[str, str]) -> list[Hit]:
    """Give the known faults of these versions, by package; what was withdrawn doesn't count."""
    found = []
    for record in records:
        for affected in () if record.get("withdrawn") else record.get("affected", ()):
            package = affected.get("package", {})
            name = _normal(str(package.get("name", "")))
            if package.get("ecosystem") == ECOSYSTEM and name in versions and _affects(affected, versions[name]):
                mended = ", ".join(sorted({each["fixed"] for each in _events(affected) if "fixed" in each}))
                found.append(Hit(str(record["id"]), name, versions[name], mended, _severity(record)))
    return sorted(found, key=lambda each: (each.package, each.advisory))


def _age(days: int) -> Finding:
    saw = npgettext(
        "doctor",
        "The versions of the packages were chosen %(days)d day ago.",
        "The versions of the packages were chosen %(days)d days ago.",
        days,
    ) % {"days": days}
    do = pgettext("doctor", "Take the newest version of Luvalla. With --advisories FILE known faults are looked up.")
    if days > OLD:
        return fault("packages", saw, do)
    return note("packages", saw, do) if days > GROWING_OLD else good("packages", saw)


def _compared(records: list[Record]) -> Iterator[Finding]:
    found = hits(records, installed())
    for each in found:
        saw = pgettext("doctor", "%(package)s %(version)s has a known fault: %(advisory)s (%(severity)s).")
        do = pgettext("doctor", "It is mended in: %(mended)s. Take a version of Luvalla with it (reference/mending).")
        if not each.mended_in:
            do = pgettext("doctor", "Nobody has mended it yet. Read whether it concerns you (reference/mending).")
        words = {"package": each.package, "version": each.version, "advisory": each.advisory}
        yield fault("packages", saw % {**words, "severity": each.severity}, do % {"mended": each.mended_in})
    if not found:
        saw = npgettext(
            "doctor",
            "%(count)d advisory was compared; nothing that is installed is in it.",
            "%(count)d advisories were compared; nothing that is installed is in them.",
            len(records),
        )
        yield good("packages", saw % {"count": len(records)})


def _records(read: Any) -> list[Record]:
    records = read if isinstance(read, list) else [read]
    if not all(isinstance(each, dict) and "id" in each for each in records):
        raise ValueError
    return records


def _affects(affected: Record, version: str) -> bool:
    """Tell whether a version is affected: named, or between where a fault came and where it went."""
    if version in affected.get("versions", ()):
        return True
    try:
        mine = Version(version)
        return any(_is_within(each.get("events", ()), mine) for each in _ranges(affected))
    except InvalidVersion:
        return True  # in doubt it is looked at


def _is_within(events: list[dict[str, str]], mine: Version) -> bool:
    """Follow the events of a range in the order of their versions (OSV schema, "Evaluation")."""
    steps = [(_place(next(iter(each.values()))), next(iter(each))) for each in events if "limit" not in each]
    is_in = False
    for at, kind in sorted(steps):
        if kind == "introduced" and mine >= at:
            is_in = True
        elif (kind == "fixed" and mine >= at) or (kind == "last_affected" and mine > at):
            is_in = False
    return is_in


def _place(version: str) -> Version:
    return Version("0.dev0" if version == "0" else version)


def _ranges(affected: Record) -> list[Record]:
    return [each for each in affected.get("ranges", ()) if each.get("type") in {"ECOSYSTEM", "SEMVER"}]


def _events(affected: Record) -> list[dict[str, str]]:
    return [event for each in _ranges(affected) for event in each.get("events", ())]


def _severity(record: Record) -> str:
    """Give what the record says of its severity: a word of its database, or the vector of its score."""
    said = record.get("database_specific", {}).get("severity")
    scores = [str(each.get("score", "")) for each in record.get("severity", ())]
    return str(said).lower() if said else next(iter(scores), "") or pgettext("doctor", "of unknown severity")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _today() -> date:
    from django.utils import timezone

    return timezone.localdate()
