"""Recipients that a receiver misbehaves on, by their local part; "+anything" behind it makes them many.

refuse, refuse-550-5.1.1         RCPT is answered so (without a code: 550 5.1.1)
defer, defer-451-4.3.0           RCPT is answered so (without a code: 451 4.3.0)
refuse-data-554-5.6.0            the letter is answered so, and not kept; defer-data-… alike
busy-421                         RCPT is answered with 421, then the connection is closed
busy-open-421                    the same, but it stays open and goes on taking letters
busy-data-421                    the letter is answered with 421, then the connection is closed
drop-before-data                 closes the connection instead of answering RCPT
drop-during-data                 closes it when the letter has come; the letter is not kept
drop-after-data                  keeps the letter, then closes without an answer
stall, stall-after-data          says nothing more on this connection; the second keeps the letter
garbage, garbage-after-data      answers with something that is not SMTP; the second keeps the letter
essay                            answers RCPT with a 250 of many long lines
endless                          answers RCPT with a line without end
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_FORM: Final = re.compile(
    rb"(?P<act>refuse-data|defer-data|refuse|defer)(?:-(?P<code>[45][0-9]{2}))?(?:-(?P<status>[45]\.[0-9]+\.[0-9]+))?"
    rb"|(?P<other>busy-open-421|busy-data-421|busy-421|drop-before-data|drop-during-data|drop-after-data"
    rb"|stall-after-data|stall|garbage-after-data|garbage|essay|endless)",
)
_DEFAULTS: Final = {
    "refuse": (b"550", b"5.1.1"),
    "refuse-data": (b"554", b"5.6.0"),
    "defer": (b"451", b"4.3.0"),
    "defer-data": (b"451", b"4.3.0"),
}
BUSY: Final = (b"421", b"4.3.2")


@dataclass(frozen=True, slots=True)
class Magic:
    """What to do: the act's name, and the code and status to answer with where it is an answer."""

    act: str
    code: bytes = b""
    status: bytes = b""


def magic_of(recipient: bytes) -> Magic | None:
    """Read the act in a recipient's local part; None for everyone else."""
    if recipient[:1] not in b"rdbsge":
        return None
    return _read(recipient.partition(b"@")[0].partition(b"+")[0].lower())


@lru_cache(maxsize=1024)
def _read(local: bytes) -> Magic | None:
    """Read a local part."""
    found = _FORM.fullmatch(local)
    if found is None:
        return None
    if found["other"]:
        return Magic(found["other"].decode("ascii"), *BUSY)
    act = found["act"].decode("ascii")
    code, status = _DEFAULTS[act]
    return Magic(act, found["code"] or code, found["status"] or (status if not found["code"] else b""))
