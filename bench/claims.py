"""Measures a whole run of the checks of all claims over a large register, claim by claim.

    PYTHONPATH=src:bench python bench/claims.py [--contacts 1000000]

Builds the register of bench/listing.py with as many invented contacts, a letter just sent to every fifth and an
answered stop for every thousandth, runs every registered check once, and prints what each took: seconds on the clock,
and of processor time with its children. With LUVALLA_DATABASE_URL on PostgreSQL the database must be empty; it is left
as it is afterwards, and where its server runs on this machine its processor time is counted too.
"""

# Django reads its settings while listing is imported, so the home comes first

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    os.environ |= {"LUVALLA_HOME": tempfile.mkdtemp(prefix="luvalla-bench-"), "LUVALLA_SECOND_FACTOR": "optional"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "luvalla.config.settings"

import listing
from django.conf import settings
from django.db import connection
from django.utils import timezone
from wagtail.models import Locale

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.models import Delivery
from luvalla.notices.actions import check_claims
from luvalla.organisation.models import Purpose
from luvalla.people.models import User
from luvalla.register.models import Audience, Stop
from luvalla.rules.ports import claims

GOAL: Final = 30.0
"""Seconds for all claims over a million contacts."""
STOPS_EACH: Final = 1000
LETTERS_EACH: Final = 5
TOGETHER: Final = 5_000


def main() -> None:
    """Build, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    given = parser.parse_args()
    try:
        listing.prepare(settings.LUVALLA_HOME)
        listing.build(given.contacts)
        add_letters(given.contacts)
        add_stops(given.contacts)
        measure(given.contacts)
    finally:
        shutil.rmtree(settings.LUVALLA_HOME, ignore_errors=True)


def add_letters(contacts: int) -> None:
    """Record a finished campaign with a letter to every fifth contact."""
    now = timezone.now()
    campaign = Campaign.objects.create(
        subject="-",
        purpose=Purpose.objects.get(key="customer_information"),
        audience=Audience.objects.order_by("pk")[0],
        author=User.objects.get(username="author"),
        locale=Locale.objects.get(language_code="fi"),
    )
    Lifecycle.objects.create(campaign=campaign, state="finished", approved_at=now, started_at=now, finished_at=now)
    numbers = range(1, contacts + 1, LETTERS_EACH)
    for first in range(0, len(numbers), TOGETHER):
        Delivery.objects.bulk_create(
            Delivery(campaign=campaign, contact_id=number, shard_id=1, epoch=1, state="accepted", claimed_at=now)
            for number in numbers[first : first + TOGETHER]
        )


def add_stops(contacts: int) -> None:
    """Record stops that were answered a moment ago, of people who aren't in the register any more."""
    now = timezone.now()
    Stop.objects.bulk_create(
        Stop(kind="withdraw", channel="web", folded=os.urandom(32), contact_ids=[contacts + number], answered_at=now)
        for number in range(1, contacts // STOPS_EACH)
    )


def measure(contacts: int) -> None:
    """Run the checks one by one for their times, then all of them as they are run at night."""
    taken = sorted(((*_time(part.id), part.id) for part in claims), reverse=True)
    for wall, cpu, name in taken:
        print(f"{name:4} {wall:7.2f} s on the clock, {cpu:7.2f} s of processor time", flush=True)
    wall, cpu = sum(each[0] for each in taken), sum(each[1] for each in taken)
    print(f"{len(taken)} claims, {contacts} contacts, {connection.vendor}: {wall:.1f} s, {cpu:.1f} s of processor")
    print("goal reached" if wall <= GOAL else f"goal of {GOAL:.0f} s missed", file=sys.stderr)


def _time(claim: str) -> tuple[float, float]:
    began, spent = time.perf_counter(), _processor()
    check_claims([claim], actor=SYSTEM)
    return time.perf_counter() - began, _processor() - spent


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used) + _server()


def _server() -> float:
    """Give the processor time of PostgreSQL's process for this connection, where it runs on this machine."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        place = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not place.exists():
        return 0.0
    spent = place.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
