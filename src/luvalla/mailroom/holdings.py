"""What the mailroom keeps about people: which letters went to whom, and messages on their way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection, transaction
from django.db.models import F, QuerySet

from luvalla.mailroom.leases import lock_row
from luvalla.mailroom.models import Delivery, HardBounce, ServiceMessage, Shard
from luvalla.mailroom.queries import letters_to
from luvalla.mailroom.service_messages import GIVEN_UP_AFTER
from luvalla.rules.ports import Found, Holding, Person
from luvalla.rules.retention import DELIVERIES

STOPPED: Final = "stopped"
"""The reason of a letter that was still to be tried again when its person stopped the letters."""
UNDECIDED: Final[dict[Delivery.State, Delivery.State]] = {
    Delivery.State.CLAIMED: Delivery.State.UNKNOWN,
    Delivery.State.DEFERRED: Delivery.State.EXPIRED,
}
"""What a letter counts as when its row goes before its answer came."""
COUNTED: Final = ("campaign_id", "contact_id", "shard_id", "state", "reason")
ADD_TO_TOTAL: Final = """
insert into mailroom_deliverytotal (campaign_id, state, reason, letters) values (%s, %s, %s, %s)
on conflict (campaign_id, state, reason) do update set letters = mailroom_deliverytotal.letters + excluded.letters
"""


class Deliveries(Holding):
    """Which letters went to whom, and what the network answered."""

    name = "deliveries"
    models: tuple[str, ...] = ("mailroom.Delivery", "mailroom.HardBounce")
    retention = f"Deliveries {DELIVERIES.days} days after the letter, or until the person stops; then totals only."

    def find(self, person: Person) -> list[Found]:
        """List the letters to the person's contacts, and how many came back because there is no such mailbox."""
        rows = letters_to(person.contact_ids).select_related("campaign")
        return [
            Found(
                kind="delivery",
                ref=f"{row.campaign.ref}",
                at=row.claimed_at,
                content={
                    "subject": row.campaign.subject,
                    "state": row.state,
                    "attempts": row.attempt,
                    "code": row.code,
                },
            )
            for row in rows.order_by("claimed_at")
        ] + [
            Found(kind="hard bounces", ref="", at=row.last_at, content={"letters": row.letters})
            for row in HardBounce.objects.filter(contact_id__in=person.contact_ids)
        ]

    def erase(self, person: Person) -> int:
        """Turn the person's deliveries into totals: the sums stay whole, and nothing leads to the person."""
        bounces, _ = HardBounce.objects.filter(contact_id__in=person.contact_ids).delete()
        return bounces + self._erase(letters_to(person.contact_ids))

    def erase_together(self, people: Sequence[Person]) -> list[int]:
        """Turn the deliveries of several people into totals at once."""
        contacts = {each for person in people for each in person.contact_ids}
        letters, bounces = letters_to(contacts), HardBounce.objects.filter(contact_id__in=contacts)
        sent = Counter(letters.values_list("contact_id", flat=True))
        rows = sent + Counter(bounces.values_list("contact_id", flat=True))
        bounces.delete()
        if sent:
            self._erase(letters)
        return [sum(rows.pop(each, 0) for each in person.contact_ids) for person in people]

    def _erase(self, rows: QuerySet[Delivery]) -> int:
        shards = rows.filter(state__in=UNDECIDED).values_list("shard_id", flat=True).distinct()
        for shard_id in sorted(shards):
            lock_row(shard_id)
        return turn_into_totals(rows.select_for_update())


class ServiceMessages(Holding):
    """Confirmations, acknowledgements and letters of the desk, sealed until they are sent."""

    name = "service messages"
    models: tuple[str, ...] = ("mailroom.ServiceMessage",)
    retention = f"Content and addressee until the message is sent, {GIVEN_UP_AFTER.days} days at most."

    def find(self, person: Person) -> list[Found]:
        """List the messages that wait to be sent to the person; of those that were sent nothing leads here."""
        return [
            Found(
                kind="service message",
                ref=str(row.ref),
                at=row.created_at,
                content={"kind": row.kind, "state": row.state},
            )
            for row in ServiceMessage.objects.filter(folded=person.folded).order_by("pk")
        ]

    def erase(self, person: Person) -> int:
        """Forget whose mailbox the sent ones went to. What still waits is an answer to the person, and goes first."""
        done = ServiceMessage.objects.filter(folded=person.folded).exclude(state=ServiceMessage.State.WAITING)
        return done.update(folded=b"")

    def erase_together(self, people: Sequence[Person]) -> list[int]:
        """Forget whose mailboxes the sent ones went to."""
        mailboxes = [each.folded for each in people]
        done = ServiceMessage.objects.filter(folded__in=mailboxes).exclude(state=ServiceMessage.State.WAITING)
        messages = Counter(bytes(each) for each in done.values_list("folded", flat=True))
        if messages:
            done.update(folded=b"")
        return [messages.pop(each, 0) for each in mailboxes]


DELIVERIES_HOLDING: Final[Holding] = Deliveries()
MESSAGES_HOLDING: Final[Holding] = ServiceMessages()


@transaction.atomic
def turn_into_totals(rows: QuerySet[Delivery]) -> int:
    """Count deliveries into their campaigns' totals and delete them; tell how many there were.

    Those without an answer are given one first, also in their shard's counts.
    """
    totals: Counter[tuple[int, str, str]] = Counter()
    moved: Counter[tuple[int, str, str]] = Counter()
    gone: defaultdict[int, set[int]] = defaultdict(set)
    for campaign_id, contact_id, shard_id, state, reason in rows.values_list(*COUNTED):
        before = Delivery.State(state)
        after = UNDECIDED.get(before, before)
        totals[campaign_id, after.value, STOPPED if before in UNDECIDED else reason] += 1
        if after is not before:
            moved[shard_id, before.value, after.value] += 1
        gone[campaign_id].add(contact_id)
    _move_counts(moved)
    _add_to_totals(totals)
    _delete(gone)
    return totals.total()


def _add_to_totals(totals: Counter[tuple[int, str, str]]) -> None:
    """Add letters to their campaigns' totals, in an order that all processes keep to."""
    with connection.cursor() as cursor:
        cursor.executemany(ADD_TO_TOTAL, [(*key, letters) for key, letters in sorted(totals.items())])


def _delete(gone: Mapping[int, set[int]]) -> None:
    """Delete deliveries by campaign and contact; campaigns whose contacts are the same, as in a stop, at once."""
    campaigns: defaultdict[frozenset[int], list[int]] = defaultdict(list)
    for campaign_id, contacts in gone.items():
        campaigns[frozenset(contacts)].append(campaign_id)
    for same, ids in campaigns.items():
        Delivery.objects.filter(campaign_id__in=ids, contact_id__in=same).delete()


def _move_counts(moved: Counter[tuple[int, str, str]]) -> None:
    """Move letters between the counts of their shards; a claimed one has no count of its own yet."""
    for (shard_id, before, after), letters in sorted(moved.items()):
        changes = {after: F(after) + letters}
        if before != Delivery.State.CLAIMED:
            changes[before] = F(before) - letters
        Shard.objects.filter(pk=shard_id).update(**changes)
