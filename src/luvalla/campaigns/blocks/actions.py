"""Buttons and article teasers: what leads out of the letter."""

from __future__ import annotations

from typing import ClassVar, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from luvalla.campaigns.blocks.base import LetterBlock, line_block, link_block, one_line, safe_link
from luvalla.campaigns.blocks.pictures import picture_html, picture_text
from luvalla.campaigns.blocks.words import SECTION, heading_html
from luvalla.campaigns.rendering.place import EDGE, Place
from luvalla.campaigns.rendering.plain import Plain, paragraphs

LONGEST_TEASER: Final = 600
GUTTER: Final = 18


class Button(LetterBlock, blocks.StructBlock):
    """One thing to do, on a button."""

    gap: ClassVar[int] = 28

    words = line_block(pgettext_lazy("letter block", "Words on the button"), longest=60)
    link = link_block()

    class Meta:
        """How the editor shows it."""

        icon = "link"
        label = pgettext_lazy("letter block", "Button")
        label_format = "{words}"

    def mjml(self, value: blocks.StructValue, place: Place, gap: int) -> SafeString:
        """Give the button as an element of a column."""
        del place
        words, link = one_line(value.get("words")), safe_link(value.get("link"))
        if not (words and link):
            return SafeString("")
        return format_html('<mj-button css-class="btn" padding="{}px 0 0" href="{}">{}</mj-button>', gap, link, words)

    def text(self, value: blocks.StructValue, plain: Plain) -> str:
        """Give the words and, on a line of its own, the address."""
        words, link = one_line(value.get("words")), safe_link(value.get("link"))
        return f"{plain.wrap(words)}:\n{link}" if words and link else ""

    def web(self, value: blocks.StructValue, place: Place) -> SafeString:
        """Give the button of the page, which is a link."""
        del place
        words, link = one_line(value.get("words")), safe_link(value.get("link"))
        if not (words and link):
            return SafeString("")
        return format_html('<p class="action"><a class="button" href="{}">{}</a></p>', link, words)


class Teaser(LetterBlock, blocks.StructBlock):
    """An article somewhere else: what it is about, and the way there."""

    stands_alone: ClassVar[bool] = True
    gap: ClassVar[int] = 30

    picture = ImageBlock(label=pgettext_lazy("letter block", "Picture"), required=False)
    heading = line_block(pgettext_lazy("letter block", "Heading"))
    words = blocks.TextBlock(
        label=pgettext_lazy("letter block", "Text"), max_length=LONGEST_TEASER, required=False, rows=3
    )
    link_words = line_block(pgettext_lazy("letter block", "Words of the link"), longest=80)
    link = link_block()

    class Meta:
        """How the editor shows it."""

        icon = "doc-full"
        label = pgettext_lazy("letter block", "Article")
        label_format = "{heading}"

    def mjml(self, value: blocks.StructValue, place: Place, gap: int) -> SafeString:
        """Give a section: the picture beside the words where there is one."""
        room = place.width // 3
        picture = picture_html(value, place.with_width(room), in_mail=True)
        words = format_html(
            '<mj-column css-class="{}" width="{}"><mj-text css-class="ink2">{}</mj-text></mj-column>',
            "col col-right" if picture else "col",
            f"{100 - 100 * (room + GUTTER) // place.width}%" if picture else "100%",
            self._words(value),
        )
        beside = format_html(
            '<mj-column css-class="col col-left" width="{}%" padding="0 {}px 0 0">'
            '<mj-text css-class="pic">{}</mj-text></mj-column>',
            100 * (room + GUTTER) // place.width,
            GUTTER,
            picture,
        )
        return format_html(
            '<mj-section css-class="pad" padding="{}px {}px 0">{}{}</mj-section>',
            gap,
            EDGE,
            beside if picture else "",
            words,
        )

    def text(self, value: blocks.StructValue, plain: Plain) -> str:
        """Give the picture's words, heading and text, and the address on a line of its own."""
        label, link = one_line(value.get("link_words")), safe_link(value.get("link"))
        return paragraphs(
            [
                picture_text(value, plain) if value.get("picture") else "",
                plain.heading(one_line(value.get("heading")), "-"),
                plain.wrap(one_line(value.get("words"))),
                f"{plain.wrap(label)}:\n{link}" if label and link else "",
            ]
        )

    def web(self, value: blocks.StructValue, place: Place) -> SafeString:
        """Give the article's place in the page."""
        picture = picture_html(value, place.with_width(place.width // 3), in_mail=False)
        return format_html(
            '<section class="teaser">{}<div>{}</div></section>',
            format_html('<div class="teaser-picture">{}</div>', picture) if picture else "",
            self._words(value),
        )

    def _words(self, value: blocks.StructValue) -> SafeString:
        lead = one_line(value.get("words"))
        label, link = one_line(value.get("link_words")), safe_link(value.get("link"))
        return format_html(
            "{}{}{}",
            heading_html(value.get("heading"), SECTION),
            format_html("<p>{}</p>", lead) if lead else "",
            format_html('<p><a href="{}">{}</a></p>', link, label) if label and link else "",
        )
