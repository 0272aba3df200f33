"""`luvalla send ID`: sends an approved campaign with worker processes of its own, and shows how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import CommandFailed, Misconfigured, NotFound, Refused, TryAgain
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_table, progress_bar, say

if TYPE_CHECKING:
    from luvalla.mailroom.errors import MailroomError
    from luvalla.mailroom.queries import Progress

SHOWN = ("permitted", "accepted", "refused", "deferred", "expired", "unknown")


@click.command(help=pgettext("command", "Send an approved campaign; called again it goes on where it was."))
@click.argument("number", metavar="ID", type=int)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help=pgettext("command", "How many processes send; default: one a core, 2."),
)
@json_option
@with_django
def command(number: int, *, workers: int | None, as_json: bool) -> None:
    """Send until only attempts later than a minute remain, or none."""
    from luvalla.campaigns.models import Campaign
    from luvalla.ledger.actors import OPERATOR
    from luvalla.mailroom.errors import MailroomError
    from luvalla.mailroom.sender import send_campaign

    try:
        with progress_bar() as bar:
            task = bar.add_task(pgettext("command", "Sending"), total=None)

            def show(now: Progress) -> None:
                words = pgettext("command", "Sending, %(rate)d letters/s") % {"rate": now.rate}
                bar.update(task, description=words, completed=now.handled - now.in_flight, total=max(now.total, 1))

            result = send_campaign(number, workers=workers, on_progress=show, actor=OPERATOR)
    except Campaign.DoesNotExist:
        raise NotFound(pgettext("command", "There is no campaign %(number)d.") % {"number": number}) from None
    except MailroomError as fault:
        raise _failure(fault) from None
    _report(result, as_json=as_json)
    if result.fault:
        raise _held(result)


def _report(result: Progress, *, as_json: bool) -> None:
    if as_json:
        if not result.fault:
            print_json(document(result))
        return
    rows: list[tuple[str, object]] = [(_words()[name], getattr(result, name)) for name in SHOWN]
    few = pgettext("send", "few, so not told")
    rows += [
        (_words()["withheld"] % {"reason": reason}, few if contacts is None else contacts)
        for reason, contacts in result.withheld_told.items()
    ]
    print_table([pgettext("send", "Outcome"), pgettext("send", "Letters")], rows)
    if result.next_try_at:
        sentence = pgettext(
            "send", "%(letters)d letters wait for another attempt. `luvalla run` makes it, or this command."
        )
        say(sentence % {"letters": result.deferred})


def document(result: Progress) -> dict[str, Any]:
    """Give the result as the one JSON document; what was withheld is null where few could be told by it (X6)."""
    counts = {name: getattr(result, name) for name in SHOWN}
    return {"campaign": result.campaign, "state": result.state, **counts, "withheld": result.withheld_told}


def _words() -> dict[str, str]:
    return {
        "permitted": pgettext("send", "Permitted"),
        "accepted": pgettext("send", "Accepted by the server"),
        "refused": pgettext("send", "Refused by the server"),
        "deferred": pgettext("send", "Deferred"),
        "expired": pgettext("send", "Expired"),
        "unknown": pgettext("send", "Unknown"),
        "withheld": pgettext("send", "Withheld by the gate: %(reason)s"),
    }


def _failure(fault: MailroomError) -> CommandFailed:
    """Put a fault of the mailroom into a sentence and its exit code."""
    from luvalla.mailroom import errors
    from luvalla.mailroom.sentences import sentence_of

    sentence = sentence_of(fault)
    if isinstance(fault, errors.RelayUnusable):
        kind: type[CommandFailed] = TryAgain if fault.fault in errors.PASSING else Misconfigured
        return kind(sentence)
    return Refused(sentence)


def _held(result: Progress) -> CommandFailed:
    from luvalla.mailroom.errors import RelayFault, RelayUnusable
    from luvalla.mailroom.sentences import held_sentence

    return TryAgain(held_sentence(RelayUnusable(RelayFault(result.fault), result.relay)))
