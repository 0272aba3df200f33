"""A frozen letter as an invented recipient would get it, taken apart: for previews, checks and tests."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Final

from luvalla.sending.letter import CompiledLetter, Hole, Values, field_hole, mail_date

AT: Final = datetime(2026, 1, 2, 12, tzinfo=UTC)
PROGRAMS: Final = frozenset(
    {"script", "iframe", "frame", "object", "embed", "link", "video", "audio", "source", "form", "input", "base"}
)
FIELD: Final = field_hole("")


def example_values(number: int = 1, letter: CompiledLetter | None = None) -> dict[str, bytes]:
    """Give what an invented recipient's holes hold; all numbers below ten give values of the same length."""
    values: dict[str, bytes] = {
        Hole.TO: b"recipient%d@example.com" % number,
        Hole.MESSAGE_ID: b"example%d" % number,
        Hole.STOP_TOKEN: b"example-token-%034d" % number,
        Hole.DATE: mail_date(AT),
    }
    fields = [each for each in (letter.holes if letter else ()) if each.startswith(FIELD)]
    return values | dict.fromkeys(fields, b"value%d" % number)


def example_message(letter: CompiledLetter, *, number: int = 1, values: Values | None = None) -> EmailMessage:
    """Parse the message of an invented recipient."""
    filled = letter.fill(values or example_values(number, letter))
    return message_from_bytes(filled, policy=policy.default)


def part_of(message: EmailMessage, kind: str) -> str:
    """Give a message's part, html or plain; empty when it has none."""
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def words_of_html(html: str) -> str:
    """Give the words of a document with one space between."""
    return Resources(html).words


class Resources(HTMLParser):
    """What a document shows, loads and leads to."""

    def __init__(self, html: str) -> None:
        """Read the document."""
        super().__init__(convert_charrefs=True)
        self.sources: list[str] = []
        self.sides: list[float] = []
        self.links: list[str] = []
        self.loads_programs = False
        self._pieces: list[str] = []
        self._hidden = 0
        self.feed(html)
        self.close()

    @property
    def words(self) -> str:
        """The words with one space between."""
        return " ".join(" ".join(self._pieces).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element loads or leads to."""
        given = {name: value or "" for name, value in attrs}
        self._hidden += tag in {"style", "title"}
        self.loads_programs |= tag in PROGRAMS or any(name.startswith("on") for name in given)
        self.sources += [given[name] for name in ("src", "srcset", "background", "poster") if name in given]
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "img":
            self.sides += [_number(given.get(name, "0")) for name in ("width", "height")]

    def handle_endtag(self, tag: str) -> None:
        """Leave what isn't shown."""
        self._hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        """Note words that are shown."""
        if not self._hidden:
            self._pieces.append(data)


def _number(text: str) -> float:
    """Read a length; 0 for one that isn't a number of pixels."""
    try:
        return float(text)
    except ValueError:
        return 0
