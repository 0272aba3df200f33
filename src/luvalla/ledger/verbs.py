"""Which verbs of the ledger tell of somebody's looking: such a row always says what for."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Final

from django.db.models import BooleanField, Case, Q, Value, When
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

READING: Final = frozenset({"search", "show", "uncover", "export", "print", "read", "fetch", "open", "list", "copy"})
"""The first word of a verb's action that tells of reading: register.uncover_address, api.read_contacts."""
PRINT: Final = "paper.record_print"


def is_reading(verb: str) -> bool:
    """Tell whether a verb ("register.uncover_address") tells of reading.

    >>> is_reading("register.uncover_address"), is_reading("register.stop")
    (True, False)
    """
    return verb == PRINT or verb.partition(".")[2].partition("_")[0] in READING


def told_by_verb() -> Case:
    """Give the same rule for a column that the database itself works out, so that no writer gets round it."""
    spelled = Concat("verb", Value("_"))
    words = (Q(GreaterThan(StrIndex(spelled, Value(f".{word}_")), 0)) for word in sorted(READING))
    return Case(
        When(reduce(or_, words, Q(verb=PRINT)), then=Value(True)),  # noqa: FBT003  # Django's signature
        default=Value(False),  # noqa: FBT003  # the same
        output_field=BooleanField(),
    )
