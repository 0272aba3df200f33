"""The processes of bench/import_speed.py: `measure` imports three files, `stop` stops letters beside it.

Both find the installation and the folder of the files in their environment, and print JSON.
"""

# ruff: noqa: E402  # the rooms are there once Django is set up

from __future__ import annotations

import json
import os
import resource
import select
import sys
import time
from pathlib import Path
from typing import Final

import django

django.setup()

from django.db import connection

from luvalla.ledger.actors import OPERATOR, SUBJECT
from luvalla.register import stop
from luvalla.register.importing.actions import apply_batch, begin_batch, stage_batch
from luvalla.register.importing.export import Options
from luvalla.register.importing.settling import settle_batch
from luvalla.register.models import Source
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind

PAUSE: Final = 0.05
STEPS: Final = ("all rows new", "the same again", "5 % gone, 2 % changed")


def measure() -> None:
    """Import the three files one after the other and print a line of JSON for each."""
    connection.ensure_connection()
    for number, name in enumerate(STEPS):
        file = Path(os.environ["LUVALLA_BENCH"]) / f"{number}.csv"
        print(json.dumps({"name": name, **import_file(file)}), flush=True)


def import_file(file: Path) -> dict[str, float]:
    """Bring a file all the way and measure it; lengths of time in seconds, the longest transaction in milliseconds."""
    begun, cpu = time.perf_counter(), time.process_time()
    batch = begin_batch(source=Source.objects.get(key="crm"), permission=PermissionKind.CUSTOMER, actor=OPERATOR)
    staging = stage_batch(batch=batch, opener=lambda: file.open("rb"), options=Options(), actor=OPERATOR)
    staged = time.perf_counter()
    batch = apply_batch(batch=batch, actor=OPERATOR)
    applied = time.perf_counter()
    settling = settle_batch(batch)
    settled = time.perf_counter()
    return {
        "rows": staging.rows,
        "seconds": settled - begun,
        "staged": staged - begun,
        "applied": applied - staged,
        "settled": settled - applied,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "longest": 1000 * max(staging.pace.longest, settling.longest, applied - staged),
    }


def keep_stopping() -> None:
    """Stop one unknown mailbox after the other until told to end; print how long that took, in milliseconds."""
    print("ready", flush=True)
    waited: list[float] = []
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        begun = time.perf_counter()
        address = normalise(f"tuntematon{len(waited)}@kotiposti.example")
        stop.withdraw(address=address, channel="bench", actor=SUBJECT)
        waited.append(1000 * (time.perf_counter() - begun))
    waited.sort()
    print(json.dumps({"stops": len(waited), "median": waited[len(waited) // 2], "longest": waited[-1]}))


if __name__ == "__main__":
    measure() if sys.argv[1] == "measure" else keep_stopping()
