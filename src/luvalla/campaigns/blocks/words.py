"""Headings and text."""

from __future__ import annotations

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.rich_text import RichText

from luvalla.campaigns.blocks.base import LetterBlock, line_block, one_line
from luvalla.campaigns.rendering.place import Place
from luvalla.campaigns.rendering.plain import Plain
from luvalla.campaigns.rendering.richtext import letter_html, plain_text

FEATURES: Final = ("bold", "italic", "link", "ol", "ul")
MAIN, SECTION, SMALL = "1", "2", "3"
RULES: Final = {MAIN: "=", SECTION: "-"}
GAPS: Final = {MAIN: 34, SECTION: 34, SMALL: 26}


class Heading(LetterBlock, blocks.StructBlock):
    """A heading of one of three levels."""

    words = line_block(pgettext_lazy("letter block", "Heading"))
    level = blocks.ChoiceBlock(
        label=pgettext_lazy("letter block", "Level"),
        choices=(
            (MAIN, pgettext_lazy("letter block", "Main heading")),
            (SECTION, pgettext_lazy("letter block", "Heading of a section")),
            (SMALL, pgettext_lazy("letter block", "Small heading")),
        ),
        default=SECTION,
    )

    class Meta:
        """How the editor shows it."""

        icon = "title"
        label = pgettext_lazy("letter block", "Heading")
        label_format = "{words}"

    def gap_above(self, value: blocks.StructValue) -> int:
        """Give main headings more air."""
        return GAPS[_level(value)]

    def mjml(self, value: blocks.StructValue, place: Place, gap: int) -> SafeString:
        """Give the heading as an element of a column."""
        del place
        return text_element(heading_html(value.get("words"), _level(value)), gap)

    def text(self, value: blocks.StructValue, plain: Plain) -> str:
        """Give the heading with its rule; the smallest has none."""
        words, rule = one_line(value.get("words")), RULES.get(_level(value))
        return plain.heading(words, rule) if rule else plain.wrap(words)

    def web(self, value: blocks.StructValue, place: Place) -> SafeString:
        """Give the heading of the page."""
        del place
        return heading_html(value.get("words"), _level(value))


class Text(LetterBlock, blocks.RichTextBlock):
    """Paragraphs and lists with bold, italic and links."""

    class Meta:
        """How the editor shows it."""

        icon = "pilcrow"
        label = pgettext_lazy("letter block", "Text")

    def mjml(self, value: RichText | None, place: Place, gap: int) -> SafeString:
        """Give the paragraphs as an element of a column."""
        del place
        return text_element(letter_html(source_of(value)), gap)

    def text(self, value: RichText | None, plain: Plain) -> str:
        """Give the paragraphs wrapped."""
        return plain_text(letter_html(source_of(value)), plain)

    def web(self, value: RichText | None, place: Place) -> SafeString:
        """Give the paragraphs of the page."""
        del place
        return letter_html(source_of(value))


def text_block() -> Text:
    """Make the text block with its few features."""
    return Text(features=list(FEATURES))


def text_element(html: SafeString, gap: int) -> SafeString:
    """Set HTML as an element of an MJML column."""
    return format_html('<mj-text css-class="ink" padding="{}px 0 0">{}</mj-text>', gap, html)


def heading_html(text: str | None, level: str) -> SafeString:
    """Give a heading of level 1, 2 or 3; nothing without words."""
    words = one_line(text)
    return format_html("<h{0}>{1}</h{0}>", level, words) if words else SafeString("")


def source_of(value: RichText | str | None) -> str:
    """Give rich text as it is stored; nothing for none."""
    return str(value.source if isinstance(value, RichText) else value or "")


def _level(value: blocks.StructValue) -> str:
    level = value.get("level")
    return level if level in GAPS else SECTION
