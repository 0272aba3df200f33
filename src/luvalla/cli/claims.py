"""`luvalla claims`: check every promise of the notice on this installation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import NotFound
from luvalla.cli.language import console_language, pgettext
from luvalla.cli.output import json_option, print_json, print_line, print_table

if TYPE_CHECKING:
    from luvalla.notices.queries import ClaimState

BROKEN, NOT_PROVED = 1, 2


@click.command(help=pgettext("command", "Check the promises of the notice: all of them, or the claims named."))
@click.argument("ids", nargs=-1, metavar="[ID]...")
@json_option
@with_django
def command(*, ids: tuple[str, ...], as_json: bool) -> int:
    """Run the checks and tell what they saw: 0 where all hold, 1 where one is broken, 2 where one is not proved."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.notices.actions import check_claims
    from luvalla.notices.errors import NoSuchClaim
    from luvalla.notices.queries import claim_verdicts

    wanted = [each.upper() for each in ids]
    try:
        check_claims(wanted or None, actor=OPERATOR)
    except NoSuchClaim as unknown:
        raise NotFound(pgettext("command", "There is no claim %(id)s.") % {"id": unknown}) from None
    states = [each for each in claim_verdicts() if not wanted or each.id in wanted]
    if as_json:
        print_json({"claims": [_document(each) for each in states]})
    else:
        _tell(states)
    return _exit_code(states)


def _document(state: ClaimState) -> dict[str, Any]:
    return {
        "id": state.id,
        "verdict": state.verdict.value,
        "evidence": dict(state.figures),
        "checked_at": state.checked_at.isoformat() if state.checked_at else None,
        "negative_control": state.negative_control or None,
    }


def _tell(states: list[ClaimState]) -> None:
    words = {
        "holds": pgettext("command", "holds"),
        "broken": pgettext("command", "broken"),
        "unknown": pgettext("command", "unknown"),
        "not built": pgettext("command", "not built"),
    }
    language = console_language(os.environ)
    headings = ("", pgettext("command", "Verdict"), pgettext("command", "Claim"), pgettext("command", "Evidence"))
    rows = [(each.id, words[each.verdict], each.entry.text_in(language), _figures(each, language)) for each in states]
    print_table(headings, rows)
    counts = ", ".join(f"{sum(each.verdict == verdict for each in states)} {word}" for verdict, word in words.items())
    print_line(pgettext("command", "Claims: %(counts)s.") % {"counts": counts})


def _figures(state: ClaimState, language: str) -> str:
    from luvalla.notices.evidence import figures_in_words

    return "; ".join(f"{name}: {_plain(value)}" for name, value in figures_in_words(state.id, state.figures, language))


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return pgettext("command", "yes") if value else pgettext("command", "no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)


def _exit_code(states: list[ClaimState]) -> int:
    verdicts = {each.verdict.value for each in states}
    if "broken" in verdicts:
        return BROKEN
    return NOT_PROVED if verdicts & {"unknown", "not built"} else 0
