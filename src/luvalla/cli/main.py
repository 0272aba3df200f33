"""The program `luvalla`: a table of commands, each loaded only when it is asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import click

from luvalla import VERSION
from luvalla.cli.errors import report
from luvalla.cli.language import pgettext


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is, and what `--help` says of it without loading it."""

    where: str
    summary: str

    def load(self) -> click.Command:
        """Import the module and give its command."""
        module, _, attribute = self.where.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute or "command")
        return command


COMMANDS: Final[dict[str, Entry]] = {
    "init": Entry("luvalla.cli.init", pgettext("command", "Make an installation from an organisation's document.")),
    "run": Entry("luvalla.cli.run", pgettext("command", "Serve the public site and the staff interface.")),
    "import": Entry("luvalla.cli.import_", pgettext("command", "Import an export of the customer information system.")),
    "campaign": Entry("luvalla.cli.campaign", pgettext("command", "Write and approve campaigns.")),
    "send": Entry("luvalla.cli.send", pgettext("command", "Send an approved campaign.")),
    "show": Entry("luvalla.cli.person:show", pgettext("command", "Show what is kept about an address.")),
    "withdraw": Entry(
        "luvalla.cli.person:withdraw", pgettext("command", "Withdraw the permission of an address and erase it.")
    ),
    "restrict": Entry("luvalla.cli.person:restrict", pgettext("command", "Restrict the processing of an address.")),
    "erase": Entry("luvalla.cli.person:erase", pgettext("command", "Erase an address from all stores.")),
    "due": Entry("luvalla.cli.due", pgettext("command", "Tell until when a request must be answered.")),
    "ledger": Entry("luvalla.cli.ledger", pgettext("command", "Verify the ledger.")),
    "claims": Entry("luvalla.cli.claims", pgettext("command", "Check the promises of the notice.")),
    "audit": Entry("luvalla.cli.audit", pgettext("command", "Make the auditor's pack, or verify one.")),
    "retention": Entry("luvalla.cli.retention", pgettext("command", "Carry out the retention schedule.")),
    "notice": Entry("luvalla.cli.notice", pgettext("command", "Adopt, render and publish the privacy notice.")),
    "authorities": Entry(
        "luvalla.cli.authorities", pgettext("command", "Compare the list of authorities with their own pages.")
    ),
    "dkim": Entry("luvalla.cli.dkim", pgettext("command", "Make a DKIM key and show its record for the DNS.")),
    "backup": Entry("luvalla.cli.backup", pgettext("command", "Back the installation up to an encrypted file.")),
    "restore": Entry("luvalla.cli.restore", pgettext("command", "Put a backup back, or try whether it could be.")),
    "keys": Entry("luvalla.cli.key_care", pgettext("command", "Look after the keys: recovery kit, change, check.")),
    "receive": Entry("luvalla.cli.receive", pgettext("command", "Take in a mail, as a mail server's pipe gives it.")),
    "doctor": Entry(
        "luvalla.cli.doctor.command", pgettext("command", "Look at the installation and say what is wrong.")
    ),
    "host": Entry("luvalla.cli.host", pgettext("command", "Say which hosts requests may go out to.")),
    "user": Entry("luvalla.cli.user", pgettext("command", "Add personal accounts.")),
    "demo": Entry("luvalla.cli.demo", pgettext("command", "Try everything with an invented energy company.")),
    "worker": Entry("luvalla.cli.worker", pgettext("command", "Do background work without the web server.")),
    "test": Entry("luvalla.cli.test", pgettext("command", "Run every check of the program (in a checkout).")),
    "translations": Entry(
        "luvalla.cli.translations", pgettext("command", "Bring the translations up to date (in a checkout).")
    ),
}


class Commands(click.Group):
    """A group whose members are imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Load the command of that name; None when there is none."""
        entry = COMMANDS.get(cmd_name)
        return entry.load() if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """List the commands from the table, so that none has to be loaded."""
        with formatter.section(pgettext("command", "Commands")):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=pgettext("command", "Luvalla sends newsletters to those who may be sent them, and to no one else."),
)
@click.version_option(VERSION, message="Luvalla %(version)s")
def program() -> None:
    """Luvalla's commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; `docs/reference/command-line.md` lists them."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = program.main(given, prog_name="luvalla", standalone_mode=False)
    except Exception as fault:  # noqa: BLE001  # every failure becomes a sentence and an exit code
        return report(fault, as_json="--json" in given)
    return result if isinstance(result, int) else 0
