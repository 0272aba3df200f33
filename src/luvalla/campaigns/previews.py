"""What a letter will look like: as mail, on a phone, in dark, as plain text, and as a page of the archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, Protocol

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext, pgettext_lazy

from luvalla.campaigns.rendering.content import Content
from luvalla.campaigns.rendering.mail import render_mail
from luvalla.campaigns.rendering.styles import in_colours
from luvalla.campaigns.rendering.text import render_text
from luvalla.campaigns.rendering.web import render_web

# A preview shows a letter and does nothing: no script, no form, nothing from elsewhere but its pictures.
POLICY: Final = "default-src 'none'; img-src 'self' data: http: https:; style-src 'unsafe-inline'; frame-src 'self'"


class Mode(StrEnum):
    """How a letter is previewed."""

    MAIL = "mail"
    PHONE = "phone"
    DARK = "dark"
    TEXT = "text"
    WEB = "web"


LABELS: Final[Mapping[Mode, Promise]] = {
    Mode.MAIL: pgettext_lazy("preview", "As mail"),
    Mode.PHONE: pgettext_lazy("preview", "On a phone"),
    Mode.DARK: pgettext_lazy("preview", "In dark"),
    Mode.TEXT: pgettext_lazy("preview", "As plain text"),
    Mode.WEB: pgettext_lazy("preview", "As a web page"),
}


def preview_modes() -> list[tuple[str, Promise]]:
    """List the modes with their names, as the editor asks for them."""
    return [(mode.value, label) for mode, label in LABELS.items()]


class Looks(Protocol):
    """A letter that can be looked at: one that is being written, or a frozen one."""

    subject: str
    language: str
    site: str
    """The public site, whose pictures the letter shows."""

    def html(self) -> str:
        """Give the HTML part."""

    def text(self) -> str:
        """Give the plain text part."""

    def web(self) -> str:
        """Give the page of the archive."""


class Written:
    """A letter as it is being written."""

    def __init__(self, content: Content) -> None:
        """Keep what it is made from."""
        self.content, self.site = content, content.addresses.site
        self.subject, self.language = content.subject, content.language

    def html(self) -> str:
        """Render the HTML part."""
        return render_mail(self.content)

    def text(self) -> str:
        """Render the plain text part."""
        return render_text(self.content)

    def web(self) -> str:
        """Render the page of the archive."""
        return render_web(self.content)


def preview(letter: Looks, mode: str) -> HttpResponse:
    """Show a letter in a mode; an unknown one is shown as mail."""
    known = Mode(mode) if mode in {each.value for each in Mode} else Mode.MAIL
    page = _PAGES[known](letter)
    # The public site may be elsewhere, or not up yet; its pictures are here as well.
    response = HttpResponse(page.replace(f"{letter.site}{settings.MEDIA_URL}", settings.MEDIA_URL))
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _phone(letter: Looks) -> str:
    html = in_colours(letter.html(), dark=False)
    words = {"title": pgettext("preview", "The letter on a phone"), "language": get_language() or "en", "html": html}
    return render_to_string("campaigns/phone.html", words)


def _plain(letter: Looks) -> str:
    return render_to_string("campaigns/plain.html", {"letter": letter, "text": letter.text()})


_PAGES: Final[Mapping[Mode, Callable[[Looks], str]]] = {
    Mode.MAIL: lambda letter: in_colours(letter.html(), dark=False),
    Mode.PHONE: _phone,
    Mode.DARK: lambda letter: in_colours(letter.html(), dark=True),
    Mode.TEXT: _plain,
    Mode.WEB: lambda letter: letter.web(),
}
