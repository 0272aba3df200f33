"""Ports through which rooms reach others above or beside them, knowing none of them.

Each port is a registry of named parts. A room takes part by registering from its AppConfig.ready().
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

from luvalla.rules.errors import PortTaken

Part = TypeVar("Part")


class Registry(Generic[Part]):
    """A port: parts by name, in the order they came. In tests a fresh instance is the port's in-memory twin."""

    def __init__(self, port: str) -> None:
        """Name the port for its error messages."""
        self.port = port
        self._parts: dict[str, Part] = {}

    def register(self, name: str, part: Part) -> Part:
        """Add a part; PortTaken when the name already belongs to another one."""
        if self._parts.get(name, part) is not part:
            message = f"{name} is registered twice at the port {self.port}"
            raise PortTaken(message)
        self._parts[name] = part
        return part

    def __iter__(self) -> Iterator[Part]:
        """Go through the parts in the order they came."""
        return iter(tuple(self._parts.values()))

    def names(self) -> tuple[str, ...]:
        """Tell the names of the parts in the order they came."""
        return tuple(self._parts)

    def get(self, name: str) -> Part | None:
        """Give the part of that name, if there is one."""
        return self._parts.get(name)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a Holding is asked about: everything that may lead to one mailbox. Nothing of it is written down.

    address is the normalised address, or None when only tokens are known; tokens are 32 bytes each.
    """

    folded: bytes
    exact: bytes | None = None
    contact_ids: tuple[int, ...] = ()
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing a Holding keeps about a person: a kind, a random reference, when, and a plain mapping for the copy."""

    kind: str
    ref: str
    at: datetime | None
    content: Mapping[str, object] = field(repr=False)


class Holding(Protocol):
    """What one room keeps about people (GDPR 15, 17, 18, 20): the desk's way to every store.

    A room's Holding inherits from this class, and so has `export`, `restrict` and `folders` unless it writes its own.
    """

    name: str
    models: tuple[str, ...]
    """Labels ("register.Contact") of the models with personal data that this Holding answers for."""
    folders: tuple[str, ...] = ()
    """Names of the folders in LUVALLA_HOME with personal data that it answers for."""
    retention: str
    """How long it keeps them, in words of the retention schedule."""

    def find(self, person: Person) -> list[Found]:
        """List what is kept about the person."""

    def export(self, person: Person) -> list[dict[str, object]]:
        """Give what is kept for the copy (GDPR 15(3), 20): kind, ref, at and content of `find`, or more.

        Values are plain; bytes, alone or in a list, are files and come as such with the copy.
        """
        return [
            {"kind": each.kind, "ref": each.ref, "at": each.at and each.at.isoformat(), "content": {**each.content}}
            for each in self.find(person)
        ]

    def erase(self, person: Person) -> int:
        """Erase it in the caller's transaction and tell how many rows went (GDPR 17)."""

    def erase_together(self, people: Sequence[Person]) -> list[int]:
        """Erase what is kept about several people; tell of each how many rows went. A store may do it in one go."""
        return [self.erase(each) for each in people]

    def restrict(self, person: Person) -> int:  # noqa: ARG002  # a store may have to know whom
        """Set it apart in the caller's transaction and tell how many rows were (GDPR 18).

        None where nothing but the keeping, the person's own copy and the retention touches it.
        """
        return 0


@dataclass(frozen=True, slots=True)
class Keeping:
    """One kind of thing that is kept for a time: the retention schedule carries it out, claim S17 looks whether it did.

    overdue counts what is past its time at a moment; let_go deletes it and tells how many went, None where only people
    can (paper). Neither touches what belongs to a restricted contact (GDPR 18(1)(b)-(c)).
    """

    name: str
    overdue: Callable[[datetime], int]
    let_go: Callable[[datetime], int] | None
    late: timedelta = timedelta(hours=24)
    """How far the letting go may be behind before the promise is broken."""
    kept: timedelta | None = None
    """For how long it is kept; None where each thing has an end of its own."""


