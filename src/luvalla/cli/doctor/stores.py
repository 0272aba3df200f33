"""What is kept: keys, tables, jobs, the ledger of erasures and its second place, backups, and the rights mailbox."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from luvalla.cli.doctor.finding import Finding, fault, good, note, unknown
from luvalla.cli.language import npgettext, pgettext

WAITS_LONG: Final = timedelta(minutes=10)
BACKUP: Final = "ledger.make_backup"
DRILL: Final = "ledger.drill_restore"
RESTORE: Final = "ledger.restore"
BACKED_UP_WITHIN: Final = timedelta(hours=26)
"""A nightly backup, and two hours for it to run late."""
DRILLED_WITHIN: Final = timedelta(days=90)


def look_at_database() -> Iterator[Finding]:
    """Look whether the database answers and has tables: nearly all the rest stands on it."""
    from django.db import DatabaseError, connection

    try:
        tables = connection.introspection.table_names()
    except DatabaseError as broken:
        saw = pgettext("doctor", "The database can't be read (%(fault)s).") % {"fault": type(broken).__name__}
        do = pgettext(
            "doctor",
            "Look whether its server runs and lets us in, as LUVALLA_DATABASE_URL says, or whether its file is whole; "
            "put a damaged one back from a backup (how-to/back-up-and-restore). Most checks wait for it.",
        )
        yield fault("database", saw, do)
        return
    if tables:
        yield good("database", pgettext("doctor", "The database answers."))
        return
    do = pgettext(
        "doctor",
        "If this installation had one, put its backup back (how-to/back-up-and-restore). A new installation begins "
        "with: luvalla init FILE.toml. Most checks wait for it.",
    )
    yield fault("database", pgettext("doctor", "The database is empty."), do)


def look_at_keys() -> Iterator[Finding]:
    """Look whether the keyring is the one this database was written with."""
    from luvalla.cli.errors import Misconfigured
    from luvalla.cli.keys import check_installation

    try:
        check_installation()
    except Misconfigured as wrong:
        do = pgettext("doctor", "Mend this first; the rest stands on it.")
        yield fault("keys", wrong.format_message(), do)
        return
    yield good("keys", pgettext("doctor", "The keys are the ones this database was written with."))


def look_at_migrations() -> Iterator[Finding]:
    """Look whether the database has the tables of this version of the program."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    left = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if left:
        said = npgettext(
            "doctor", "%(left)d change of tables is missing.", "%(left)d changes of tables are missing.", left
        )
        do = pgettext("doctor", "Make a backup, stop the program, and start it again with: luvalla run")
        yield fault("migrations", said % {"left": left}, do)
    else:
        yield good("migrations", pgettext("doctor", "The tables are those of this version."))


def look_at_jobs() -> Iterator[Finding]:
    """Look for background work that nobody does, or that was given up: jobs, and what is done every second."""
    from django.utils import timezone

    from luvalla.jobs.engines import count_jobs, overdue_jobs
    from luvalla.ledger.queries import unsealed_rows

    waiting, failed = count_jobs()
    before = timezone.now() - WAITS_LONG
    overdue = overdue_jobs(before)
    do = pgettext("doctor", "Nobody does the background work. Start luvalla run or luvalla worker.")
    if overdue:
        saw = npgettext("doctor", "%(count)d job is overdue.", "%(count)d jobs are overdue.", overdue)
        yield fault("jobs", saw % {"count": overdue}, do)
    elif unsealed_rows().is_late(before):
        yield fault("jobs", pgettext("doctor", "Rows of the ledger wait for their seal, which comes every second."), do)
    elif not failed:
        yield good("jobs", pgettext("doctor", "%(waiting)d jobs wait, none is overdue.") % {"waiting": waiting})
    if failed:
        saw = npgettext("doctor", "%(count)d job was given up.", "%(count)d jobs were given up.", failed)
        do = pgettext("doctor", "The log says which, and the name of the fault. Mend it, then ask for the work again.")
        yield note("jobs", saw % {"count": failed}, do)


