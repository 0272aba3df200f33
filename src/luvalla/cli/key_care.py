"""`luvalla keys`: the recovery kit, bringing keys back from it, changing them, and checking them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from luvalla.cli.django import set_up_django, with_django
from luvalla.cli.errors import Misconfigured, Refused, TryAgain
from luvalla.cli.groups import WholeSentences
from luvalla.cli.keys import check_installation
from luvalla.cli.language import npgettext, pgettext
from luvalla.cli.output import json_option, print_json, print_line, say

if TYPE_CHECKING:
    from luvalla.ledger.kit import Kit

KINDS = ("token", "seal", "link", "ledger")


@click.group(cls=WholeSentences, help=pgettext("command", "Look after the keys: recovery kit, change, check."))
def command() -> None:
    """Look after the keys."""


@command.command(help=pgettext("command", "Print the recovery kit: every key, to be kept on paper in a safe."))
@click.option(
    "--pdf",
    metavar="FILE",
    help=pgettext("command", "Make it a page to print; - gives the page to the next program, such as lp."),
)
@with_django
def kit(*, pdf: str | None) -> None:
    """Print all keys, with a row in the ledger."""
    from django.db import transaction

    from luvalla.ledger.actions import record_look
    from luvalla.ledger.actors import OPERATOR
    from luvalla.rules.purposes import LookedAtFor

    with transaction.atomic():
        record_look("ledger.print_kit", actor=OPERATOR, purpose=LookedAtFor.KEYS)
    if pdf is None:
        print_kit()
    else:
        _write_page(pdf)


@command.command(help=pgettext("command", "Bring the keys back from a recovery kit that was typed into a file."))
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--replace", is_flag=True, help=pgettext("command", "Replace the keys that are there."))
def enter(file: Iterable[str], *, replace: bool) -> None:
    """Read the kit line by line and write the keyring; a slip is named by its line."""
    set_up_django()
    from django.conf import settings

    from luvalla.ledger.kit import KitBroken, read_kit

    try:
        found = read_kit(file)
    except KitBroken as fault:
        sentence = pgettext("command", "The line %(name)s is missing or mistyped. Nothing was changed.")
        raise Refused(sentence % {"name": fault.name}) from None
    home = Path(settings.LUVALLA_HOME)
    with _alone(home):
        if (home / "keys" / "keyring.json").exists() and not replace:
            sentence = pgettext("command", "There are keys already. Give --replace to put the kit's in their place.")
            raise Refused(sentence)
        _write(found, home)
    print_line(pgettext("command", "The keys are in %(keys)s.") % {"keys": home / "keys"})


@command.command(
    help=pgettext("command", "Make a new key of a kind: token, seal, link or ledger. `luvalla run` has to be stopped.")
)
@click.argument("kind", type=click.Choice(KINDS))
def rotate(kind: str) -> None:
    """Make the new key; tokens are brought up to it, and an interrupted change goes on where it was."""
    set_up_django()
    from django.conf import settings

    home = Path(settings.LUVALLA_HOME)
    with _alone(home):
        if kind != "token" or not _is_under_way():
            check_installation()
        rows = _rotate(kind, home)
    sentence = npgettext(
        "command",
        "There is a new key; %(rows)s row was changed.",
        "There is a new key; %(rows)s rows were changed.",
        rows,
    )
    print_line(sentence % {"rows": rows})
    say(pgettext("command", "Print the recovery kit anew (`luvalla keys kit`): the old one lacks the new key."))


def _rotate(kind: str, home: Path) -> int:
    from luvalla.ledger.actors import OPERATOR
    from luvalla.ledger.backups.errors import DatabaseInUse
    from luvalla.ledger.errors import ErasuresUnwritable, KeysMissing
    from luvalla.ledger.rotation import rotate_key

    try:
        return rotate_key(kind=kind, home=home, actor=OPERATOR)
    except DatabaseInUse:
        raise TryAgain(
            pgettext("command", "Another process works with the database. Stop `luvalla run` and all workers first.")
        ) from None
    except KeysMissing:
        raise Misconfigured(_given_elsewhere()) from None
    except ErasuresUnwritable:
        raise TryAgain(
            pgettext(
                "command",
                "The ledger of erasures can't be written, so the change of the key is not finished. Look at its disk "
                "with `luvalla doctor`, then give the same command again.",
            )
        ) from None


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Change the keys as the only process, before the database is looked at; TryAgain while another one does."""
    from luvalla.ledger.errors import KeysBeingChanged
    from luvalla.ledger.keys import changing_keys

    try:
        with changing_keys(home):
            yield
    except KeysBeingChanged:
        sentence = pgettext(
            "command",
            "Another process is changing the keys. Nothing was changed by this one; give the same command again when "
            "the other has ended.",
        )
        raise TryAgain(sentence) from None


