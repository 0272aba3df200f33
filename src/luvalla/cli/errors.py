"""How a command fails: one exception tree, each with its exit code.

CommandFailed
├── Refused             1  what was asked was not done, or not all of it; the sentence says what was kept
├── Misconfigured       2  the installation, its settings or the options can't be used as they are
├── NotFound            3  the named address, campaign, source or account isn't there
├── SecondPersonNeeded  4  another person has to release or approve it first
└── TryAgain            5  something is busy or away; nothing was lost, the same command may be given again

A room's own exceptions become one of these in the command that called it: `raise Refused(sentence) from None`.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import ClassVar, Final

import click

from luvalla.cli.language import pgettext

DONE: Final = 0
UNEXPECTED: Final = 70
INTERRUPTED: Final = 130


class CommandFailed(click.ClickException):
    """A command did not do what it was asked. The message is a sentence for the person at the console."""

    exit_code: ClassVar[int]
    kind: ClassVar[str]


class Refused(CommandFailed):
    """What was asked was not done, or not all of it."""

    exit_code = 1
    kind = "refused"


class Misconfigured(CommandFailed):
    """The installation or its settings can't be used as they are."""

    exit_code = 2
    kind = "configuration"


class NotFound(CommandFailed):
    """The named thing isn't there."""

    exit_code = 3
    kind = "not_found"


class SecondPersonNeeded(CommandFailed):
    """Another person has to release or approve it first."""

    exit_code = 4
    kind = "second_person_needed"


class TryAgain(CommandFailed):
    """Something is busy or away for now."""

    exit_code = 5
    kind = "try_again"


def report(fault: Exception, *, as_json: bool) -> int:
    """Say what went wrong and give the exit code.

    The sentence goes to standard error; with --json the one document on standard output is {"error": {...}}.
    """
    if isinstance(fault, click.exceptions.Exit):
        return fault.exit_code
    code, kind, message = _describe(fault)
    if isinstance(fault, click.UsageError):
        fault.show(sys.stderr)
    else:
        click.echo(message, err=True)
    if as_json:
        click.echo(json.dumps({"error": {"exit": code, "kind": kind, "message": message}}, ensure_ascii=False))
    return code


def _describe(fault: Exception) -> tuple[int, str, str]:
    if isinstance(fault, CommandFailed):
        return fault.exit_code, fault.kind, fault.format_message()
    if isinstance(fault, click.UsageError):
        return fault.exit_code, "usage", fault.format_message()
    if isinstance(fault, click.Abort | KeyboardInterrupt):
        return INTERRUPTED, "interrupted", pgettext("command", "Interrupted.")
    if isinstance(fault, click.ClickException):
        return Refused.exit_code, Refused.kind, fault.format_message()
    return UNEXPECTED, "unexpected", _unexpected(fault)


def _unexpected(fault: Exception) -> str:
    """Name the fault and where it arose; never its text, which might hold an address."""
    if os.environ.get("LUVALLA_DEBUG"):
        traceback.print_exception(fault)
    frames = traceback.extract_tb(fault.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "-"
    sentence = pgettext(
        "command",
        "Luvalla failed in a way that was not foreseen (%(fault)s at %(place)s). "
        "LUVALLA_DEBUG=1 shows more, which may include personal data.",
    )
    return sentence % {"fault": type(fault).__name__, "place": place}
