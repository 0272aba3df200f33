"""What a command prints: results on standard output, everything else on standard error.

With --json standard output gets one JSON document and nothing else. Progress is shown only at a terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.language import pgettext

if TYPE_CHECKING:
    from rich.progress import Progress

json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help=pgettext("command", "Print one JSON document on standard output and nothing else."),
)


def print_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print the one document. Dates are written in ISO 8601."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=_written))


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def print_line(text: str) -> None:
    """Print a line of the result."""
    click.echo(text)


def say(text: str) -> None:
    """Tell the person something that is no result."""
    click.echo(text, err=True)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table of the result, in plain characters where the output is no terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings, title=title or None, title_justify="left", box=box.SIMPLE, show_edge=False)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 120, highlight=False, markup=False).print(table)


def progress_bar() -> Progress:
    """Give a progress display on standard error: use it in `with`; it stays silent where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)


def may_ask() -> bool:
    """Say whether a person can be asked: only when both ends are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()
