"""Addresses of the public site that a letter names. They stand in letters for ever, so they never change."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from luvalla.campaigns.rendering.content import Addresses

STOP: Final = "s"
ASK_STOP: Final = {"fi": "lopeta", "sv": "stoppa", "en": "stop"}
"""The page that stops letters for whoever writes an address there: for copies of a letter that are nobody's own."""
NOTICE: Final = {"fi": "tietosuojaseloste", "sv": "dataskyddsbeskrivning", "en": "privacy-notice"}
ARCHIVE: Final = {"fi": "arkisto", "sv": "arkiv", "en": "archive"}


def addresses_of(*, site: str, language: str, ref: UUID, stop_token: str = "") -> Addresses:
    """Give the addresses of one letter; without a token of the page that asks whose letters to stop.

    The site's address ends with a slash or without one.
    """
    base = site.rstrip("/")
    return Addresses(
        site=base,
        front=f"{base}/{language}/",
        stop=f"{base}/{STOP}/{stop_token}" if stop_token else f"{base}/{language}/{ASK_STOP[language]}/",
        notice=f"{base}/{language}/{NOTICE[language]}/",
        web=f"{base}/{language}/{ARCHIVE[language]}/{ref}/",
    )
