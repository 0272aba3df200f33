"""A stream of blocks as one letter: in MJML, as plain text, and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from luvalla.campaigns.rendering.place import EDGE, Place
from luvalla.campaigns.rendering.plain import Plain, paragraphs

if TYPE_CHECKING:
    from wagtail.blocks import StreamValue

    from luvalla.campaigns.blocks.base import Renders

FIRST_GAP: Final = 12
"""Space above the first block of the letter, below its head; one that stands alone needs none."""


class Part(NamedTuple):
    """One block of the stream with its value and the space above it."""

    block: Renders
    value: object
    gap: int


def body_mjml(body: StreamValue, place: Place) -> SafeString:
    """Give the letter's sections; blocks that follow each other in one column share a section."""
    return SafeString(
        "".join(
            _alone(parts, place) if alone else _together(parts, place)
            for alone, parts in groupby(_parts(body, first=FIRST_GAP), key=lambda part: part.block.stands_alone)
        )
    )


def column_mjml(body: StreamValue, place: Place) -> SafeString:
    """Give the elements of one column among others, with half the space between them."""
    return SafeString("".join(part.block.mjml(part.value, place, part.gap // 2) for part in _parts(body, first=0)))


def stream_text(body: StreamValue, plain: Plain) -> str:
    """Give the blocks as plain text; the addresses of a block's links stand below it."""
    return paragraphs(
        paragraphs([part.block.text(part.value, plain), plain.notes.take_new()]) for part in _parts(body, first=0)
    )


def stream_web(body: StreamValue, place: Place) -> SafeString:
    """Give the blocks as parts of a page."""
    return format_html_join("\n", "{}", ((part.block.web(part.value, place),) for part in _parts(body, first=0)))


def _parts(body: StreamValue, *, first: int) -> Iterator[Part]:
    for number, child in enumerate(body):
        block = cast("Renders", child.block)
        gap = block.gap_above(child.value)
        if number == 0:
            gap = 0 if block.stands_alone else min(gap, first)
        yield Part(block, child.value, gap)


def _alone(parts: Iterator[Part], place: Place) -> SafeString:
    return SafeString("".join(part.block.mjml(part.value, place, part.gap) for part in parts))


def _together(parts: Iterator[Part], place: Place) -> SafeString:
    inner = SafeString("".join(part.block.mjml(part.value, place, part.gap) for part in parts))
    return format_html(
        '<mj-section css-class="pad" padding="0 {}px"><mj-column>{}</mj-column></mj-section>', EDGE, inner
    )
