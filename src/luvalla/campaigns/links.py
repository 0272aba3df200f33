"""Addresses a letter may link to: web pages, mailboxes and telephones, spelled safely. The same for every recipient."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

import idna

from luvalla.campaigns.errors import BadLink, LinkFault

LONGEST: Final = 2000
WEB: Final = frozenset({"http", "https"})
SCHEMES: Final = WEB | {"mailto", "tel"}
# Controls, spaces and what is invisible or turns the reading direction: none of it belongs into an address.
UNFIT: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff<>\"\\^`{|}]")
TELEPHONE: Final = re.compile(r"\+?[0-9().-]{2,30}\Z")
MAILBOX: Final = re.compile(r"[^@?,;]+@[^@?,;]+\.[^@?,;]+\Z")


def check_link(text: str) -> str:
    """Give the address as it goes into a letter; BadLink with its fault when a letter may not link to it.

    Letters outside ASCII in path and query are percent-encoded (RFC 3987, 3.1); nothing is added.

    >>> check_link(" https://www.esimerkki.fi/häiriöt ")
    'https://www.esimerkki.fi/h%C3%A4iri%C3%B6t'
    >>> check_link("javascript:alert(1)")
    Traceback (most recent call last):
    luvalla.campaigns.errors.BadLink: ...
    """
    address = text.strip()
    if not address:
        raise BadLink(LinkFault.EMPTY)
    if UNFIT.search(address) or len(address) > LONGEST:
        raise BadLink(LinkFault.CHARACTER)
    scheme = address.partition(":")[0].lower() if ":" in address else ""
    if scheme not in SCHEMES:
        raise BadLink(LinkFault.SCHEME)
    return _web_address(address) if scheme in WEB else _other_address(scheme, address)


def _web_address(address: str) -> str:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadLink(LinkFault.NO_HOST) from None
    if parts.username is not None or parts.password is not None:
        raise BadLink(LinkFault.CREDENTIALS)
    if not host:
        raise BadLink(LinkFault.NO_HOST)
    place = _ascii_host(host) + (f":{port}" if port is not None else "")
    return SplitResult(
        parts.scheme, place, _escaped(parts.path), _escaped(parts.query), _escaped(parts.fragment)
    ).geturl()


def _ascii_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise BadLink(LinkFault.NO_HOST) from None


def _other_address(scheme: str, address: str) -> str:
    rest = address.partition(":")[2]
    fits = TELEPHONE.match(rest) if scheme == "tel" else MAILBOX.match(rest.partition("?")[0])
    if not fits:
        raise BadLink(LinkFault.NOT_AN_ADDRESS)
    return f"{scheme}:{_escaped(rest)}"


def _escaped(part: str) -> str:
    """Percent-encode what is outside ASCII and leave the rest as it was written."""
    return "".join(each if each.isascii() else quote(each) for each in part)