def look_at_erasures() -> Iterator[Finding]:
    """Look whether the ledger of erasures holds together and is kept in a second place."""
    from luvalla.ledger.erasures import copy_place, ledger_place, read_lines
    from luvalla.ledger.errors import ErasuresBroken

    try:
        lines = sum(1 for _ in read_lines()) if ledger_place().exists() else 0
    except ErasuresBroken:
        saw = pgettext("doctor", "The ledger of erasures is broken.")
        yield fault("erasures", saw, pgettext("doctor", "Put its copy back from the second place."))
        return
    copy = copy_place()
    if copy is None:
        saw = pgettext("doctor", "The ledger of erasures has no second place.")
        do = pgettext("doctor", "Set LUVALLA_ERASURES_COPY to a file on another disk or host: no backup holds it.")
        yield fault("erasures", saw, do)
    elif not _can_be_written(copy):
        saw = pgettext("doctor", "The second place of the ledger of erasures can't be written: %(place)s.")
        do = pgettext("doctor", "Mount its disk, make its folder, or let the program's user write there.")
        yield fault("erasures", saw % {"place": copy}, do)
    elif _device(copy) == _device(ledger_place()):
        saw = pgettext("doctor", "Both places of the ledger of erasures are on one disk: %(place)s.")
        do = pgettext(
            "doctor", "Set LUVALLA_ERASURES_COPY to a file on another disk or host; one fault takes both here."
        )
        yield fault("erasures", saw % {"place": copy}, do)
    elif lines and not _is_same(ledger_place(), copy):
        saw = pgettext("doctor", "The second place of the ledger of erasures lacks what the first one has.")
        do = pgettext("doctor", "Look whether %(place)s can be written; the next erasure brings it up to date.")
        yield fault("erasures", saw, do % {"place": copy})
    else:
        yield good("erasures", pgettext("doctor", "The ledger of erasures is whole, in both places."))


def look_at_backups() -> Iterator[Finding]:
    """Look how old the last backup is, and the last time one was put back for a try."""
    from django.utils import timezone

    now = timezone.now()
    last, drilled = _last(BACKUP), _last(DRILL)
    do = pgettext("doctor", "Make one every night, to another disk or host. The guide is how-to/back-up-and-restore.")
    if last is None:
        yield fault("backups", _no_backup(), do)
        return
    hours = {"hours": (now - last) // timedelta(hours=1)}
    saw = pgettext("doctor", "The last backup is %(hours)d hours old.") % hours
    yield fault("backups", saw, do) if now - last > BACKED_UP_WITHIN else good("backups", saw)
    if drilled is None or now - drilled > DRILLED_WITHIN:
        saw = pgettext("doctor", "No backup was put back for a try within 90 days.")
        yield note("backups", saw, pgettext("doctor", "Try one: a backup that nobody has opened is a hope."))


def look_at_mailbox() -> Iterator[Finding]:
    """Look whether the week's message to the rights mailbox has come back as a case (S4)."""
    from django.utils import timezone

    from luvalla.rights.canary import WITHIN, last_arrived, last_sent

    sent, arrived = last_sent(), last_arrived()
    if sent is None:
        saw = pgettext("doctor", "No message has been sent to the rights mailbox yet.")
        yield unknown("mailbox", saw, pgettext("doctor", "luvalla run sends one a week; look again after that."))
    elif arrived is not None and arrived >= sent:
        yield good("mailbox", pgettext("doctor", "The last message to the rights mailbox came back as a case."))
    elif timezone.now() - sent > WITHIN:
        saw = pgettext("doctor", "The last message to the rights mailbox did not come back within a day.")
        do = pgettext("doctor", "Requests may be lost. Look whether its mail still reaches luvalla receive.")
        yield fault("mailbox", saw, do)
    else:
        yield good("mailbox", pgettext("doctor", "The last message to the rights mailbox is on its way."))


def _no_backup() -> str:
    if _last(RESTORE) is not None:  # the row of the backup that was put back is not in it
        return pgettext("doctor", "No backup has been made since one was put back.")
    return pgettext("doctor", "No backup has been made yet.")


def _last(verb: str) -> datetime | None:
    from luvalla.ledger.models import LedgerRow

    return LedgerRow.objects.filter(verb=verb).order_by("-pk").values_list("at", flat=True).first()


def _device(place: Path) -> int:
    """Give the device that a file lies on, or would (st_dev of POSIX). Two parts of one disk pass for two devices."""
    return next(each for each in (place, *place.parents) if each.exists()).stat().st_dev


def _can_be_written(place: Path) -> bool:
    """Tell whether a file could be written: itself, or else where it would be made."""
    there = next(each for each in (place, *place.parents) if each.exists())
    return (there == place or there.is_dir()) and os.access(there, os.W_OK)


def _is_same(first: Path, second: Path) -> bool:
    try:
        return first.read_bytes() == second.read_bytes()
    except OSError:
        return False
