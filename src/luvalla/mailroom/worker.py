"""A worker: one process that takes shards and sends their letters, lean and without models.

    python -m luvalla.mailroom.worker

It is told by its parent, on standard input as one JSON document, which database, keys and relays it has, and ends with
its parent. SIGTERM lets it finish what it has begun. Exit codes: 0 nothing left to do soon, 75 no relay takes letters,
76 none does before tomorrow, or before the staff lets one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
from django.conf import settings
from django.db import connection

from luvalla.jobs.process import die_with_parent
from luvalla.rules.ports import door_keepers

if TYPE_CHECKING:
    from luvalla.mailroom.hands import Hands


def main() -> int:
    """Work until nothing is left to do soon, or until told to end."""
    told = json.load(sys.stdin)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    hands = set_up(told)
    signal.signal(signal.SIGTERM, lambda *_: hands.end())
    die_with_parent(told["parent"])
    return hands.run()


def set_up(told: dict[str, Any]) -> Hands:
    """Configure as little of Django as a worker needs, its database, and give the worker its hands."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.configure(DATABASES={"default": told["database"]}, INSTALLED_APPS=[], USE_TZ=True, TIME_ZONE="UTC")
    django.setup()
    from luvalla.mailroom.errands import Errands, Told  # noqa: PLC0415  # needs the settings
    from luvalla.mailroom.hands import HANDS, Hands  # noqa: PLC0415  # the same
    from luvalla.mailroom.lean_keeper import LeanKeeper  # noqa: PLC0415  # the same

    for number, statement in enumerate(told["work"].get("closures", ())):
        door_keepers.register(f"told {number}", LeanKeeper(statement))
    work = Told(**{**told["work"], "home": Path(told["work"]["home"])})
    return Hands([Errands(work) for _ in range(HANDS.get(connection.vendor, 1))])


if __name__ == "__main__":
    sys.exit(main())
