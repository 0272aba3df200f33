"""What a mail API answers, as an Outcome: its HTTP status, anymail's status of a recipient, or no answer at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from luvalla.sending.outcome import Kind, Outcome, Reason, not_sent, unknown

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives

ACCEPTED: Final = Outcome(Kind.ACCEPTED, 250, "2.0.0")
INVALID: Final = Outcome(Kind.REFUSED, 501, "5.1.3", Reason.BAD_ADDRESS)
REJECTED: Final = Outcome(Kind.REFUSED, 550, "5.2.0", Reason.MAILBOX_UNAVAILABLE)
"""The API keeps a list of its own of mailboxes that bounced or complained."""
TOO_BIG: Final = Outcome(Kind.REFUSED, 552, "5.3.4", Reason.TOO_BIG)
CONTENT: Final = Outcome(Kind.REFUSED, 554, "5.6.0", Reason.CONTENT)
BUSY: Final = not_sent(Reason.RELAY_BUSY, 421, "4.3.2")
STATUSES: Final = {
    "sent": ACCEPTED,
    "queued": ACCEPTED,
    "invalid": INVALID,
    "rejected": REJECTED,
    "failed": Outcome(Kind.DEFERRED, 451, "4.3.0", Reason.RELAY_BUSY),
}
"""Outcomes by anymail's words for a recipient."""
HTTP: Final = {
    401: not_sent(Reason.AUTH, 535, "5.7.8"),
    403: not_sent(Reason.AUTH, 535, "5.7.8"),
    404: not_sent(Reason.PROTOCOL),
    405: not_sent(Reason.PROTOCOL),
    408: BUSY,
    413: TOO_BIG,
    425: BUSY,
    429: BUSY,
    503: BUSY,
}
"""Outcomes by HTTP status (RFC 9110 section 15, RFC 6585): of 503 and 429 it is said that nothing was done."""
FAULT: Final = 400
SERVER_FAULT: Final = 500


def outcome_of_answer(message: EmailMultiAlternatives) -> Outcome:
    """Judge a call that came back; a status that says nothing leaves the letter unknown."""
    statuses = set(message.anymail_status.status or ())  # type: ignore[attr-defined]  # anymail's own attribute
    return STATUSES.get(statuses.pop(), unknown(Reason.UNSPECIFIED)) if len(statuses) == 1 else unknown(Reason.PROTOCOL)


def outcome_of_fault(fault: Exception, message: EmailMultiAlternatives) -> Outcome:
    """Judge a call that failed. After the letter may have reached the API, only an answer says that it didn't."""
    from anymail import exceptions as anymail  # noqa: PLC0415  # heavy, and most relays speak SMTP

    if isinstance(fault, anymail.AnymailRecipientsRefused):
        return outcome_of_answer(message)
    if isinstance(fault, anymail.AnymailInvalidAddress):
        return INVALID
    if isinstance(fault, anymail.AnymailUnsupportedFeature | anymail.AnymailConfigurationError):
        return not_sent(Reason.PROTOCOL)
    status = getattr(fault, "status_code", None)
    if isinstance(status, int):
        return _by_status(status)
    return _without_answer(fault)


def _by_status(status: int) -> Outcome:
    known = HTTP.get(status)
    if known is not None:
        return known
    return CONTENT if FAULT <= status < SERVER_FAULT else unknown(Reason.UNSPECIFIED)


def _without_answer(fault: Any) -> Outcome:
    """Tell what never reached the API from what may have."""
    import requests  # noqa: PLC0415  # comes with anymail

    if isinstance(fault, requests.exceptions.SSLError):
        return not_sent(Reason.TLS)
    if isinstance(fault, requests.exceptions.ConnectTimeout):
        return not_sent(Reason.TIMEOUT)
    if isinstance(fault, requests.exceptions.ReadTimeout):
        return unknown(Reason.TIMEOUT)
    if isinstance(fault, requests.exceptions.ConnectionError) and "NewConnectionError" in repr(fault.__cause__):
        return not_sent(Reason.NO_CONNECTION)
    return unknown(Reason.CONNECTION_LOST)
