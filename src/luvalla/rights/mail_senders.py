"""What a mail's head tells of its sender: whether it is answered by itself, and whether its address may be forged.

The mail server that receives for the organisation writes what it found into Authentication-Results (RFC 8601), under
its own name; under any other name it is the sender's own word and counts for nothing. Mail of programs and of lists is
never answered by a program (RFC 3834, 2).
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Final

from django.conf import settings

from luvalla.rights.models import DataRequest

LISTS: Final = ("List-Id", "List-Unsubscribe", "List-Post")
BULK: Final = frozenset({"bulk", "junk", "list"})
PROGRAMS: Final = re.compile(
    r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|owner-.*|.*-request)@", re.IGNORECASE
)
COMMENTS: Final = re.compile(r"\([^()]*\)")
RESULT: Final = re.compile(r";\s*(dmarc|spf|dkim)\s*=\s*([a-z]+)", re.IGNORECASE)
Answer = DataRequest.Acknowledgement
PACE: Final = "pace"
FORGED: Final = "forged"
AUTOMATIC: Final = "automatic"


def answer_to(message: EmailMessage, sender: str) -> tuple[DataRequest.Acknowledgement, str]:
    """Say how a mail is acknowledged, and why it isn't: forged, or the mail of a program or a list."""
    if is_of_a_program(message, sender):
        return Answer.HELD, AUTOMATIC
    results = _results(message)
    if "dmarc" in results:
        has_passed, has_failed = results["dmarc"] == {"pass"}, "fail" in results["dmarc"]
    else:
        has_passed, has_failed = False, "fail" in results.get("spf", ()) and "pass" not in results.get("dkim", ())
    if has_failed:
        return Answer.HELD, FORGED
    return (Answer.FREE if has_passed else Answer.PACED), ""


def is_of_a_program(message: EmailMessage, sender: str) -> bool:
    """Tell whether a mail has no sender to answer to, or is one of a list (RFC 3834, 2; RFC 5321, 4.5.5)."""
    return (
        str(message.get("Return-Path", "")).strip() == "<>"
        or str(message.get("Precedence", "")).strip().lower() in BULK
        or any(name in message for name in LISTS)
        or bool(PROGRAMS.match(sender))
    )


def _results(message: EmailMessage) -> dict[str, set[str]]:
    """Give what the organisation's own mail server found, by method; nothing where none is named in the settings."""
    ours = settings.LUVALLA_MAIL_CHECKED_BY.lower()
    found: dict[str, set[str]] = {}
    for each in message.get_all("Authentication-Results", []) if ours else []:
        said = COMMENTS.sub(" ", str(each))
        if said.lower().partition(";")[0].split()[:1] != [ours]:
            continue
        for method, result in RESULT.findall(said):
            found.setdefault(method.lower(), set()).add(result.lower())
        break  # the topmost is of the last server, which is ours
    return found
