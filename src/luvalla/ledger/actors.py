"""Who does something: a person with an account, the data subject, or the system itself."""

from __future__ import annotations

from typing import NamedTuple


class Actor(NamedTuple):
    """The doer of a write: a kind and a random reference (a user's ref, never a name)."""

    kind: str
    ref: str = ""

    def __str__(self) -> str:
        """Spell the actor as the ledger does."""
        return f"{self.kind}:{self.ref}" if self.ref else self.kind


SYSTEM = Actor("system")
SUBJECT = Actor("subject")
OPERATOR = Actor("operator")
"""Whoever runs a command on the machine itself, where no account is named."""


def person(ref: object) -> Actor:
    """Name a person with an account by the account's random reference."""
    return Actor("person", str(ref))
