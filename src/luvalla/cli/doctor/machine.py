"""The machine: who may read the home folder, how much room there is, and what time it is."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from luvalla.cli.doctor.finding import Finding, fault, good, note
from luvalla.cli.language import pgettext

LEAST: Final = 256 << 20
"""Bytes without which not even a stop is sure to be written."""
COMFORTABLE: Final = 2 << 30
OF_CONTAINER: Final = "/run/secrets/"
APART: Final = timedelta(seconds=2)
"""Leases end by the database's clock and deadlines by this machine's."""
TIMEX_BYTES: Final = 512
"""More than any platform's struct timex; its first member, the modes, stays 0: look, don't touch."""
TIME_ERROR: Final = 5
"""What adjtimex returns while the clock isn't in step."""
SIGNATURES_HOLD: Final = timedelta(days=7)
CLOCKS: Final = {
    "postgresql": "select clock_timestamp()",
    "sqlite": "select strftime('%Y-%m-%dT%H:%M:%f', 'now')",
}


def look_at_permissions() -> Iterator[Finding]:
    """Look whether others on the machine can read the home folder or the keys."""
    from django.conf import settings

    home = Path(settings.LUVALLA_HOME)
    keys = home / "keys"
    # Behind a closed folder the modes of what lies in it don't matter; the keys are closed twice.
    places = [home, keys, *sorted(keys.rglob("*"))]
    open_places = [each for each in places if each.exists() and _is_open(each)]
    for place in open_places:
        saw = pgettext("doctor", "Others on this machine can read %(place)s.") % {"place": place}
        mode = "700" if place.is_dir() else "600"
        yield fault("permissions", saw, _close(place, mode))
    missing = [each for each in _secrets() if not each.exists()]
    for place in missing:
        saw = pgettext("doctor", "The file of a secret is not there: %(place)s.") % {"place": place}
        yield fault("permissions", saw, pgettext("doctor", "Put it there, or change the setting that names it."))
    open_secrets = [each for each in _secrets() if each.exists() and each.stat().st_mode & stat.S_IRWXO]
    for place in open_secrets:
        saw = pgettext("doctor", "Everybody on this machine can read the secret in %(place)s.") % {"place": place}
        yield fault("permissions", saw, _close(place, "600"))
    if not (open_places or open_secrets or missing):
        yield good("permissions", pgettext("doctor", "Only the program's own user reads the home folder and the keys."))


def _close(place: Path, mode: str) -> str:
    return pgettext("doctor", "Do: chmod %(mode)s %(place)s") % {"mode": mode, "place": place}


def look_at_disk() -> Iterator[Finding]:
    """Look how much room is left where the home folder lies."""
    from django.conf import settings

    free = shutil.disk_usage(settings.LUVALLA_HOME).free
    saw = pgettext("doctor", "%(free)s MB are free where the home folder lies.") % {"free": _thousands(free >> 20)}
    do = pgettext("doctor", "Make room, or move the home folder to a larger disk. A full disk stops stops, too.")
    if free < LEAST:
        yield fault("disk", saw, do)
    elif free < COMFORTABLE:
        yield note("disk", saw, do)
    else:
        yield good("disk", saw)


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", "\u00a0")


def look_at_scanner() -> Iterator[Finding]:
    """Look whether the virus scanner answers, and how old what it knows is."""
    from django.utils import timezone

    from luvalla.organisation.errors import ScannerAway
    from luvalla.organisation.scanner import has_scanner, signatures_of

    if not has_scanner():
        saw = pgettext("doctor", "Files that people send are not scanned for viruses.")
        do = pgettext("doctor", "Install ClamAV and set LUVALLA_SCANNER (how-to/scan-files), unless others scan them.")
        yield note("scanner", saw, do)
        return
    try:
        made = signatures_of()
    except ScannerAway:
        saw = pgettext("doctor", "The virus scanner gives no answer: the staff's files are refused meanwhile.")
        do = pgettext("doctor", "Look whether clamd runs where LUVALLA_SCANNER says, and lets this user in.")
        yield fault("scanner", saw, do)
        return
    if made is None or timezone.now() - made > SIGNATURES_HOLD:
        saw = pgettext("doctor", "The virus scanner answers, but its signatures are older than a week.")
        yield note("scanner", saw, pgettext("doctor", "Look whether freshclam runs and reaches its servers."))
    else:
        yield good("scanner", pgettext("doctor", "The virus scanner answers, with signatures of this week."))


def look_at_clock() -> Iterator[Finding]:
    """Compare this machine's clock with the database's."""
    apart = abs(_database_time() - datetime.now(UTC))
    saw = pgettext("doctor", "The clocks of this machine and of the database are %(seconds).1f s apart.")
    saw %= {"seconds": apart.total_seconds()}
    if apart > APART:
        yield fault("clock", saw, pgettext("doctor", "Let both machines take their time from the same servers (NTP)."))
    elif _keeps_time() is False:
        saw = pgettext("doctor", "The kernel says that nothing keeps this machine's clock in step.")
        do = pgettext("doctor", "Let it take its time from servers (NTP), with chrony or systemd-timesyncd.")
        yield note("clock", saw, do)
    else:
        yield good("clock", saw)


def _secrets() -> list[Path]:
    """Give the files of secrets that the settings name; those of a container (/run/secrets) are for it alone."""
    from django.conf import settings

    from luvalla.config.environment import read_environment

    named = (
        settings.LUVALLA_SMTP_PASSWORD_FILE, settings.LUVALLA_BACKUP_PASSPHRASE_FILE,
        read_environment().oidc_client_secret_file, os.environ.get("LUVALLA_KEYS_FILE", ""),
    )  # fmt: skip
    return [Path(each) for each in named if each and not each.startswith(OF_CONTAINER)]


def _is_open(place: Path) -> bool:
    return bool(place.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _keeps_time() -> bool | None:
    """Ask the kernel whether its clock is kept in step (adjtimex(2), which changes nothing here); None if it can't say.

    On SQLite both clocks are this one, so a comparison alone would see nothing.
    """
    adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)
    said = adjtimex(ctypes.create_string_buffer(TIMEX_BYTES)) if adjtimex else -1
    return None if said < 0 else said != TIME_ERROR


def _database_time() -> datetime:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(CLOCKS[connection.vendor])
        (said,) = cursor.fetchone()
    moment = datetime.fromisoformat(said) if isinstance(said, str) else said
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
