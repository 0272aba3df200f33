"""A message to ourselves: the rights mailbox is written to once a week, and the letter must come back as a case (S4).

A mailbox that died unseen is how requests are lost for months.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import keyring
from luvalla.mailroom.actions import post_service_message
from luvalla.organisation.models import Controller
from luvalla.people.queries import language_of_officer
from luvalla.rights.letters.texts import texts
from luvalla.rights.models import DataRequest
from luvalla.rules.address import NotAnAddress, normalise

EVERY: Final = timedelta(days=7)
WITHIN: Final = timedelta(hours=24)
KIND: Final = "rights_canary"
SUBJECT: Final = b"luvalla canary|"
MARK: Final = re.compile(rb"canary-([0-9]{10,12})-([0-9a-f]{24})")


def send_if_due() -> bool:
    """Send the week's message; tell whether one was sent. Nothing where there is no organisation or mailbox yet."""
    controller = Controller.objects.order_by("pk").first()
    last = last_sent()
    if controller is None or (last is not None and timezone.now() - last < EVERY):
        return False
    try:
        address = normalise(controller.dpo_email)
    except NotAnAddress:
        return False
    language = language_of_officer(otherwise=controller.default_language)
    said, words = texts(language)["canary"], {"mark": make_mark(timezone.now()), "sender": controller.sender_name}
    post_service_message(
        kind=KIND,
        address=address,
        subject=said["subject"].format(**words),
        text=said["text"].lstrip().format(**words),
        html="",
        language=language,
        actor=SYSTEM,
    )
    return True


def last_sent() -> datetime | None:
    """Tell when the last message was written, as the ledger has it."""
    rows = LedgerRow.objects.filter(verb="mailroom.post_service_message").order_by("-pk")
    return next((each.at for each in rows[:5000] if each.facts.get("kind") == KIND), None)


def last_arrived() -> datetime | None:
    """Tell when one last came back as a case."""
    rows = DataRequest.objects.filter(is_canary=True).order_by("-receipt_at")
    return rows.values_list("receipt_at", flat=True).first()


def make_mark(at: datetime) -> str:
    """Make the mark of a message, which nobody else can make."""
    said = str(int(at.timestamp()))
    return f"canary-{said}-{_mac(said.encode())}"


def is_canary(raw: bytes) -> bool:
    """Tell whether a mail is one of our own messages."""
    found = MARK.search(raw)
    return found is not None and hmac.compare_digest(found[2].decode(), _mac(found[1]))


def _mac(said: bytes) -> str:
    keys = keyring()
    return hmac.digest(keys.link_keys[keys.link_in_use], SUBJECT + said, "sha256").hex()[:24]