class Barrier(Protocol):
    """The wait of a stop until no claimed window holds the contact."""

    def wait(self, contact_ids: tuple[int, ...], *, at_most: timedelta) -> bool:
        """Return True when none holds it any more, False when the time ran out."""


class Intake(Protocol):
    """Takes mail that comes in: a stop, a reply, a request (RFC 2369; GDPR 12(2))."""

    def __call__(self, raw: bytes, recipient: str) -> bool:
        """Deal with a message to one envelope recipient; False when it is not this intake's."""


class Verdict(StrEnum):
    """What a check says of a claim."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    NOT_BUILT = "not built"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw: its verdict and figures, never personal data.

    about: where a breach is limited to some purposes, their keys; only these are closed then. Empty means all.
    """

    verdict: Verdict
    figures: Mapping[str, object]
    about: tuple[str, ...] = ()

    @classmethod
    def counted(cls, breaches: Mapping[str, int], figures: Mapping[str, object] | None = None) -> Finding:
        """Make a finding that holds while every count of breaches is zero; figures say what was looked at."""
        verdict = Verdict.BROKEN if any(breaches.values()) else Verdict.HOLDS
        return cls(verdict, {**breaches, **(figures or {})})


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence's promise bound to the check that proves it on the running system."""

    id: str
    check: Callable[[], Finding]
    negative_control: str
    """Node id of the test that breaks the system and sees this check turn to broken."""


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """One record of accountability (GDPR 5(2), 24, 30), as the auditor's pack takes it.

    name: a file's name, such as "processors". rows: plain values of JSON about the organisation, never about the
    registered people.
    """

    name: str
    rows: Callable[[], Iterable[Mapping[str, object]]]


class Door(StrEnum):
    """What a broken promise closes until it holds again."""

    PUBLISHING = "publishing"
    SENDING = "sending"
    EXPORT = "export"
    SIGN_IN = "sign_in"
    TRANSFER = "transfer"
    PRINT = "print"
    ANALYTICS = "analytics"


@dataclass(frozen=True, slots=True)
class Closure:
    """A broken promise that keeps a door shut. about: the purpose it is limited to; empty closes the door to all."""

    claim: str
    about: str = ""


class DoorKeeper(Protocol):
    """Answers which broken promises close a door. Whatever keeps it from answering is raised: doubt opens nothing."""

    statement: str
    """The same question as plain SQL for processes without models: one parameter, the door; rows of claim and about."""

    def closures(self, door: Door) -> Iterable[Closure]:
        """Give what closes the door now."""

    def sentence(self, claims: Iterable[str]) -> str:
        """Say in the language of the interface which promises are broken, who mends them, and how."""


holdings: Registry[Holding] = Registry("holding")
keepings: Registry[Keeping] = Registry("keeping")
barriers: Registry[Barrier] = Registry("barrier")
intakes: Registry[Intake] = Registry("intake")
claims: Registry[Claim] = Registry("claim")
account_records: Registry[AccountRecord] = Registry("account record")
door_keepers: Registry[DoorKeeper] = Registry("door keeper")
UNGUARDED: Final = "?"
"""Stands for the broken promise where nobody answers for any: then nothing is open."""


def closed_by(door: Door, about: str = "") -> tuple[str, ...]:
    """Name the broken promises that close a door, for one purpose where it is given; empty while it is open."""
    keepers = list(door_keepers)
    if not keepers:
        return (UNGUARDED,)
    found = (each for keeper in keepers for each in keeper.closures(door))
    return tuple(dict.fromkeys(each.claim for each in found if not each.about or each.about == about))


def why_shut(ids: Iterable[str]) -> str:
    """Say which promises keep a door shut, who mends them and how."""
    wanted = tuple(ids)
    return " ".join(keeper.sentence(wanted) for keeper in door_keepers)
