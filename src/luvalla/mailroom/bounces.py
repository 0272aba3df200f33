"""Bounces and complaints that come in, and what follows from them.

A mailbox that doesn't exist (5.1.1, 5.1.10) gets no further letter, whether the server says so at once or in a report
later. The second letter that comes back so takes the address out of the register; a token that expires keeps the next
export from bringing it back. That is no objection, and nothing is forbidden by it. What speaks of us (5.7.x) or of a
passing trouble (4.x.x) is noted and changes nothing for the person. A complaint is an objection (GDPR 21(2)).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from luvalla.campaigns.models import Campaign
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.vault import keyring
from luvalla.mailroom.fates import GONE
from luvalla.mailroom.hard_bounces import note_hard_bounces
from luvalla.mailroom.identity import Identities, LetterRef
from luvalla.mailroom.models import Delivery, HardBounce, Shard
from luvalla.mailroom.reports import Bounce, Complaint, read_report
from luvalla.mailroom.service_messages import NO_CAMPAIGN, note_returned
from luvalla.register.links import StopLink, read_stop_token
from luvalla.register.models import Contact
from luvalla.register.stop import drop_undeliverable, object_to
from luvalla.rules.retention import UNDELIVERABLE
from luvalla.sending.outcome import Reason, Step, judge

State = Delivery.State
ENOUGH: Final = 2
"""Letters that come back because there is no such mailbox, before the address goes."""
OPEN_STATES: Final = (State.ACCEPTED, State.UNKNOWN)
"""What a report may still change: a letter that was refused at once has had its say."""
AT_ONCE: Final = 100
TOKENS: Final = ("/s/", "stop+")
"""What stands before the token in our List-Unsubscribe field."""
CODES: Final = {"4": 451, "5": 550}


def take_report(raw: bytes, recipient: str) -> bool:
    """Deal with a report about one of our letters; False for any other mail. The intake of mail asks for it."""
    identities = Identities(keyring())
    letter = identities.read_return_path(recipient)
    report = read_report(raw)
    if letter is not None and letter.campaign_id == NO_CAMPAIGN:
        return _take_message_report(letter, report)
    if isinstance(report, Complaint):
        return _take_complaint(report, letter, identities)
    if letter is None:
        return False
    if isinstance(report, Bounce):
        note_bounce(letter, report, now=timezone.now())
    return True


def note_bounce(letter: LetterRef, bounce: Bounce, *, now: datetime) -> None:
    """Write down what a server says of a letter, and leave the mailbox in peace where there is none.

    The same report a second time changes nothing: the letter counts as refused by then.
    """
    with transaction.atomic():
        before = _state_of(letter)
        if bounce.failed:
            is_new = before is None or _move(letter, before, bounce, now)
            if is_new and bounce.status in GONE and Contact.objects.filter(pk=letter.contact_id).exists():
                note_hard_bounces([letter.contact_id], now=now)
        ref = Campaign.objects.filter(pk=letter.campaign_id).values_list("ref", flat=True).first()
        facts = {"action": bounce.action, "status": bounce.status}
        record("mailroom.note_bounce", actor=SYSTEM, subject=Subject("campaign", str(ref or "")), facts=facts)


def drop_mailboxes() -> int:
    """Take the addresses out of the register that came back twice; tell how many. Restricted ones are left alone."""
    due = HardBounce.objects.filter(letters__gte=ENOUGH).order_by("contact_id")[:AT_ONCE]
    dropped = 0
    for each in due:
        contact = Contact.objects.filter(pk=each.contact_id).first()
        if contact is None:
            each.delete()
        elif contact.restricted_at is None:
            until = timezone.now() + UNDELIVERABLE
            dropped += drop_undeliverable(contact_id=each.contact_id, until=until, actor=SYSTEM).finished
    return dropped


def old_hard_bounces(now: datetime) -> QuerySet[HardBounce]:
    """Give the letters that came back so long ago that the mailbox may have become another's.

    Those of restricted contacts stay (GDPR 18(1)(b)-(c)).
    """
    restricted = Contact.objects.exclude(restricted_at=None).values("pk")
    return HardBounce.objects.filter(last_at__lt=now - 2 * UNDELIVERABLE).exclude(contact_id__in=restricted)


def forget_hard_bounces(now: datetime) -> int:
    """Forget them; tell how many."""
    return old_hard_bounces(now).delete()[0]


def _take_message_report(message: LetterRef, report: Bounce | Complaint | None) -> bool:
    """Note that a service message came back; whoever calls an answer spam has objected to no letter."""
    if isinstance(report, Bounce) and report.failed:
        note_returned(message.contact_id, report.status)
    return True


def _take_complaint(complaint: Complaint, letter: LetterRef | None, identities: Identities) -> bool:
    """Carry out the objection of whoever got the letter; False where it cannot be told whose it was."""
    found = [letter, *(identities.read_return_path(each.strip("<> ")) for each in complaint.senders)]
    letters = [each for each in found if each is not None and each.campaign_id != NO_CAMPAIGN]
    if letters:
        object_to(contact_id=letters[0].contact_id, channel="complaint", actor=SUBJECT)
        return True
    links = [link for each in complaint.stops for link in _links(each)]
    if links:
        object_to(link=links[0], channel="complaint", actor=SUBJECT)
    return bool(links)


def _links(field: str) -> Sequence[StopLink]:
    """Read the stop tokens of a List-Unsubscribe field; each carries its own proof that it is ours."""
    words = [each for token in TOKENS for each in field.split(token)[1:]]
    tokens = [word.partition(">")[0].partition("@")[0].partition("?")[0] for word in words]
    found = [read_stop_token(each, keyring()) for each in tokens if each]
    return [each for each in found if each is not None]


def _state_of(letter: LetterRef) -> State | None:
    """Lock the letter's row and give its state; None where it was purged, or the person is gone."""
    rows = Delivery.objects.filter(campaign_id=letter.campaign_id, contact_id=letter.contact_id)
    state = rows.select_for_update().values_list("state", flat=True).first()
    return None if state is None else State(state)


def _move(letter: LetterRef, before: State, bounce: Bounce, now: datetime) -> bool:
    """Count a letter as refused or expired that was held to be accepted; False where it isn't open any more."""
    if before not in OPEN_STATES:
        return False
    outcome = judge(CODES[bounce.status[0]], bounce.status, Step.BODY)
    after = State.REFUSED if bounce.status.startswith("5") else State.EXPIRED
    rows = Delivery.objects.filter(campaign_id=letter.campaign_id, contact_id=letter.contact_id)
    shard = rows.values_list("shard_id", flat=True).get()
    reason = (outcome.reason or Reason.UNSPECIFIED).value
    rows.update(state=after, code=bounce.status, reason=reason, retry_at=None, finished_at=now)
    Shard.objects.filter(pk=shard).update(**{before: F(before) - 1, after: F(after) + 1})
    return True
