"""For whom backups are encrypted, and what opens them: from the settings, else the installation's own backup key.

The own key is made with the installation, lies in LUVALLA_HOME/keys/backup.txt as an age identity, and stands in the
recovery kit, so that a backup can be opened when the machine is lost.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import pyrage  # type: ignore[import-untyped]  # it ships no types
from django.conf import settings

from luvalla.ledger.backups.container import Key, Lock
from luvalla.ledger.backups.errors import CannotOpen, NoRecipient

IDENTITY: Final = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+")


def own_key_place() -> Path:
    """Tell where the installation's own backup key lies."""
    return Path(settings.LUVALLA_HOME) / "keys" / "backup.txt"


def make_own_key() -> Path:
    """Make the installation's own backup key, unless it has one."""
    place = own_key_place()
    if not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{pyrage.x25519.Identity.generate()}\n")
    return place


def configured_lock() -> Lock:
    """Give for whom backups are encrypted: LUVALLA_BACKUP_RECIPIENTS, LUVALLA_BACKUP_PASSPHRASE_FILE, the own key.

    Raises NoRecipient when there is none of them.
    """
    recipients = tuple(settings.LUVALLA_BACKUP_RECIPIENTS.replace(",", " ").split())
    if recipients:
        return Lock(recipients)
    if settings.LUVALLA_BACKUP_PASSPHRASE_FILE:
        return Lock(passphrase=_passphrase(Path(settings.LUVALLA_BACKUP_PASSPHRASE_FILE)))
    if not own_key_place().exists():
        raise NoRecipient
    own = pyrage.x25519.Identity.from_str(_identities(own_key_place())[0])
    return Lock((str(own.to_public()),))


def configured_key(given: Path | None = None) -> Key:
    """Give what opens backups: the identities of a given file, the passphrase of the settings, the own key."""
    file = settings.LUVALLA_BACKUP_PASSPHRASE_FILE
    passphrase = _passphrase(Path(file)) if file else ""
    places = [place for place in (given, own_key_place()) if place is not None and place.exists()]
    identities = tuple(each for place in places for each in _identities(place))
    if given is not None and not passphrase and not identities:
        passphrase = _passphrase(given)
    if not identities and not passphrase:
        raise CannotOpen
    return Key(identities, passphrase)


def _identities(place: Path) -> list[str]:
    return IDENTITY.findall(place.read_text(encoding="utf-8"))


def _passphrase(place: Path) -> str:
    passphrase = place.read_text(encoding="utf-8").strip()
    if not passphrase:
        raise NoRecipient
    return passphrase
