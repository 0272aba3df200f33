"""What a mail API reports later of the letters it took: bounces and complaints, in anymail's words.

The API is given each letter's own mark, the one of its return path, and says it again with every report. A report
without one of our marks is about no letter of ours. What follows is the same as after a report by mail (bounces.py).
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from hmac import compare_digest
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.vault import keyring
from luvalla.mailroom.api_relay import MARK, ApiRelay
from luvalla.mailroom.bounces import note_bounce
from luvalla.mailroom.identity import Identities, LetterRef
from luvalla.mailroom.kinds import read_relay
from luvalla.mailroom.models import Relay
from luvalla.mailroom.relays import without_credentials
from luvalla.mailroom.reports import DELAYED, FAILED, STATUS, Bounce
from luvalla.mailroom.service_messages import NO_CAMPAIGN, note_returned
from luvalla.register.stop import object_to
from luvalla.sending.errors import RelayMisconfigured

COMPLAINT: Final = "complained"
BOUNCES: Final = {"bounced": FAILED, "rejected": FAILED, "deferred": DELAYED}
"""Anymail's kinds of events, as the actions of RFC 3464."""
KINDS: Final = {"SoftBounce": "4.0.0", "BadEmailAddress": "5.1.3"}
"""Statuses by Postmark's kind of bounce, where the mail server's own words have none."""


class NotAReport(ValueError):
    """The body isn't what the API sends."""


def relay_that_reports(relay_id: int, credentials: str) -> ApiRelay | None:
    """Give the mail API with that number whose reports are asked for and whose secret ("name:word") this is."""
    row = Relay.objects.filter(pk=relay_id).first()
    if row is None:
        return None
    own = settings.LUVALLA_SMTP_URL
    try:
        relay = read_relay(own if own and without_credentials(own) == row.url else row.url)
    except RelayMisconfigured:
        return None
    if not isinstance(relay, ApiRelay) or not relay.report_secret or not relay.can_report:
        return None
    return relay if compare_digest(relay.report_secret.encode(), credentials.encode()) else None


def take_api_report(relay: ApiRelay, body: bytes) -> bool:
    """Deal with one report; False where it is about no letter of ours, or says nothing that matters. NotAReport."""
    try:
        event = _read(relay, json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotAReport from None
    letter = _letter_of(event)
    if letter is None:
        return False
    if letter.campaign_id == NO_CAMPAIGN:
        return BOUNCES.get(event.event_type) == FAILED and note_returned(letter.contact_id, _status(event))
    if event.event_type == COMPLAINT:
        object_to(contact_id=letter.contact_id, channel="complaint", actor=SUBJECT)
        return True
    action = BOUNCES.get(event.event_type)
    if action is not None:
        note_bounce(letter, Bounce(action, _status(event)), now=timezone.now())
    return action is not None


def _read(relay: ApiRelay, document: Any) -> Any:
    """Have anymail put a report of Postmark's into its words."""
    view = importlib.import_module(f"anymail.webhooks.{relay.backend}").PostmarkTrackingWebhookView
    read: Callable[[Any], Any] = view.__new__(view).esp_to_anymail_event  # without the settings of a Django view
    return read(document)


def _letter_of(event: Any) -> LetterRef | None:
    mark = event.metadata.get(MARK, "") if isinstance(event.metadata, dict) else ""
    return Identities(keyring()).read_return_path(f"bounce+{mark}@")


def _status(event: Any) -> str:
    """Give the enhanced status of the mail server's words, or the one that the kind of bounce stands for."""
    found = STATUS.search(str(event.mta_response or ""))
    return found[0] if found else KINDS.get(str(event.esp_event.get("Type", "")), "5.0.0")
