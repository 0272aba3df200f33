"""Masked addresses as the pages show them: dots for the eye, words for the ear."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from luvalla.rules.address import Address, masked


class Masked(NamedTuple):
    """A masked address: what is seen, and what a screen reader is told."""

    seen: str
    initial: str
    domain: str
    """Empty where it is hidden."""

    @property
    def html(self) -> SafeString:
        """The address as a page shows it, in the language that is active."""
        return format_html(
            '<span class="masked"><span aria-hidden="true">{}</span><span class="vh">{}</span></span>',
            self.seen,
            self._spoken(),
        )

    def _spoken(self) -> str:
        if self.domain:
            said = pgettext("address", "masked address, begins with %(initial)s, %(domain)s")
            return said % {"initial": self.initial, "domain": self.domain}
        return pgettext("address", "masked address, begins with %(initial)s") % {"initial": self.initial}


def mask(shown: str) -> Masked:
    """Take a masked address, as the register shows it, apart."""
    local, _, domain = shown.partition("@")
    return Masked(shown, local[:1], "" if domain.startswith("•") else domain)


def mask_own(address: Address) -> Masked:
    """Mask an address for the person who has just proved to read its mail: the domain is seen."""
    return mask(masked(address.text, show_domain=True))
