"""The plain text part of a letter: the same words as the HTML, and the same end."""

from __future__ import annotations

from typing import Final

from django.utils.translation import override

from luvalla.campaigns.rendering.body import stream_text
from luvalla.campaigns.rendering.content import Content
from luvalla.campaigns.rendering.fit import fit
from luvalla.campaigns.rendering.footer import Footer, footer_of
from luvalla.campaigns.rendering.plain import WIDTH, Plain, paragraphs

RULE: Final = "-" * WIDTH


def render_text(content: Content) -> str:
    """Give the plain text of a letter, with lines of at most 72 characters but for long words and addresses."""
    plain = Plain()
    footer = footer_of(content)
    with override(content.language):
        head = plain.wrap(f"{content.sender.sender_name} · {content.label}")
        body = stream_text(content.body, plain)
    return fit(paragraphs([head, body, RULE, _end(content, footer, plain)])) + "\n"


def _end(content: Content, footer: Footer, plain: Plain) -> str:
    sentences = " ".join(part for part in (footer.marketing, footer.why, footer.source, footer.no_tracking) if part)
    ways = (
        (footer.stop, content.addresses.stop),
        (footer.notice, content.addresses.notice),
        (footer.web, content.addresses.web),
    )
    return paragraphs(
        [
            plain.wrap(sentences),
            *(f"{words}:\n{address}" for words, address in ways),
            "\n".join([*(plain.wrap(line) for line in footer.identity), footer.email]),
        ]
    )
