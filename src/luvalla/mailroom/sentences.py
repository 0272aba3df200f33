"""What is wrong with a sending, and what to do: one sentence each, in the language of the interface."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.mailroom.errors import (
    LetterMissing,
    MailroomError,
    NotStaff,
    NotToBeSent,
    RelayFault,
    RelayUnusable,
    TestNotTaken,
    WorkersFail,
)
from luvalla.rules.ports import why_shut

FAULTY_RELAYS: Final[dict[RelayFault, Promise]] = {
    RelayFault.NONE_SET: pgettext_lazy(
        "relay", "no server for outgoing mail is set. Set LUVALLA_SMTP_URL, such as smtp+starttls://USER@HOST."
    ),
    RelayFault.MISCONFIGURED: pgettext_lazy(
        "relay", "the address of the server %(relay)s cannot be used. It looks like smtp+starttls://USER@HOST:587."
    ),
    RelayFault.UNKNOWN_PLACE: pgettext_lazy(
        "relay",
        "it isn't recorded in which country the server %(relay)s is and whose it is. "
        "Record its country and its processor with the contract.",
    ),
    RelayFault.NO_CONTRACT: pgettext_lazy(
        "relay", "the server %(relay)s has no processor with a contract in force. Record the contract (GDPR 28)."
    ),
    RelayFault.NO_TRANSFER: pgettext_lazy(
        "relay",
        "the server %(relay)s is outside the EEA and has no ground of transfer in force. "
        "Record the ground (GDPR chapter V) or use a server in the EEA.",
    ),
    RelayFault.UNREACHABLE: pgettext_lazy(
        "relay", "the server %(relay)s does not answer. Check its address and that it runs, then send again."
    ),
    RelayFault.NOT_A_RELAY: pgettext_lazy(
        "relay", "what answers at %(relay)s is not a mail server. Check host and port."
    ),
    RelayFault.NO_TLS: pgettext_lazy(
        "relay",
        "the server %(relay)s offers no encryption that can be trusted. Check the port, or the server's settings.",
    ),
    RelayFault.CERTIFICATE_EXPIRED: pgettext_lazy(
        "relay", "the certificate of the server %(relay)s has expired. Ask its keeper to renew it."
    ),
    RelayFault.CERTIFICATE_OF_ANOTHER: pgettext_lazy(
        "relay", "the certificate of the server %(relay)s is for another name. Use the name in the certificate."
    ),
    RelayFault.CERTIFICATE_UNTRUSTED: pgettext_lazy(
        "relay",
        "the certificate of the server %(relay)s comes from nobody we trust. "
        "If it is your own, name its file: ?ca_file=PATH at the end of the address.",
    ),
    RelayFault.WRONG_CREDENTIALS: pgettext_lazy(
        "relay", "the server %(relay)s does not accept the user name and password. Correct them and send again."
    ),
    RelayFault.REFUSES_US: pgettext_lazy(
        "relay", "the server %(relay)s refuses mail from us. Its keeper has to allow this sender."
    ),
    RelayFault.BUSY: pgettext_lazy(
        "relay", "the server %(relay)s is busy and asked us to come back. Send again later."
    ),
    RelayFault.DAY_FULL: pgettext_lazy(
        "relay", "the server %(relay)s has had its letters of today by its warm-up plan. It goes on tomorrow, "
        "from 00:00 UTC on."
    ),
    RelayFault.RESTED: pgettext_lazy(
        "relay", "every server is left alone by the staff. Let one of them take letters again."
    ),
    RelayFault.SIGNING_KEY: pgettext_lazy(
        "relay", "the DKIM key %(relay)s cannot be read. Mend or remove its file, then send again."
    ),
}  # fmt: skip
"""What is wrong with a relay and what to do. A broken promise is none of its faults: the notice's doors tell of it."""


def sentence_of(fault: MailroomError) -> str:  # noqa: PLR0911  # one way out for each fault
    """Say why a campaign was not started."""
    if isinstance(fault, RelayUnusable):
        started = pgettext("sending", "Sending did not start, and nothing was sent: %(what)s")
        return started % {"what": relay_sentence(fault.fault, fault.relay)}
    if isinstance(fault, NotToBeSent):
        return _state_sentence(fault.state)
    if isinstance(fault, NotStaff):
        return pgettext(
            "sending",
            "A test letter goes to the staff only: to the mailbox of an account, or to the organisation's own domain. "
            "Nothing was sent.",
        )
    if isinstance(fault, TestNotTaken):
        said = pgettext("sending", "The server did not take the test letter. It answered: %(answer)s.")
        silent = pgettext("sending", "The test letter was not sent: the server gave no answer. Try again in a moment.")
        return said % {"answer": fault.answer} if fault.answer else silent
    if isinstance(fault, LetterMissing):
        return pgettext("sending", "The campaign has no frozen letter. Have it approved again.")
    if isinstance(fault, WorkersFail):
        return pgettext(
            "sending",
            "The sending processes end again and again before they get anywhere. Nothing is lost: what was begun is "
            "settled by the next `luvalla send`. Their messages on this console say what is wrong.",
        )
    return type(fault).__doc__ or ""


def held_sentence(fault: RelayUnusable) -> str:
    """Say why a campaign waits that was already on its way."""
    sentence = pgettext("sending", "The letters wait, and none is lost: %(what)s")
    return sentence % {"what": relay_sentence(fault.fault, fault.relay)}


def relay_sentence(fault: RelayFault, relay: str) -> str:
    """Say what is wrong with a relay and what to do."""
    if fault is RelayFault.PROMISE_BROKEN:
        return _shut_sentence(relay)
    return str(FAULTY_RELAYS[fault]) % {"relay": relay or "-"}


def _shut_sentence(ids: str) -> str:
    """Say that a broken promise closes sending: which it is, who mends it and how."""
    shut = pgettext("relay", "sending is closed, because the notice promises what is not so. %(why)s")
    return shut % {"why": why_shut(ids.split())}


def _state_sentence(state: str) -> str:
    if state == "cancelled":
        return pgettext("sending", "The campaign was cancelled. What had left has left; nothing more will.")
    return pgettext(
        "sending", "The campaign is not approved, so it is not sent. Another person than its author approves it."
    )
