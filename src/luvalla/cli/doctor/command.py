"""The command: every check in its order, each for itself, so that one that fails hides no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import click

from luvalla.cli.django import set_up_django
from luvalla.cli.doctor.finding import Finding, State, unknown
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line

NOT_ALL_SEEN: Final = 2
NEEDS_NO_DATABASE: Final = frozenset({"permissions", "disk", "erasures", "packages"})
MARKS: Final = {State.GOOD: "ok", State.NOTE: "--", State.FAULT: "!!", State.UNKNOWN: "??"}


@click.command(help=pgettext("command", "Look at the installation and say what is wrong and what to do."))
@click.option(
    "--resolver", metavar="ADDRESS[:PORT]", help=pgettext("command", "Ask this DNS resolver, not the machine's own.")
)
@click.option(
    "--advisories",
    metavar="FILE",
    help=pgettext(
        "command", "Compare the installed packages with these advisories (OSV: JSON, or the archive of all)."
    ),
)
@json_option
def command(*, resolver: str | None, advisories: str | None, as_json: bool) -> int:
    """Look at everything: 0 where no fault was found, 1 where one was, 2 where something couldn't be looked at."""
    set_up_django()
    findings = _look(resolver, advisories)
    if as_json:
        rows = [{"check": each.check, "state": each.state.value, "saw": each.saw, "do": each.do} for each in findings]
        print_json({"findings": rows})
    else:
        _tell(findings)
    return exit_code(findings)


def checks(
    resolver: str | None = None, advisories: str | None = None
) -> list[tuple[str, Callable[[], Iterator[Finding]]]]:
    """Give the checks with their names, in their order."""
    from luvalla.cli.doctor import machine, names, packages, roads, stores

    return [
        ("keys", stores.look_at_keys),
        ("migrations", stores.look_at_migrations),
        ("permissions", machine.look_at_permissions),
        ("disk", machine.look_at_disk),
        ("clock", machine.look_at_clock),
        ("scanner", machine.look_at_scanner),
        ("packages", lambda: packages.look_at_packages(advisories)),
        ("jobs", stores.look_at_jobs),
        ("erasures", stores.look_at_erasures),
        ("backups", stores.look_at_backups),
        ("mailbox", stores.look_at_mailbox),
        ("site", roads.look_at_site),
        ("relay", roads.look_at_relays),
        ("dns", lambda: names.look_at_names(names.resolver_at(resolver))),
    ]


def _look(resolver: str | None, advisories: str | None = None) -> list[Finding]:
    """Carry the checks out; while the database can't be read, only those that need none."""
    from luvalla.cli.doctor import stores

    found = _carefully("database", stores.look_at_database)
    can_be_read = all(each.state is State.GOOD for each in found)
    for name, check in checks(resolver, advisories):
        if can_be_read or name in NEEDS_NO_DATABASE:
            found += _carefully(name, check, waits=_lacks_tables(found))
    return found


def _lacks_tables(found: list[Finding]) -> bool:
    return any(each.check == "migrations" and each.state is State.FAULT for each in found)


def exit_code(findings: list[Finding]) -> int:
    """Give the exit code of what was found."""
    states = {each.state for each in findings}
    if State.FAULT in states:
        return 1
    return NOT_ALL_SEEN if State.UNKNOWN in states else 0


def _carefully(name: str, check: Callable[[], Iterator[Finding]], *, waits: bool = False) -> list[Finding]:
    """Carry a check out; one that fails itself says so, by the class of its fault alone.

    Where tables are missing, a check that fails for that reason waits for them: its own fault would mislead.
    """
    from luvalla.organisation.errors import NotSetUp

    found: list[Finding] = []
    try:
        found.extend(check())
    except Exception as broken:  # noqa: BLE001  # whatever fails in a check, the others are carried out
        if waits:
            found.append(unknown(name, pgettext("doctor", "This waits for the changes of tables that are missing.")))
        elif isinstance(broken, NotSetUp):
            saw = pgettext("doctor", "This waits for the organisation, which isn't recorded yet.")
            found.append(unknown(name, saw, pgettext("doctor", "Record it with: luvalla init FILE.toml")))
        else:
            found.append(unknown(name, _fault_of(broken)))
    return found


def _fault_of(broken: Exception) -> str:
    return pgettext("doctor", "This could not be looked at (%(fault)s).") % {"fault": type(broken).__name__}


def _tell(findings: list[Finding]) -> None:
    for each in findings:
        print_line(f"{MARKS[each.state]}  {each.check}: {each.saw}")
        if each.do:
            print_line(f"    {each.do}")
    counts = {state: sum(each.state is state for each in findings) for state in State}
    said = pgettext("doctor", "%(faults)d faults, %(unknown)d not looked at, %(notes)d notes, %(good)d in order.")
    figures = {"faults": counts[State.FAULT], "unknown": counts[State.UNKNOWN]}
    print_line(said % {**figures, "notes": counts[State.NOTE], "good": counts[State.GOOD]})
