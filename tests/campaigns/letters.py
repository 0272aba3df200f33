"""An example letter in every kind of block, and a reader of what a letter's HTML says."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from wagtail.blocks import StreamValue

from luvalla.campaigns.blocks import LetterBlocks
from luvalla.campaigns.rendering.content import Addresses, Content, Grounds, Sender
from luvalla.rules.purposes import PermissionKind

SITE = "https://kirjeet.esimerkki.fi"
SENDER = Sender(
    sender_name="Esimerkki Energia",
    name="Esimerkki Energia Oy",
    business_id="1234567-1",
    street="Mallikatu 5",
    postcode="00001",
    city="Mallila",
    email="asiakaspalvelu@esimerkki.fi",
)
BLOCKS: tuple[tuple[str, Any], ...] = (
    ("heading", {"words": "Talven sähkökatkot", "level": "1"}),
    ("text", '<p>Märkä lumi <b>taivuttaa</b> <a href="https://esimerkki.fi/puut">puita</a>.</p><ul><li>Valo</li></ul>'),
    ("box", {"heading": "Tee nämä", "words": "<ol><li>Varaa vettä.</li><li>Lataa puhelin.</li></ol>"}),
    ("button", {"words": "Avaa kartta", "link": "https://esimerkki.fi/kartta"}),
    ("divider", None),
    (
        "columns",
        {
            "left": [{"type": "heading", "value": {"words": "Vasen", "level": "2"}}],
            "right": [{"type": "text", "value": "<p>Oikea</p>"}],
        },
    ),
    (
        "teaser",
        {
            "heading": "Laskuri",
            "words": "Mitä katto tuottaisi.",
            "link_words": "Laske",
            "link": "https://esimerkki.fi/laske",
        },
    ),
)


def body(*blocks: tuple[str, Any]) -> StreamValue:
    """Make the body of a letter."""
    return LetterBlocks().to_python([{"type": kind, "value": value} for kind, value in blocks or BLOCKS])


def content(*blocks: tuple[str, Any], **changes: Any) -> Content:
    """Make a letter of marketing in Finnish to customers, with any change."""
    letter = Content(
        subject="Talven sähkökatkot",
        preheader="Näin pärjäät.",
        language="fi",
        label="Markkinointia",
        is_marketing=True,
        body=body(*blocks),
        sender=SENDER,
        grounds=Grounds((PermissionKind.CUSTOMER,), ("asiakastietojärjestelmä",)),
        addresses=Addresses(
            site=SITE,
            front=f"{SITE}/fi/",
            stop=f"{SITE}/s/TOKEN",
            notice=f"{SITE}/fi/tietosuojaseloste/",
            web=f"{SITE}/fi/arkisto/1/",
        ),
    )
    return replace(letter, **changes)


class Read(HTMLParser):
    """What a document consists of: its elements with their attributes' names, its words, its links and pictures."""

    HIDDEN = frozenset({"style", "script"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.pieces: list[str] = []
        self.inside: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave the element, and those inside that were never closed."""
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note words."""
        if not self.HIDDEN.intersection(self.inside[-1:]):
            self.pieces.append(data)

    @property
    def words(self) -> str:
        """All words with one space between."""
        return " ".join(" ".join(self.pieces).split())

    def values(self, tag: str, name: str) -> list[str]:
        """The values of an attribute of an element."""
        return [value for each, attribute, value in self.attributes if (each, attribute) == (tag, name)]
