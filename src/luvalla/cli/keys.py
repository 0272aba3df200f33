"""The look at the keys before a command reads anything: a lost or wrong key is said in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luvalla.cli.errors import Misconfigured, Refused
from luvalla.cli.language import pgettext

if TYPE_CHECKING:
    from luvalla.ledger.errors import KeysWrong


def check_open() -> None:
    """Raise Refused while a restored backup is closed: nothing may touch its database then, not even migrations."""
    from luvalla.ledger.errors import Quarantined
    from luvalla.ledger.quarantine import check_open as ask

    try:
        ask()
    except Quarantined:
        raise Refused(closed_sentence()) from None


def check_installation() -> None:
    """Compare the keyring with the database: Misconfigured when they don't belong together, Refused in quarantine."""
    from luvalla.ledger import errors
    from luvalla.ledger.keycheck import check_keys

    check_open()
    try:
        check_keys()
    except errors.DatabaseEmpty:
        raise Misconfigured(pgettext("command", "The database is empty. Run `luvalla init FILE.toml` first.")) from None
    except errors.KeysWrong as fault:
        raise Misconfigured(_wrong(fault) + " " + _remedy()) from None
    except (errors.KeysMissing, errors.KeyringBroken, errors.KeysAhead) as fault:
        raise Misconfigured(_said(type(fault).__name__)) from None


def closed_sentence() -> str:
    """Say that a restored backup is closed, and what leads out."""
    return pgettext(
        "command",
        "A restored backup is in quarantine: nothing is sent, shown, imported or exported. "
        "`luvalla restore --resume` says what keeps it closed and goes on.",
    )


def _wrong(fault: KeysWrong) -> str:
    if not fault.key:
        return pgettext("command", "The database has rows but remembers no keys.")
    if fault.is_lost:
        sentence = pgettext("command", "The keyring lacks the key %(key)s, which this database was written with.")
    else:
        sentence = pgettext("command", "The key %(key)s is not the one this database was written with.")
    return sentence % {"key": fault.key}


def _remedy() -> str:
    return pgettext(
        "command",
        "Look whether LUVALLA_HOME and LUVALLA_DATABASE_URL name the same installation. Nothing was read or changed.",
    )


def _said(fault: str) -> str:
    return {
        "KeysMissing": pgettext(
            "command",
            "There is no keyring in LUVALLA_HOME or where LUVALLA_KEYS_FILE says. Without it not one address can be "
            "opened. Put the keyring of this installation back; a new one does not fit. Nothing was read or changed.",
        ),
        "KeyringBroken": pgettext(
            "command", "The keyring can't be read. Put a whole copy of it back. Nothing was read or changed."
        ),
        "KeysAhead": pgettext(
            "command",
            "The keyring has a new token key that the database has not been brought up to. Finish the change of keys "
            "first: stop `luvalla run` and all workers, then give `luvalla keys rotate token`. Nothing was read or "
            "changed.",
        ),
    }[fault]
