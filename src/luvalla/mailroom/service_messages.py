"""Service messages: confirmations, acknowledgements and letters of the desk. They have one way out, and it is here.

No marketing is in them, so they go to the suppressed too, who asked for an answer. Until it is sent a message is
sealed; then nothing of it is kept but that it was, and for a day whose mailbox, to limit those who ask too often.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.rekeying import Sealed, TokenTable
from luvalla.ledger.vault import keyring, sealer
from luvalla.mailroom.errors import AttachmentsTooLarge, RelayUnusable, ServiceMessageGone
from luvalla.mailroom.identity import Identities
from luvalla.mailroom.models import ServiceMessage
from luvalla.mailroom.posting import post_one
from luvalla.organisation.models import Controller
from luvalla.organisation.queries import the_controller
from luvalla.rules.address import Address
from luvalla.sending.dialogue import Item
from luvalla.sending.mime import Attachment
from luvalla.sending.outcome import Kind, Outcome, Reason, not_sent
from luvalla.sending.service_message import AutoSubmitted, ServiceSource, compile_service_message

COLUMN: Final = "mailroom.ServiceMessage.sealed"
TOKENS: Final = TokenTable("mailroom.ServiceMessage", tokens=("folded",), sealed=(Sealed("sealed", COLUMN, "folded"),))
GIVEN_UP_AFTER: Final = timedelta(days=2)
REMEMBERED: Final = timedelta(days=1)
"""How long after its making a message's mailbox can be counted, by its token."""
UNDER_WAY: Final = timedelta(minutes=5)
"""How long another process leaves a message alone that somebody is sending."""
PAUSES: Final = tuple(timedelta(seconds=each) for each in (10, 30, 120, 600, 1800, 3600))
"""Between the attempts; the last one again and again, until the message is given up."""
BETWEEN: Final = b"\n"
LARGEST_ATTACHMENTS: Final = 5 * 1024 * 1024
"""Bytes of all the files of one message together; base64 makes a third more of them, and mailboxes take 10 MB."""
NO_CAMPAIGN: Final = 0
"""Stands in a return path where a letter has its campaign: this is a service message, by its number."""
State = ServiceMessage.State


class AttachedFile(NamedTuple):
    """A file that goes with a message, by name and MIME type."""

    name: str
    content_type: str
    data: bytes


class Draft(NamedTuple):
    """What a message says. is_answer: to a mail of the addressee, and so auto-replied (RFC 3834).

    reply_to: where people answer; the controller's own mailbox if empty, since nobody reads the sender's.
    """

    kind: str
    address: Address
    subject: str
    text: str
    html: str
    language: str
    is_answer: bool
    attachments: Sequence[AttachedFile] = ()
    reply_to: str = ""


def compose(draft: Draft, *, controller: Controller, ref: str, now: datetime) -> bytes:
    """Write the finished message, files and all.

    Raises AttachmentsTooLarge, and luvalla.sending's LetterError for what cannot become mail, naming no value.
    """
    if sum(len(each.data) for each in draft.attachments) > LARGEST_ATTACHMENTS:
        raise AttachmentsTooLarge
    return compile_service_message(
        ServiceSource(
            from_name=controller.sender_name,
            from_address=controller.sender_address,
            to=draft.address.text,
            subject=draft.subject,
            language=draft.language,
            text=draft.text,
            html=draft.html,
            message_id=ref,
            message_id_domain=controller.mail_domain,
            date=now,
            reply_to=draft.reply_to or controller.email,
            auto_submitted=AutoSubmitted.REPLIED if draft.is_answer else AutoSubmitted.GENERATED,
            attachments=[Attachment(*each) for each in draft.attachments],
        )
    ).data


def sealed_message(draft: Draft, message: bytes) -> tuple[bytes, bytes]:
    """Give the folded token, and the addressee with the message sealed under it."""
    folded = sealer().folded_token(draft.address)
    return folded, sealer().seal(draft.address.text.encode() + BETWEEN + message, column=COLUMN, token=folded)


def send_service_message(message_id: int) -> Outcome | None:
    """Try to send a waiting message once and note what came of it; None when it isn't due or somebody is at it."""
    now = timezone.now()
    due = ServiceMessage.objects.filter(pk=message_id, state=State.WAITING, next_try_at__lte=now)
    if not due.update(next_try_at=now + UNDER_WAY):
        return None
    row = ServiceMessage.objects.get(pk=message_id)
    try:
        outcome = post_one(_opened(row))
    except RelayUnusable:
        outcome = not_sent(Reason.NO_CONNECTION)
    _note(row, outcome)
    return outcome


def due_messages(now: datetime) -> QuerySet[ServiceMessage]:
    """Give the messages whose next attempt is due, the oldest first."""
    return ServiceMessage.objects.filter(state=State.WAITING, next_try_at__lte=now).order_by("next_try_at", "pk")


def forget_mailboxes(now: datetime) -> int:
    """Forget whose mailbox old messages went to; tell how many rows were emptied."""
    return remembered_mailboxes(now).update(folded=b"")


def remembered_mailboxes(now: datetime) -> QuerySet[ServiceMessage]:
    """Give the old messages of which it is still known whose mailbox they went to."""
    done = ServiceMessage.objects.exclude(state=State.WAITING).exclude(folded=b"")
    return done.filter(created_at__lt=now - REMEMBERED)


def _opened(row: ServiceMessage) -> Item:
    if not row.sealed:
        raise ServiceMessageGone
    opened = sealer().open(bytes(row.sealed), column=COLUMN, token=bytes(row.folded))
    address, _, message = opened.partition(BETWEEN)
    return Item(0, _return_path(row), address, message, utf8=not address.isascii())


def _return_path(row: ServiceMessage) -> bytes:
    """Give the address that a report comes back to when the message can't be delivered after all (RFC 3464)."""
    identity = Identities(keyring()).identify(contact_id=row.pk, campaign_id=NO_CAMPAIGN)
    return identity.return_path + b"@" + the_controller().mail_domain.encode("idna")


@transaction.atomic
def note_returned(message_id: int, status: str) -> bool:
    """Write down that a message that had left has come back; False where it is known already, or not kept any more."""
    row = ServiceMessage.objects.select_for_update().filter(pk=message_id, state=State.SENT).first()
    if row is None:
        return False
    row.state, row.code = State.FAILED, status[:12]
    row.save(update_fields=["state", "code"])
    facts = {"action": "failed", "status": status}
    record("mailroom.note_bounce", actor=SYSTEM, subject=Subject("message", str(row.ref)), facts=facts)
    return True


@transaction.atomic
def _note(row: ServiceMessage, outcome: Outcome) -> None:
    """Write what the network said; what was sent or given up is emptied."""
    now = timezone.now()
    row.attempts += 1
    row.code = outcome.answer
    if outcome.kind is Kind.ACCEPTED:
        row.state, row.sent_at = State.SENT, now
    elif outcome.kind is Kind.REFUSED or now - row.created_at > GIVEN_UP_AFTER:
        row.state = State.FAILED
    else:
        row.next_try_at = now + PAUSES[min(row.attempts, len(PAUSES)) - 1]
    if row.state != State.WAITING:
        row.sealed = b""
        facts = {"kind": row.kind, "state": row.state, "attempts": row.attempts}
        record("mailroom.send_service_message", actor=SYSTEM, subject=Subject("message", str(row.ref)), facts=facts)
    row.save(update_fields=["attempts", "code", "state", "sent_at", "next_try_at", "sealed"])
