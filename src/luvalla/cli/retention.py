"""`luvalla retention run`: let go what has served its time, or tell what would go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.django import with_django
from luvalla.cli.groups import WholeSentences
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line, print_table

if TYPE_CHECKING:
    from luvalla.notices.retention import Due


@click.group(cls=WholeSentences, help=pgettext("command", "Carry out the retention schedule."))
def command() -> None:
    """Carry out the retention schedule."""


@command.command(help=pgettext("command", "Let go what has served its time, in every store."))
@click.option("--dry-run", is_flag=True, help=pgettext("command", "Only tell what would go; nothing is deleted."))
@json_option
@with_django
def run(*, dry_run: bool, as_json: bool) -> None:
    """Run the engine over all stores."""
    from django.utils import timezone

    from luvalla.ledger.actors import OPERATOR
    from luvalla.notices.retention import look_at_retention, run_retention

    now = timezone.now()
    kinds = look_at_retention(now) if dry_run else run_retention(now=now, actor=OPERATOR)
    if as_json:
        print_json({"dry_run": dry_run, "kinds": [_document(each) for each in kinds]})
        return
    headings = (
        pgettext("retention", "Store"), pgettext("retention", "Past its time"), pgettext("retention", "Let go")
    )  # fmt: skip
    by_hand = pgettext("retention", "by hand")
    print_table(headings, [(each.word, each.overdue, by_hand if each.by_hand else each.gone) for each in kinds])
    if dry_run:
        print_line(pgettext("retention", "Nothing was deleted. Without --dry-run it is."))


def _document(due: Due) -> dict[str, Any]:
    return {"kind": due.kind, "overdue": due.overdue, "gone": due.gone, "by_hand": due.by_hand}
