"""One transaction on a shard: what it counts, how it asks the gate, and what it leaves in the shard's row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.plainly import record_plainly
from luvalla.mailroom.fates import State
from luvalla.mailroom.leases import LEASE, Lease
from luvalla.mailroom.standing import Standing
from luvalla.register.facts import Candidate
from luvalla.rules.gate import Decision, Reason, Refusal, decide

COUNTED: Final = ("permitted", *(each.value for each in State if each is not State.CLAIMED))
"""The counts of a shard's row, each moved by what the transaction did to its deliveries."""
MOVES: Final = ", ".join(f"{each} = {each} + %s" for each in COUNTED)
MOVE: Final = """
update mailroom_shard
set cursor = %s, owner = %s, lease_until = %s, done_at = %s, rate = %s, {moves}
where id = %s
"""
WITHHOLD: Final = """
insert into mailroom_withheld (campaign_id, shard_id, reason, contacts) values (%s, %s, %s, %s)
on conflict (campaign_id, shard_id, reason) do update set contacts = mailroom_withheld.contacts + excluded.contacts
"""


class Claimed(NamedTuple):
    """A letter that may go now: to whom, sealed, which attempt it is, and whether an earlier one is unknown."""

    contact_id: int
    token: bytes
    sealed: bytes
    attempt: int = 1
    was_unknown: bool = False


@dataclass(slots=True)
class Step:
    """What one transaction does to a shard: its counts, its refusals by reason, where its cursor goes."""

    lease: Lease
    standing: Standing
    cursor: int
    now: datetime
    moves: Counter[str] = field(default_factory=Counter)
    withheld: Counter[Reason] = field(default_factory=Counter)
    _answers: dict[int, Decision] = field(default_factory=dict)

    @property
    def moment(self) -> Any:
        """Now, as the database takes it."""
        return connection.ops.adapt_datetimefield_value(self.now)

    def ask_gate(self, candidate: Candidate) -> Decision:
        """Ask the gate. Equal facts are one object (FactsReader), and get the same answer within a transaction."""
        facts = candidate.facts
        answer = self._answers.get(id(facts))
        if answer is None:
            answer = self._answers[id(facts)] = decide(self.standing.facts, facts)
        return answer

    def withhold(self, answer: Decision) -> None:
        """Count a contact that gets no letter, by the first reason; an answer without one is a doubt."""
        self.withheld[answer.reasons[0] if isinstance(answer, Refusal) else Reason.IN_DOUBT] += 1

    def keep(self, *, rate: int) -> None:
        """Write the counts and keep the shard for another lease."""
        until = connection.ops.adapt_datetimefield_value(self.now + LEASE)
        self._write(self.lease.owner, until, None, rate)

    def give_back(self, *, done: bool) -> None:
        """Write the counts and let the shard go, for later or for good."""
        self._write("", None, self.moment if done else None, 0)

    def tell(self, **facts: object) -> None:
        """Write the window's one row of the ledger, unless nothing happened in it."""
        told = {
            "shard": self.lease.shard_id,
            **{name: number for name, number in self.moves.items() if number},
            **facts,
        }
        if self.withheld:
            told["withheld"] = {reason.value: number for reason, number in self.withheld.items()}
        if len(told) > 1:
            subject = ("campaign", self.standing.ref)
            record_plainly("mailroom.send_window", actor=SYSTEM, subject=subject, facts=told, now=self.now)

    def execute(self, statement: str, parameters: Sequence[Any]) -> int:
        """Run one statement and tell how many rows it changed."""
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return int(cursor.rowcount)

    def _write(self, owner: str, until: Any, done_at: Any, rate: int) -> None:
        moved = [self.moves[each] for each in COUNTED]
        self.execute(MOVE.format(moves=MOVES), (self.cursor, owner, until, done_at, rate, *moved, self.lease.shard_id))
        for reason, contacts in self.withheld.items():
            self.execute(WITHHOLD, (self.lease.campaign_id, self.lease.shard_id, reason.value, contacts))


def listed(contact_ids: Sequence[int]) -> str:
    """Spell ids of the database for a statement's IN: thousands of parameters would cost more than they bring."""
    return ",".join([str(int(each)) for each in contact_ids])