@command.command(help=pgettext("command", "Say whether the keys are those of the database, and how many there are."))
@json_option
@with_django
def check(*, as_json: bool) -> None:
    """Count the keys; that they are the right ones was looked at before."""
    from luvalla.ledger.backups.locks import own_key_place
    from luvalla.ledger.vault import keyring

    keys = keyring()
    counts = {
        "token": len(keys.token_keys), "seal": len(keys.seal_keys), "link": len(keys.link_keys),
        "ledger": len(keys.ledger_keys), "backup": int(own_key_place().exists()),
    }  # fmt: skip
    if as_json:
        print_json(counts)
        return
    sentence = pgettext(
        "command",
        "The keys are those of this database: %(token)s for tokens, %(seal)s for sealing, %(link)s for links, "
        "%(ledger)s for the ledger, %(backup)s for backups.",
    )
    print_line(sentence % counts)


def print_kit() -> None:
    """Print the recovery kit of the keys in use; the installation's backup key is made if there is none."""
    say(
        pgettext(
            "command",
            "Recovery kit. Whoever has it can open every address: print it, keep it in a safe apart from the backups, "
            "and leave it on no disk. `luvalla keys kit --pdf - | lp` prints it as a page. `luvalla keys enter FILE` "
            "brings the keys back from it.",
        )
    )
    for line in _kit():
        print_line(line)


def _kit() -> list[str]:
    from luvalla.ledger.backups.locks import make_own_key
    from luvalla.ledger.kit import Kit, kit_lines
    from luvalla.ledger.vault import keyring

    return kit_lines(Kit(keyring(), make_own_key().read_text(encoding="ascii").strip()))


def _write_page(place: str) -> None:
    """Give the kit as a page: to the next program, or into a new file of one's own."""
    from luvalla.cli.kit_page import kit_page, write_page

    page = kit_page(_kit())
    if place == "-":
        sys.stdout.buffer.write(page)
        return
    try:
        write_page(page, Path(place))
    except FileExistsError:
        sentence = pgettext("command", "%(file)s is there already. Nothing was overwritten; give another name.")
        raise Refused(sentence % {"file": place}) from None
    say(pgettext("command", "Print %(file)s, then delete it: it holds every key.") % {"file": place})


def _is_under_way() -> bool:
    """Tell whether a change of the token key waits to be gone on with."""
    from luvalla.ledger.errors import KeysAhead
    from luvalla.ledger.keycheck import check_keys

    try:
        check_keys()
    except KeysAhead:
        return True
    except Exception:  # noqa: BLE001  # check_installation says it in a sentence
        return False
    return False


def _write(found: Kit, home: Path) -> None:
    from luvalla.ledger.backups.locks import own_key_place
    from luvalla.ledger.keys import write_keyring
    from luvalla.ledger.vault import forget_keys

    if os.environ.get("LUVALLA_KEYS") or os.environ.get("LUVALLA_KEYS_FILE"):
        raise Misconfigured(_given_elsewhere())
    write_keyring(found.keyring, home)
    forget_keys()
    if found.backup:
        place = own_key_place()
        place.write_text(f"{found.backup}\n", encoding="ascii")
        place.chmod(0o600)


def _given_elsewhere() -> str:
    return pgettext(
        "command",
        "The keys are given by LUVALLA_KEYS or LUVALLA_KEYS_FILE; they are changed there. Nothing was changed.",
    )
