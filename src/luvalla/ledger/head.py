"""The head of the chain, noted in a file outside the database: a ledger that was cut off at its end is noticed by it.

The file lies beside the ledger of erasures. It is written after the seals have committed, so it may be a little behind.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import NamedTuple

from luvalla.ledger.erasures import ledger_place

log = logging.getLogger(__name__)


class Head(NamedTuple):
    """The number and the link of the last seal."""

    number: int
    link: bytes


def head_place() -> Path:
    """Tell where the head is noted."""
    return ledger_place().with_name("ledger-head.json")


def write_head(head: Head) -> None:
    """Note the head; a failure is only told, since the next seal notes a newer one."""
    place = head_place()
    draft = place.with_suffix(f".{os.getpid()}")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft.open("w", encoding="ascii") as file:
            json.dump({"number": head.number, "link": head.link.hex()}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    except OSError as fault:
        log.warning("the head of the ledger could not be noted: %s", type(fault).__name__)


def read_head() -> Head | None:
    """Read the head; None when there is none or it can't be read, as after a disk was replaced."""
    try:
        read = json.loads(head_place().read_text(encoding="ascii"))
        return Head(int(read["number"]), bytes.fromhex(read["link"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
