"""Groups of commands whose help says what each command does, in whole sentences."""

from __future__ import annotations

from typing import Final

import click

from luvalla.cli.language import pgettext

WHOLE: Final = 500
"""Characters: longer than any summary. Click's own limit cuts a sentence where the line ends."""


class WholeSentences(click.Group):
    """A group that wraps the summaries of its commands instead of cutting them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its whole summary."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section(pgettext("command", "Commands")):
            formatter.write_dl([
                (name, each.get_short_help_str(limit=WHOLE)) for name, each in commands.items() if each is not None
            ])  # fmt: skip
