"""Closing and opening doors: what a broken promise shuts, and how the rooms below ask about it (rules.ports)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Final

from django.db import connection
from django.utils.translation import get_language, pgettext

from luvalla.notices.models import ClosedDoor
from luvalla.notices.queries import doors_shut
from luvalla.notices.registry import entries, entry
from luvalla.rules.ports import Closure, Door, Finding, Verdict, door_keepers

STATEMENT: Final = "select claim, about from notices_closeddoor where door = %s order by id"


class NoticeKeeper:
    """Answers for the promises of the notice."""

    statement = STATEMENT

    def closures(self, door: Door) -> list[Closure]:
        """Give what closes the door now, by one small query: the mailroom asks in every window."""
        with connection.cursor() as cursor:
            cursor.execute(STATEMENT, (door.value,))
            return [Closure(*row) for row in cursor.fetchall()]

    def sentence(self, claims: Iterable[str]) -> str:
        """Say of each broken promise what it is, who mends it and how, and that checking again opens."""
        said = pgettext("closed door", "%(id)s is broken: \u201c%(promise)s\u201d %(mend)s")
        language, wanted = get_language() or "en", set(claims)
        parts = [
            said % {"id": each.id, "promise": each.text_in(language), "mend": how_to_mend(each.id, language)}
            for each in entries()
            if each.id in wanted
        ]
        again = pgettext("closed door", "Once mended and checked again under Claims and evidence, it opens.")
        return " ".join([*parts, again])


KEEPER: Final = NoticeKeeper()


def stand_guard() -> None:
    """Take part in the port."""
    door_keepers.register("notices", KEEPER)


def how_to_mend(claim_id: str, language: str) -> str:
    """Say who mends a broken claim and how, in fi, sv or en."""
    said = _mending()[claim_id]
    return said.get(language[:2], said["en"])


def move_doors(findings: Mapping[str, Finding]) -> tuple[list[str], list[str]]:
    """Close what the broken claims close and open what holds again, in the caller's transaction.

    What is unknown leaves its doors as they are: doubt opens nothing. Gives the claims that are newly closing doors,
    and those that no longer do.
    """
    before = set(ClosedDoor.objects.filter(claim__in=findings).values_list("claim", flat=True))
    for claim_id, finding in findings.items():
        if finding.verdict is Verdict.BROKEN:
            _close(claim_id, finding)
        elif finding.verdict is Verdict.HOLDS:
            ClosedDoor.objects.filter(claim=claim_id).delete()
    after = set(ClosedDoor.objects.filter(claim__in=findings).values_list("claim", flat=True))
    return sorted(after - before), sorted(before - after)


def _close(claim_id: str, finding: Finding) -> None:
    doors = doors_shut(entry(claim_id), finding.figures)
    wanted = {(door, each) for door in doors for each in (finding.about or ("",))}
    rows = ClosedDoor.objects.filter(claim=claim_id)
    there = {(each.door, each.about): each.pk for each in rows}
    rows.filter(pk__in=[pk for what, pk in there.items() if what not in wanted]).delete()
    ClosedDoor.objects.bulk_create(
        ClosedDoor(door=door, claim=claim_id, about=each) for door, each in sorted(wanted - set(there))
    )


@cache
def _mending() -> dict[str, dict[str, str]]:
    data = resources.files("luvalla.notices") / "data" / "mending.toml"
    return tomllib.loads(data.read_text(encoding="utf-8"))
