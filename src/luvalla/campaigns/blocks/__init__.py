"""The blocks a letter is written in."""

from __future__ import annotations

from wagtail import blocks

from luvalla.campaigns.blocks.actions import Button, Teaser
from luvalla.campaigns.blocks.layout import Box, Columns, Divider
from luvalla.campaigns.blocks.pictures import Picture
from luvalla.campaigns.blocks.words import Heading, text_block


class LetterBlocks(blocks.StreamBlock):
    """The closed set of blocks of a letter. Their names are stored in drafts and never change."""

    heading = Heading()
    text = text_block()
    picture = Picture()
    button = Button()
    box = Box()
    columns = Columns()
    teaser = Teaser()
    divider = Divider()
