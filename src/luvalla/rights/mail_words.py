"""What a person has written in a mail: its subject and its own words, whatever program it was written with.

Some programs send HTML alone, or a plain part with nothing in it; some name a character set that nobody knows. None of
it may cost the sender their words, least of all those that ask for a stop.
"""

from __future__ import annotations

import re
from email.message import EmailMessage, Message
from html.parser import HTMLParser
from typing import Final

from luvalla.rights.wishes import own_words

UNSEEN: Final = frozenset({"head", "style", "script", "title"})
BREAKS: Final = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote", "ul", "ol", "table"})
SPACES: Final = re.compile(r"[^\S\n]+")


def text_of(message: EmailMessage) -> str:
    """Give the subject and what the sender has written themselves; all of it where everything seems quoted."""
    subject = " ".join(str(message.get("Subject", "")).split())
    said = _said(message)
    return f"{subject}\n\n{own_words(said) or said}".strip()


def plain_of(html: str) -> str:
    r"""Give the words of HTML line by line; what a reply quotes is marked as in a plain mail.

    >>> plain_of("<style>p {}</style><p>&Auml;lk&auml;&auml; l&auml;hett&auml;k&ouml;!<blockquote>peruuta</blockquote>")
    'Älkää lähettäkö!\n> peruuta'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


def _said(message: EmailMessage) -> str:
    """Give the plain part, or the words of the HTML one where there is nothing in it."""
    for kind, as_words in (("plain", str), ("html", plain_of)):
        part = message.get_body(preferencelist=(kind,))
        words = as_words(_decoded(part)).strip() if part is not None else ""
        if words:
            return words
    return ""


def _decoded(part: Message) -> str:
    """Decode a part by the character set it names; one that it doesn't fit, or nobody knows, as well as can be."""
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeError):
            continue
    return raw.decode("cp1252", "replace")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = [""]
        self._unseen, self._quoted = 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a quotation, or something that nobody sees."""
        del attrs
        self._unseen += tag in UNSEEN
        self._quoted += tag == "blockquote"
        if tag in BREAKS:
            self._lines.append("")

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        self._unseen = max(0, self._unseen - (tag in UNSEEN))
        self._quoted = max(0, self._quoted - (tag == "blockquote"))
        if tag in BREAKS:
            self._lines.append("")

    def handle_data(self, data: str) -> None:
        """Take words that are seen."""
        if not self._unseen:
            mark = "> " if self._quoted and not self._lines[-1] and data.strip() else ""
            self._lines[-1] += mark + data.replace("\n", " ")

    def text(self) -> str:
        """Give the lines that have words."""
        lines = (SPACES.sub(" ", each).strip() for each in self._lines)
        return "\n".join(each for each in lines if each)
