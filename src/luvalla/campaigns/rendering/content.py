"""What a letter is made from: the words of a campaign, who sends it, and why one gets it. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from luvalla.rules.purposes import PermissionKind

if TYPE_CHECKING:
    from wagtail.blocks import StreamValue


@dataclass(frozen=True, slots=True)
class Sender:
    """Who answers for the letter (act 917/2014, section 203; GDPR 14(1)(a))."""

    sender_name: str
    name: str
    business_id: str
    street: str
    postcode: str
    city: str
    email: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why the audience gets letters, and from where its addresses are (GDPR 14(2)(f)).

    Without kinds, as before a first import, all of them are told. Sources are named in the letter's language.
    """

    kinds: tuple[PermissionKind, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of the public site that a letter names. The stop link alone differs, by its token."""

    site: str
    """Without a slash at its end; pictures are below it."""
    front: str
    stop: str
    notice: str
    web: str


@dataclass(frozen=True, slots=True)
class Content:
    """One letter before it is laid out. Written in one language: fi, sv or en."""

    subject: str
    preheader: str
    language: str
    label: str
    """What kind of letter it is, told at its head: its purpose, and of marketing that it is marketing."""
    is_marketing: bool
    body: StreamValue
    sender: Sender
    grounds: Grounds
    addresses: Addresses
