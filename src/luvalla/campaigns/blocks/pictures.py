"""Pictures with their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext, pgettext_lazy
from wagtail import blocks
from wagtail.images.blocks import ImageBlock
from wagtail.images.models import AbstractImage, SourceImageIOError

from luvalla.campaigns.blocks.base import LetterBlock, link_block, one_line, safe_link
from luvalla.campaigns.rendering.place import EDGE, LETTER, Place
from luvalla.campaigns.rendering.plain import Plain

WIDE, INSET = "wide", "inset"
DENSITY: Final = 2
"""Pixels of a picture for each CSS pixel, so that it is sharp on a fine screen."""
TALLEST: Final = 2400


class Shown(NamedTuple):
    """A picture at the size it is shown: its address on our site, its size in CSS pixels, and its words."""

    address: str
    width: int
    height: int
    alt: str


class Picture(LetterBlock, blocks.StructBlock):
    """A picture from edge to edge, or as wide as the text."""

    stands_alone: ClassVar[bool] = True
    gap: ClassVar[int] = 28

    picture = ImageBlock(label=pgettext_lazy("letter block", "Picture"))
    width = blocks.ChoiceBlock(
        label=pgettext_lazy("letter block", "Width"),
        choices=(
            (WIDE, pgettext_lazy("letter block", "From edge to edge")),
            (INSET, pgettext_lazy("letter block", "As wide as the text")),
        ),
        default=WIDE,
    )
    link = link_block(required=False)

    class Meta:
        """How the editor shows it."""

        icon = "image"
        label = pgettext_lazy("letter block", "Picture")

    def mjml(self, value: blocks.StructValue, place: Place, gap: int) -> SafeString:
        """Give the picture as a section of its own; nothing while none is chosen."""
        wide = value.get("width") != INSET
        html = picture_html(value, place.with_width(LETTER if wide else place.width), in_mail=True)
        if not html:
            return html
        return format_html(
            '<mj-section css-class="{}" padding="{}px {}px 0"><mj-column>'
            '<mj-text css-class="pic">{}</mj-text></mj-column></mj-section>',
            "" if wide else "pad",
            gap,
            0 if wide else EDGE,
            html,
        )

    def text(self, value: blocks.StructValue, plain: Plain) -> str:
        """Tell what the picture shows; nothing for an ornament."""
        return picture_text(value, plain)

    def web(self, value: blocks.StructValue, place: Place) -> SafeString:
        """Give the picture of the page."""
        wide = value.get("width") != INSET
        html = picture_html(value, place.with_width(LETTER if wide else place.width), in_mail=False)
        return format_html('<div class="{}">{}</div>', "wide" if wide else "inset", html) if html else html


class SmallPicture(LetterBlock, blocks.StructBlock):
    """A picture in a column."""

    gap: ClassVar[int] = 28

    picture = ImageBlock(label=pgettext_lazy("letter block", "Picture"))
    link = link_block(required=False)

    class Meta:
        """How the editor shows it."""

        icon = "image"
        label = pgettext_lazy("letter block", "Picture")

    def mjml(self, value: blocks.StructValue, place: Place, gap: int) -> SafeString:
        """Give the picture as an element of a column."""
        html = picture_html(value, place, in_mail=True)
        return format_html('<mj-text css-class="pic" padding="{}px 0 0">{}</mj-text>', gap, html) if html else html

    def text(self, value: blocks.StructValue, plain: Plain) -> str:
        """Tell what the picture shows; nothing for an ornament."""
        return picture_text(value, plain)

    def web(self, value: blocks.StructValue, place: Place) -> SafeString:
        """Give the picture of the page."""
        return picture_html(value, place, in_mail=False)


def picture_html(value: blocks.StructValue, place: Place, *, in_mail: bool) -> SafeString:
    """Give a picture's img element, in its link where it has one; nothing while none is chosen."""
    shown = shown_picture(value.get("picture"), place)
    if shown is None:
        return SafeString("")
    # Wide by percent, a picture never widens its column, not even while it isn't shown; the limit keeps it sharp.
    style = format_html(' style="max-width:{}px"', shown.width) if in_mail else ""
    img = format_html(
        '<img src="{}" alt="{}" width="{}" height="{}"{}/>', shown.address, shown.alt, shown.width, shown.height, style
    )
    link = safe_link(value.get("link"))
    return format_html('<a href="{}">{}</a>', link, img) if link else img


def shown_picture(image: AbstractImage | None, place: Place) -> Shown | None:
    """Give the picture as it fits into the place, twice as fine; None when there is none or its file is gone.

    The address is the same for every recipient.
    """
    if image is None:
        return None
    try:
        rendition = image.get_rendition(f"max-{place.width * DENSITY}x{TALLEST}")
    except SourceImageIOError:
        return None
    width = min(place.width, rendition.width)
    return Shown(
        address=place.absolute(rendition.url),
        width=width,
        height=max(1, round(rendition.height * width / rendition.width)),
        alt=words_of(image),
    )


def picture_text(value: blocks.StructValue, plain: Plain) -> str:
    """Tell in brackets what a picture shows, with the address it leads to."""
    image, link = value.get("picture"), safe_link(value.get("link"))
    words = words_of(image) if image is not None else ""
    if not words:
        return ""
    note = f" [{plain.notes.number(link)}]" if link else ""
    return plain.wrap(pgettext("letter", "[Picture: %(words)s]") % {"words": words} + note)


def words_of(image: AbstractImage) -> str:
    """Give the alternative text written for a picture in this place; empty for an ornament."""
    return "" if getattr(image, "decorative", False) else one_line(getattr(image, "contextual_alt_text", ""))


def pictures_in(raw: Any) -> set[int]:
    """Find the ids of the pictures in a body as it is stored."""
    if isinstance(raw, Mapping):
        own = {raw["image"]} if isinstance(raw.get("image"), int) else set()
        return own.union(*(pictures_in(each) for each in raw.values()))
    if isinstance(raw, Iterable) and not isinstance(raw, str):
        return set().union(*(pictures_in(each) for each in raw))
    return set()
