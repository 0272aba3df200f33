"""`luvalla restore FILE`: a backup put back, closed until the ledger of erasures was replayed; or tried in a drill."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.django import set_up_django
from luvalla.cli.errors import Misconfigured, NotFound, Refused, TryAgain
from luvalla.cli.keys import check_installation
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line
from luvalla.cli.restore_sentences import sentence_of

if TYPE_CHECKING:
    from luvalla.ledger.backups.restoring import Restored


@click.command(help=pgettext("command", "Put a backup back. It opens once the ledger of erasures was replayed."))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=pgettext("command", "File with the age identity or the passphrase that opens the backup."),
)
@click.option("--replace", is_flag=True, help=pgettext("command", "Replace the installation that is there."))
@click.option("--drill", "is_drill", is_flag=True, help=pgettext("command", "Only try it, in a temporary place."))
@click.option(
    "--unauthenticated",
    is_flag=True,
    help=pgettext("command", "Accept an older backup, which doesn't say who made it. The ledger notes it."),
)
@click.option("--resume", is_flag=True, help=pgettext("command", "Go on with a restored backup that is closed."))
@click.option(
    "--accept-gap",
    metavar="REASON",
    help=pgettext("command", "Open it though the ledger of erasures is lost: with no contacts and all accounts shut."),
)
@json_option
def command(
    file: Path | None,
    *,
    identity: Path | None,
    replace: bool,
    is_drill: bool,
    unauthenticated: bool,
    resume: bool,
    accept_gap: str | None,
    as_json: bool,
) -> None:
    """Do one of the four: restore, try, go on, or open without the ledger of erasures."""
    if file is None and not resume and accept_gap is None:
        raise click.UsageError(pgettext("command", "Name the backup, or give --resume or --accept-gap."))
    set_up_django()
    from luvalla.ledger.errors import LedgerError

    try:
        if accept_gap is not None:
            told = _accept_gap(accept_gap)
        elif resume or file is None:
            told = _told(_resume())
        elif is_drill:
            told = _drill(file, identity, unauthenticated=unauthenticated)
        else:
            told = _told(_restore(file, identity, replace=replace, unauthenticated=unauthenticated))
    except LedgerError as fault:
        raise _failed(fault) from None
    if as_json:
        print_json(told)
        return
    print_line(_said(told, is_drill=is_drill))


def _restore(file: Path, identity: Path | None, *, replace: bool, unauthenticated: bool) -> Restored:
    from luvalla.ledger.actors import OPERATOR
    from luvalla.ledger.backups.locks import configured_key
    from luvalla.ledger.backups.restoring import restore

    return restore(
        place=file,
        key=configured_key(identity),
        replace=replace,
        may_be_unauthenticated=unauthenticated,
        actor=OPERATOR,
    )


def _resume() -> Restored:
    from luvalla.ledger.actors import OPERATOR
    from luvalla.ledger.backups.restoring import alone, reopen

    with alone():
        return reopen(_closed(), actor=OPERATOR)


def _drill(file: Path, identity: Path | None, *, unauthenticated: bool) -> dict[str, Any]:
    from luvalla.ledger.actors import OPERATOR
    from luvalla.ledger.backups.drill import drill

    check_installation()
    return drill(place=file, identity=identity, may_be_unauthenticated=unauthenticated, actor=OPERATOR)


def _accept_gap(reason: str) -> dict[str, Any]:
    from luvalla.ledger.backups.restoring import alone

    with alone():
        return _open_with_nobody(reason)


def _open_with_nobody(reason: str) -> dict[str, Any]:
    """Open what nobody can bring up to date, with nobody in it who might have been erased."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.ledger.backups.restoring import open_again
    from luvalla.ledger.erasures_upkeep import begin_anew
    from luvalla.ledger.keycheck import check_keys
    from luvalla.ledger.quarantine import Stage
    from luvalla.people.replaying import shut_every_account
    from luvalla.register.replaying import erase_everybody

    closed = _closed()
    if closed.stage is not Stage.GAP:
        raise Refused(pgettext("command", "The ledger of erasures has no gap. Give --resume instead."))
    if not reason.strip():
        raise Refused(pgettext("command", "Say why: the reason stands in the ledger."))
    check_keys()
    mailboxes = erase_everybody(reason=reason, actor=OPERATOR)
    accounts = shut_every_account(reason=reason, actor=OPERATOR)
    begin_anew()
    facts = {"erased": mailboxes, "accounts_shut": accounts, "accepted_gap": closed.why}
    open_again(closed, facts=dict(facts), actor=OPERATOR)
    return {"backup_made_at": closed.backup_made_at.isoformat(), "lines": {}, "rows": 0, **facts}


def _closed() -> Any:
    from luvalla.ledger.quarantine import Stage, current

    closed = current()
    if closed is None:
        raise NotFound(pgettext("command", "No restored backup is closed."))
    if closed.stage is Stage.RESTORING:
        raise Refused(pgettext("command", "The backup was not put back as a whole. Restore it again, with --replace."))
    return closed


def _told(restored: Restored) -> dict[str, Any]:
    replayed = restored.replayed
    told = {"lines": replayed.lines, "rows": replayed.rows, "effects": replayed.effects}
    return {"backup_made_at": restored.made_at.isoformat(), **told}


def _said(told: dict[str, Any], *, is_drill: bool) -> str:
    if is_drill:
        sentence = pgettext(
            "command", "The drill succeeded in %(seconds)s seconds: the backup of %(made)s could be put back."
        )
    elif "erased" in told:
        sentence = pgettext(
            "command",
            "The backup of %(made)s is open with no contacts, and every account is shut. Import from the sources, and "
            "record an undertaking for each person who works with it.",
        )
    else:
        sentence = pgettext(
            "command",
            "The backup of %(made)s is put back and open. %(lines)s later erasures, stops, restrictions, corrections "
            "and revoked undertakings were carried out again.",
        )
    return sentence % {
        "made": told["backup_made_at"][:16], "lines": sum(told["lines"].values()), "seconds": told.get("seconds"),
    }  # fmt: skip


def _failed(fault: Exception) -> Exception:
    """Give the command's failure for a room's; another one is none of ours."""
    found = sentence_of(fault)
    if found is None:
        return fault
    kinds = {"refused": Refused, "configuration": Misconfigured, "try_again": TryAgain}
    kind, sentence = found
    return kinds[kind](sentence)
