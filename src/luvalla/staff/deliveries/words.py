"""Words of the desk of deliveries: what the network answered to a letter, and why it didn't arrive."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.mailroom.models import Delivery

State = Delivery.State

OUTCOMES: Final[dict[str, tuple[Promise, Promise]]] = {
    "accepted": (
        pgettext_lazy("outcome", "Accepted"),
        pgettext_lazy("deliveries", "The server took the letter. That doesn't prove that it arrived."),
    ),
    "deferred": (
        pgettext_lazy("outcome", "Deferred"),
        pgettext_lazy("deliveries", "The server asked for another attempt later."),
    ),
    "refused": (
        pgettext_lazy("outcome", "Refused by the server"),
        pgettext_lazy("deliveries", "The mailbox isn't there or doesn't take the letter."),
    ),
    "expired": (
        pgettext_lazy("outcome", "Expired"),
        pgettext_lazy("deliveries", "Tried for a day and never taken, or ended before."),
    ),
    "unknown": (
        pgettext_lazy("outcome", "Unknown"),
        pgettext_lazy("deliveries", "The connection broke after the letter. It may have arrived."),
    ),
}
"""A state's word, and what it means."""
FAILED: Final = ("refused", "expired", "unknown", "deferred")
"""States of letters that weren't taken, or aren't yet."""
UNKNOWN_POLICIES: Final = {
    "report": pgettext_lazy("deliveries", "The connection broke after the letter. It is reported, not sent again."),
    "resend": pgettext_lazy(
        "deliveries", "The connection broke after the letter. It is sent again as the same letter."
    ),
}
REASONS: Final[dict[str, Promise]] = {
    "mailbox_gone": pgettext_lazy("outcome reason", "There is no such mailbox"),
    "mailbox_closed": pgettext_lazy("outcome reason", "The mailbox is closed"),
    "mailbox_full": pgettext_lazy("outcome reason", "The mailbox is full"),
    "mailbox_unavailable": pgettext_lazy("outcome reason", "The mailbox can't take mail now"),
    "domain_gone": pgettext_lazy("outcome reason", "The domain takes no mail"),
    "bad_address": pgettext_lazy("outcome reason", "The server doesn't accept the address's form"),
    "sender_refused": pgettext_lazy("outcome reason", "The server doesn't accept our sender"),
    "too_big": pgettext_lazy("outcome reason", "The letter is too large for the mailbox"),
    "content": pgettext_lazy("outcome reason", "The server doesn't accept the letter's content"),
    "no_utf8": pgettext_lazy("outcome reason", "The server doesn't take addresses with these letters"),
    "policy": pgettext_lazy("outcome reason", "The server refuses us by its rules"),
    "auth": pgettext_lazy("outcome reason", "The server asks us to sign in"),
    "tls": pgettext_lazy("outcome reason", "The connection can't be encrypted"),
    "relay_busy": pgettext_lazy("outcome reason", "The server was busy"),
    "route": pgettext_lazy("outcome reason", "The server found no way to the mailbox"),
    "protocol": pgettext_lazy("outcome reason", "The server answered in a way that makes no sense"),
    "no_connection": pgettext_lazy("outcome reason", "The server could not be reached"),
    "connection_lost": pgettext_lazy("outcome reason", "The connection broke"),
    "timeout": pgettext_lazy("outcome reason", "The server did not answer in time"),
    "deadline": pgettext_lazy("outcome reason", "Not begun in time; it goes again at once"),
    "domain_full": pgettext_lazy("outcome reason", "Waits for its turn at the receiving domain"),
    "unreadable": pgettext_lazy("outcome reason", "The stored address is damaged and can't be opened"),
    "unspecified": pgettext_lazy("outcome reason", "The server gave no reason"),
    "after_unknown": pgettext_lazy("outcome reason", "On its way again after an unknown outcome"),
    "stopped": pgettext_lazy("outcome reason", "Stopped the letters meanwhile"),
}
"""Why a letter wasn't taken: luvalla.sending's reasons, and the mailroom's own two."""


def reason_word(reason: str) -> str:
    """Give a reason's words; one that is new here is shown as it is."""
    return str(REASONS.get(reason, reason))
