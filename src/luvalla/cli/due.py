"""`luvalla due`: until when a request must be answered. Needs neither a home folder nor a database."""

from __future__ import annotations

from datetime import date, datetime

import click

from luvalla.cli.errors import Misconfigured
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line
from luvalla.rules.due_dates import HELSINKI, day_of_arrival, due_date, extended_due_date


@click.command(help=pgettext("command", "Tell until when a request that arrived then must be answered."))
@click.argument("arrived")
@json_option
def command(*, arrived: str, as_json: bool) -> int:
    """Print the due date and the extended one of a day, or of a moment, on two lines (Regulation 1182/71; GDPR 12(3)).

    A moment without a time zone is taken as Finnish time.
    """
    try:
        day = _day_of(arrived)
        due, extended = due_date(day), extended_due_date(day)
    except (ValueError, OverflowError):
        sentence = pgettext(
            "command", "This is no day. Write when the request arrived as 2026-01-31, or as 2026-03-31T21:30Z."
        )
        raise Misconfigured(sentence) from None
    if as_json:
        print_json({"arrived": day.isoformat(), "due": due.isoformat(), "extended": extended.isoformat()})
    else:
        print_line(due.isoformat())
        print_line(extended.isoformat())
    return 0


def _day_of(arrived: str) -> date:
    if len(arrived) <= len("2026-01-31"):
        return date.fromisoformat(arrived)
    moment = datetime.fromisoformat(arrived)
    return day_of_arrival(moment if moment.tzinfo else moment.replace(tzinfo=HELSINKI))
