"""`luvalla backup FILE`: one encrypted file with everything but the keys and the ledger of erasures."""

from __future__ import annotations

from pathlib import Path

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import Misconfigured, Refused
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line, say


@click.command(help=pgettext("command", "Back the installation up to an encrypted file, while it runs."))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@with_django
def command(file: Path, *, as_json: bool) -> None:
    """Write the backup and say what is not in it."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.ledger.backups.errors import NoRecipient
    from luvalla.ledger.backups.locks import configured_lock
    from luvalla.ledger.backups.making import make_backup

    try:
        made = make_backup(place=file, lock=configured_lock(), actor=OPERATOR)
    except NoRecipient:
        raise Misconfigured(
            pgettext(
                "command",
                "Nobody is named for whom backups are encrypted. Set LUVALLA_BACKUP_RECIPIENTS or "
                "LUVALLA_BACKUP_PASSPHRASE_FILE, or make the installation's own backup key with `luvalla keys kit`. "
                "No backup was made.",
            )
        ) from None
    except FileExistsError:
        sentence = pgettext("command", "%(file)s is there already. Nothing was overwritten; give another name.")
        raise Refused(sentence % {"file": file}) from None
    if as_json:
        document = {"file": str(made.place), "bytes": made.size, "made_at": made.made_at, "erasures": made.erasures_seq}
        print_json(document)
        return
    print_line(
        pgettext("command", "The backup is in %(file)s (%(size)s MB).") % {"file": file, "size": _mega(made.size)}
    )
    say(_not_in_it())


def _not_in_it() -> str:
    """Say what is not in a backup, and where it stands."""
    from luvalla.ledger.erasures import copy_place

    if copy_place() is not None:
        return pgettext(
            "command",
            "The keys and the ledger of erasures are not in it: the recovery kit has the keys, and the ledger of "
            "erasures stands in its second place too.",
        )
    return pgettext(
        "command",
        "The keys and the ledger of erasures are not in it: the recovery kit has the keys, but the ledger of erasures "
        "has no second place yet. Set LUVALLA_ERASURES_COPY to a file on another disk or host.",
    )


def _mega(size: int) -> str:
    return f"{size / 1_000_000:.1f}"
