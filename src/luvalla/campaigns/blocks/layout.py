"""Columns, dividers and highlighted boxes."""

from __future__ import annotations

from typing import ClassVar, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy
from wagtail import blocks

from luvalla.campaigns.blocks.actions import GUTTER, Button
from luvalla.campaigns.blocks.base import LetterBlock, line_block, one_line
from luvalla.campaigns.blocks.pictures import SmallPicture
from luvalla.campaigns.blocks.words import SECTION, Heading, heading_html, source_of, text_block
from luvalla.campaigns.rendering.body import column_mjml, stream_text, stream_web
from luvalla.campaigns.rendering.place import EDGE, Place
from luvalla.campaigns.rendering.plain import Plain, paragraphs, quoted
from luvalla.campaigns.rendering.richtext import letter_html, plain_text
from luvalla.campaigns.rendering.styles import LIGHT

DIVIDER: Final = "* * *"


class ColumnBlocks(blocks.StreamBlock):
    """What fits into a column."""

    heading = Heading()
    text = text_block()
    picture = SmallPicture()
    button = Button()


class Columns(LetterBlock, blocks.StructBlock):
    """Two columns beside each other; on a phone below each other."""

    stands_alone: ClassVar[bool] = True
    gap: ClassVar[int] = 28

    left = ColumnBlocks(label=pgettext_lazy("letter block", "Left column"))
    right = ColumnBlocks(label=pgettext_lazy("letter block", "Right column"))

    class Meta:
        """How the editor shows it."""

        icon = "grip"
        label = pgettext_lazy("letter block", "Two columns")

    def mjml(self, value: blocks.StructValue, place: Place, gap: int) -> SafeString:
        """Give a section of two columns."""
        half = place.with_width(place.width // 2 - GUTTER)
        return format_html(
            '<mj-section css-class="pad" padding="{}px {}px 0">'
            '<mj-column css-class="col col-left" width="50%" padding="0 {}px 0 0">{}</mj-column>'
            '<mj-column css-class="col col-right" width="50%" padding="0 0 0 {}px">{}</mj-column></mj-section>',
            gap,
            EDGE,
            GUTTER,
            column_mjml(value["left"], half),
            GUTTER,
            column_mjml(value["right"], half),
        )

    def text(self, value: blocks.StructValue, plain: Plain) -> str:
        """Give the left column, then the right one."""
        return paragraphs([stream_text(value["left"], plain), stream_text(value["right"], plain)])

    def web(self, value: blocks.StructValue, place: Place) -> SafeString:
        """Give the two columns of the page."""
        half = place.with_width(place.width // 2 - GUTTER)
        return format_html(
            '<div class="columns"><div>{}</div><div>{}</div></div>',
            stream_web(value["left"], half),
            stream_web(value["right"], half),
        )


class Divider(LetterBlock, blocks.StaticBlock):
    """A thin line between two parts of the letter."""

    gap: ClassVar[int] = 38

    class Meta:
        """How the editor shows it."""

        icon = "minus"
        label = pgettext_lazy("letter block", "Divider")
        admin_text = pgettext_lazy("letter block", "A thin line between two parts of the letter.")

    def mjml(self, value: None, place: Place, gap: int) -> SafeString:
        """Give the line as an element of a column."""
        del value, place
        return format_html('<mj-divider css-class="line" padding="{}px 0 0"/>', gap)

    def text(self, value: None, plain: Plain) -> str:
        """Give three stars."""
        del value
        return DIVIDER.center(plain.width).rstrip()

    def web(self, value: None, place: Place) -> SafeString:
        """Give the line of the page."""
        del value, place
        return SafeString("<hr>")


class Box(LetterBlock, blocks.StructBlock):
    """A highlighted box: what to remember or to do."""

    stands_alone: ClassVar[bool] = True
    gap: ClassVar[int] = 26

    heading = line_block(pgettext_lazy("letter block", "Heading"), required=False)
    words = text_block()

    class Meta:
        """How the editor shows it."""

        icon = "tick-inverse"
        label = pgettext_lazy("letter block", "Highlighted box")
        label_format = "{heading}"

    def mjml(self, value: blocks.StructValue, place: Place, gap: int) -> SafeString:
        """Give a section whose column has a ground of its own and a bar at its left."""
        del place
        return format_html(
            '<mj-section css-class="pad" padding="{}px {}px 0"><mj-column css-class="tip" padding="20px 22px" '
            'background-color="{}" border-left="4px solid {}"><mj-text css-class="ink">{}{}</mj-text></mj-column>'
            "</mj-section>",
            gap,
            EDGE,
            LIGHT.tip,
            LIGHT.act,
            heading_html(value.get("heading"), SECTION),
            letter_html(source_of(value.get("words"))),
        )

    def text(self, value: blocks.StructValue, plain: Plain) -> str:
        """Give the box with a bar before each line."""
        inner = plain.narrower(2)
        heading = plain.heading(one_line(value.get("heading")), "-")
        return quoted(paragraphs([heading, plain_text(letter_html(source_of(value.get("words"))), inner)]))

    def web(self, value: blocks.StructValue, place: Place) -> SafeString:
        """Give the box of the page."""
        del place
        return format_html(
            '<aside class="tip">{}{}</aside>',
            heading_html(value.get("heading"), SECTION),
            letter_html(source_of(value.get("words"))),
        )
