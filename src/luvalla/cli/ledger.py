"""`luvalla ledger verify`: whether the ledger says what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import Refused
from luvalla.cli.groups import WholeSentences
from luvalla.cli.language import npgettext, pgettext
from luvalla.cli.output import json_option, print_json, print_line, say

if TYPE_CHECKING:
    from luvalla.ledger.queries import BrokenLink, ChainReport, Unsealed


@click.group(cls=WholeSentences, help=pgettext("command", "Verify the ledger."))
def command() -> None:
    """Verify the ledger."""


@command.command(help=pgettext("command", "Walk along the chain of the ledger and name the first broken link."))
@json_option
@with_django
def verify(*, as_json: bool) -> int:
    """Seal what has no seal yet, verify the whole chain, and give exit code 1 where a link is broken."""
    from luvalla.ledger.chain import seal_rows
    from luvalla.ledger.queries import unsealed_rows, verify_chain

    waiting = unsealed_rows()
    seal_rows(everything=True)
    report = verify_chain()
    if as_json:
        print_json(_document(report, waiting))
    else:
        _tell(report, waiting)
    return 0 if report.broken is None else Refused.exit_code


def _document(report: ChainReport, waiting: Unsealed) -> dict[str, Any]:
    broken = report.broken
    link = broken and {
        "link": broken.number, "row": broken.row, "fault": broken.fault.value, "message": _said(broken)
    }  # fmt: skip
    late = waiting.rows if waiting.is_late() else 0
    return {"holds": broken is None, "rows": report.sealed, "late": late, "late_since": waiting.since, "broken": link}


def _tell(report: ChainReport, waiting: Unsealed) -> None:
    if waiting.is_late():
        sentence = npgettext(
            "command",
            "%(number)s row had no seal since %(since)s: `luvalla run` was not there to seal it.",
            "%(number)s rows had no seal, the oldest since %(since)s: `luvalla run` was not there to seal them.",
            waiting.rows,
        )
        say(sentence % {"number": waiting.rows, "since": f"{waiting.since:%Y-%m-%d %H:%M:%S}"})
    if report.broken is None:
        sentence = npgettext(
            "command", "The ledger holds: %(number)s row.", "The ledger holds: %(number)s rows.", report.sealed
        )
        print_line(sentence % {"number": report.sealed})
        return
    print_line(_said(report.broken))


def _said(broken: BrokenLink) -> str:
    said = {
        "changed": pgettext("command", "The ledger is broken at link %(link)s: row %(row)s was changed."),
        "removed": pgettext("command", "The ledger is broken at link %(link)s: a row was removed."),
        "put_in": pgettext(
            "command", "The ledger is broken at link %(link)s: row %(row)s was put in, or the chain was rewritten."
        ),
        "cut_off": pgettext(
            "command",
            "The ledger is cut off at link %(link)s: sealed rows are gone, or an older database was put back.",
        ),
    }
    return said[broken.fault.value] % {"link": broken.number, "row": broken.row}
