"""Looking at a draft before it is submitted: whether it is whole, and whether it names anybody's mailbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from wagtail.blocks import StreamValue, StructValue
from wagtail.images.models import AbstractImage
from wagtail.rich_text import RichText

from luvalla.campaigns.blocks.pictures import Picture, SmallPicture, words_of
from luvalla.campaigns.blocks.words import source_of
from luvalla.campaigns.errors import BadLink, Lack
from luvalla.campaigns.links import check_link
from luvalla.campaigns.rendering.plain import Plain
from luvalla.campaigns.rendering.richtext import letter_html, links_of, plain_text
from luvalla.organisation.models import Controller
from luvalla.rules.address import masked
from luvalla.sending.letter import STOP_MARK, field_mark

if TYPE_CHECKING:
    from luvalla.campaigns.models import Campaign

ADDRESS: Final = re.compile(r"[^\s@<>()\[\],;:\"'|]{1,64}@[^\s@<>()\[\],;:\"'|]+\.[^\W\d_]{2,}", re.UNICODE)
# What the compiler takes for a hole: nobody writes it by accident, and a writer must not put holes into a letter.
RESERVED: Final = re.compile(rf"{re.escape(STOP_MARK)}|{re.escape(field_mark('x')).replace('x', '[a-z][a-z0-9_]*', 1)}")
LINK_FIELDS: Final = ("link",)


def lacks_of(campaign: Campaign) -> tuple[Lack, ...]:
    """Tell what keeps the campaign from being submitted; nothing when the letter is whole."""
    found = {Lack.SUBJECT} if not campaign.subject.strip() else set()
    values = list(values_of(campaign.body))
    if not any(_words(value) for value in values):
        found.add(Lack.BODY)
    for value in values:
        found |= _lacks_of_value(value)
    written = [campaign.subject, campaign.preheader, *(_written(value) for value in values)]
    if any(RESERVED.search(each) for each in written):
        found.add(Lack.RESERVED_WORD)
    return tuple(lack for lack in Lack if lack in found)


def addresses_in(campaign: Campaign, controller: Controller) -> tuple[str, ...]:
    """List, masked, the e-mail addresses a letter names that are not the controller's own.

    A letter is stored for years and published in the archive, out of a stop's reach: no registered person's address
    belongs in it.
    """
    texts = [campaign.subject, campaign.preheader, *(_words(value) for value in values_of(campaign.body))]
    named = {found[0].rstrip(".").lower() for text in texts for found in ADDRESS.finditer(text)}
    own = own_domains(controller)
    return tuple(masked(each, show_domain=True) for each in sorted(named) if not _belongs(each, own))


def own_domains(controller: Controller) -> frozenset[str]:
    """Give the domains of the controller's own mailboxes."""
    mailboxes = (controller.email, controller.dpo_email, controller.sender_address)
    return frozenset({controller.mail_domain.lower(), *(each.rpartition("@")[2].lower() for each in mailboxes if each)})


def values_of(body: StreamValue) -> Iterator[Any]:
    """Go through everything written into a stream of blocks, down to the fields."""
    for child in body:
        yield from _values(child.value)


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, StreamValue):
        yield from values_of(value)
    elif isinstance(value, StructValue):
        yield value
        for each in value.values():
            yield from _values(each)
    elif value is not None:
        yield value


def _belongs(address: str, domains: frozenset[str]) -> bool:
    domain = address.rpartition("@")[2]
    return any(domain == each or domain.endswith(f".{each}") for each in domains)


def _words(value: Any) -> str:
    """Give the words and links of one field; structures are looked into field by field."""
    if isinstance(value, RichText):
        source = source_of(value)
        return " ".join([plain_text(letter_html(source), Plain()), *links_of(source)]).strip()
    if isinstance(value, AbstractImage):
        return words_of(value)
    return value if isinstance(value, str) else ""


def _written(value: Any) -> str:
    """Give what was written into one field as it is stored."""
    if isinstance(value, RichText):
        return source_of(value)
    return words_of(value) if isinstance(value, AbstractImage) else value if isinstance(value, str) else ""


def _lacks_of_value(value: Any) -> set[Lack]:
    if isinstance(value, RichText):
        return {Lack.LINK} if any(_is_bad(link) for link in links_of(source_of(value))) else set()
    if isinstance(value, AbstractImage):
        return _lacks_of_picture(value)
    return _lacks_of_structure(value) if isinstance(value, StructValue) else set()


def _lacks_of_structure(value: StructValue) -> set[Lack]:
    found = set()
    if any(value.get(name) and _is_bad(value[name]) for name in LINK_FIELDS):
        found.add(Lack.LINK)
    # A picture that was deleted while the letter was a draft.
    if isinstance(value.block, Picture | SmallPicture) and value.get("picture") is None:
        found.add(Lack.PICTURE)
    return found


def _lacks_of_picture(image: AbstractImage) -> set[Lack]:
    found = set()
    if not image.decorative and not words_of(image):
        found.add(Lack.ALTERNATIVE_TEXT)
    if not image.file or not image.file.storage.exists(image.file.name):
        found.add(Lack.PICTURE)
    return found


def _is_bad(link: str) -> bool:
    try:
        check_link(link)
    except BadLink:
        return True
    return False
