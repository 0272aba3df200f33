"""`luvalla demo`: try everything; `luvalla demo --once`: play the main flow and compare both ends."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from luvalla.cli.errors import Refused
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line, print_table


@click.command(help=pgettext("command", "Try everything with an invented energy company."))
@click.option("--once", is_flag=True, help=pgettext("command", "Play the main flow, print what happened, and end."))
@click.option("--port", default=8000, show_default=True, help=pgettext("command", "Port of the web pages."))
@click.option("--inbox-port", default=8025, show_default=True, help=pgettext("command", "Port of the inbox page."))
@json_option
def command(*, once: bool, port: int, inbox_port: int, as_json: bool) -> None:
    """Make the demo's installation, then play its story or serve it."""
    from luvalla.cli.demo.stage import Stage

    with tempfile.TemporaryDirectory(prefix="luvalla-export-") as folder, Stage(port, Path(folder)) as stage:
        if once:
            _play(stage, as_json=as_json)
        else:
            from luvalla.cli.demo.show import serve_demo

            serve_demo(stage, port=port, inbox_port=inbox_port)


def _play(stage: object, *, as_json: bool) -> None:
    from luvalla.cli.demo.story import play

    steps = play(stage)  # type: ignore[arg-type]  # a Stage; its class is only known once Django is set up
    if as_json:
        print_json({"steps": [each._asdict() for each in steps], "agree": all(each.agree for each in steps)})
    else:
        headings = ("", pgettext("command", "Step"), pgettext("command", "Our records"), pgettext("command", "Seen"))
        marks = {True: "✓", False: "✗"}
        print_table(headings, [(marks[each.agree], each.name, each.recorded, each.seen) for each in steps])
    if not all(each.agree for each in steps):
        raise Refused(pgettext("command", "Our records and what was seen do not agree. The lines marked ✗ say where."))
    if not as_json:
        print_line(pgettext("command", "Our records and what the receiver saw agree at every step."))
