"""Stopping by mail: a message to stop+TOKEN@ the organisation's domain, as List-Unsubscribe offers it (RFC 2369, 3.2).

Only the address counts; subject and body are not read, so it doesn't matter what they say or in which language.

Messages that were sent by themselves count as well. RFC 3834 asks those who *answer* mail to leave automatic messages
alone, so that two programs never talk to each other for ever; nothing is answered here. The address stands in the
List-Unsubscribe header alone, which mail programs act on for the person who pressed their button, and some of them mark
what they send so as Auto-Submitted. An absence notice goes to a letter's sender, never to this address. And stopping
letters somebody wanted can be mended; sending on after "stop" can't.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Final

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.vault import keyring
from luvalla.register.links import StopLink, read_stop_token
from luvalla.register.stop import StopAnswer, withdraw

HEADERS: Final = ("Delivered-To", "X-Original-To", "To")
"""Where the recipient stands when the envelope isn't given; the mail server's own headers first."""
LONGEST_HEAD: Final = 65_536
MOST_ADDRESSES: Final = 20
STOP_ADDRESS: Final = re.compile(r"\s*<?stop\+([A-Za-z0-9_-]+)@", re.IGNORECASE)


def stop_by_mail(raw: bytes, recipient: str = "") -> StopAnswer | None:
    """Withdraw for whoever's token the recipient's address holds; None, and nothing done, when there is no valid one.

    raw is the whole message; recipient the envelope's, where the mail server tells it. Safe to call again. Raises
    ErasuresUnwritable when nothing was done, so that the mail server keeps the message and tries again.
    """
    for address in (recipient,) if recipient else _recipients(raw):
        link = _link_in(address)
        if link is not None:
            return withdraw(link=link, channel="mail", actor=SUBJECT)
    return None


def take_stop(raw: bytes, recipient: str) -> bool:
    """Take a message to a stop address in, as the intake of mail asks for it."""
    return stop_by_mail(raw, recipient) is not None


def _link_in(address: str) -> StopLink | None:
    found = STOP_ADDRESS.match(address)
    return read_stop_token(found[1], keyring()) if found else None


def _recipients(raw: bytes) -> Iterator[str]:
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw[:LONGEST_HEAD], headersonly=True)
    except (MessageError, ValueError):
        return
    for header in HEADERS:
        values = [str(each) for each in message.get_all(header, ())]
        try:
            found = getaddresses(values[:MOST_ADDRESSES])
        except RecursionError:  # brackets within brackets
            continue
        yield from (address for _, address in found[:MOST_ADDRESSES])
