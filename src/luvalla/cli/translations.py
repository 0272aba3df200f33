"""`luvalla translations`: find the interface's texts, bring each room's .po files up to date, compile them.

For developers, in a checkout: it needs Babel, which is among the test tools.
"""

from __future__ import annotations

from pathlib import Path

import click

from luvalla.cli.errors import Refused
from luvalla.cli.language import pgettext
from luvalla.cli.output import print_line


@click.command(help=pgettext("command", "Bring the translations of all rooms, or of those named, up to date."))
@click.argument("rooms", nargs=-1)
@click.option("--check", is_flag=True, help=pgettext("command", "Change nothing; fail where something is missing."))
def command(rooms: tuple[str, ...], *, check: bool) -> None:
    """Merge new texts into locale/fi and locale/sv of each room and compile them."""
    from luvalla.cli import catalogues

    package = Path(__file__).resolve().parents[1]
    chosen = [package / name for name in rooms] or catalogues.rooms_of(package)
    for room in chosen:
        if not room.is_dir():
            raise Refused(pgettext("command", "There is no room %(room)s.") % {"room": room.name})
        if not check:
            catalogues.bring_up_to_date(room)
    faults = [fault for room in chosen for fault in catalogues.faults_of(room)]
    for fault in faults:
        print_line(fault)
    if faults:
        raise Refused(pgettext("command", "Translations are missing: %(count)d.") % {"count": len(faults)})
