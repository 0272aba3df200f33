"""What every block of a letter can do: be mail, be plain text, be a part of the archive's page."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar, Final, Protocol

from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy
from wagtail import blocks

from luvalla.campaigns.errors import BadLink
from luvalla.campaigns.links import LONGEST, check_link
from luvalla.campaigns.rendering.place import Place
from luvalla.campaigns.rendering.plain import Plain

NOT_IN_A_LINE: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})
"""Controls, line and paragraph separators, and halves of characters."""
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class LetterBlock:
    """What all kinds of block have in common."""

    stands_alone: ClassVar[bool] = False
    """Whether mjml() gives whole sections; otherwise it gives elements of a column."""
    gap: ClassVar[int] = 16
    """Space above the block in CSS pixels."""

    def gap_above(self, value: Any) -> int:
        """Tell the space above this block."""
        del value  # only headings differ by what they are
        return self.gap


class Renders(Protocol):
    """A block's three outputs. They say the same, and each escapes whatever was written into the block.

    Values may be incomplete: the preview shows letters that are being written.
    """

    stands_alone: ClassVar[bool]

    def gap_above(self, value: Any) -> int:
        """Tell the space above the block in CSS pixels."""

    def mjml(self, value: Any, place: Place, gap: int) -> SafeString:
        """Give the block as MJML with so much space above it."""

    def text(self, value: Any, plain: Plain) -> str:
        """Give the block as lines of plain text."""

    def web(self, value: Any, place: Place) -> SafeString:
        """Give the block as HTML of the archive's page."""


def validate_link(text: str) -> None:
    """Refuse, in a form, what a letter may not link to."""
    try:
        check_link(text)
    except BadLink as fault:
        raise ValidationError(str(fault), code=fault.fault.value) from None


def validate_one_line(text: str) -> None:
    """Refuse controls: such a text is one line, and none may end a mail's header or turn its reading direction."""
    if any(unicodedata.category(each) in NOT_IN_A_LINE or each in TURNING for each in text):
        message = pgettext_lazy("campaign field", "This has to be one line without control characters.")
        raise ValidationError(message, code="control_character")


def safe_link(text: str | None) -> str:
    """Give an address as a letter links to it, or nothing where it may not or none is written yet."""
    try:
        return check_link(text or "")
    except BadLink:
        return ""


def one_line(text: str | None) -> str:
    """Give a text without line breaks and outer spaces; nothing for none."""
    return " ".join((text or "").split())


def line_block(label: object, *, longest: int = 150, required: bool = True) -> blocks.CharBlock:
    """Make a field for one line of text."""
    return blocks.CharBlock(label=label, max_length=longest, required=required, validators=(validate_one_line,))


def link_block(*, required: bool = True) -> blocks.CharBlock:
    """Make a field for an address a letter may link to."""
    return blocks.CharBlock(
        label=pgettext_lazy("letter block", "Address of the link"),
        help_text=pgettext_lazy("letter block", "A web page (https://…), a mailbox (mailto:…) or a telephone (tel:…)."),
        max_length=LONGEST,
        required=required,
        validators=(validate_link,),
    )
