"""`luvalla receive`: take in one mail from standard input, as a mail server's pipe hands it over."""

from __future__ import annotations

import sys
from typing import Final

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import CommandFailed
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, say

LATER: Final = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the message and tries again."""
LARGEST: Final = 20_000_000


@click.command(help=pgettext("command", "Take in one mail from standard input, as a mail server's pipe gives it."))
@click.option("--recipient", default="", help=pgettext("command", "Whom the mail server was told to deliver it to."))
@json_option
def command(*, recipient: str, as_json: bool) -> int:
    """Deal with the message; 0 also when it was nobody's here, since the mail server has nothing more to do with it."""
    raw = sys.stdin.buffer.read(LARGEST)
    try:
        taken = deal_with(raw, recipient)
    except CommandFailed as fault:
        say(fault.format_message())
        return LATER
    except Exception as fault:  # noqa: BLE001  # whatever fails, the mail server keeps the message
        say(
            pgettext("command", "Not dealt with (%(fault)s). The mail server tries again.")
            % {"fault": type(fault).__name__}
        )
        return LATER
    if as_json:
        print_json({"taken_by": taken})
    return 0


@with_django
def deal_with(raw: bytes, recipient: str) -> list[str]:
    """Give a message to every intake and name those that took it."""
    from luvalla.rules.ports import intakes

    return [name for name, intake in zip(intakes.names(), intakes, strict=True) if intake(raw, recipient)]
