"""What every letter tells at its end: why one gets it, the way out, and who sends it (GDPR 14; 917/2014, 203)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.utils.translation import override, pgettext, pgettext_lazy

from luvalla.campaigns.rendering.content import Content, Grounds, Sender
from luvalla.organisation.models import Purpose
from luvalla.rules.purposes import PermissionKind

CLAUSES: Final = {
    PermissionKind.CUSTOMER: pgettext_lazy("you get this letter because", "you are our customer"),
    PermissionKind.LEGAL_ENTITY: pgettext_lazy(
        "you get this letter because", "you represent a company or an organisation"
    ),
    PermissionKind.CONSENT: pgettext_lazy("you get this letter because", "you have ordered our letters"),
    PermissionKind.SERVICE_MESSAGE: pgettext_lazy("you get this letter because", "you use our service"),
}
USUAL: Final = (PermissionKind.CUSTOMER, PermissionKind.LEGAL_ENTITY, PermissionKind.CONSENT)
"""What is told while an audience has no permissions yet."""


class Footer(NamedTuple):
    """The sentences and words of a letter's end, in the letter's language."""

    marketing: str
    """That this is marketing; empty where it isn't."""
    why: str
    source: str
    no_tracking: str
    stop: str
    notice: str
    web: str
    identity: tuple[str, str]
    """Name with business id, and postal address."""
    email: str


def footer_of(content: Content) -> Footer:
    """Give the end of a letter in its language."""
    with override(content.language):
        return Footer(
            marketing=pgettext("letter", "This is a marketing letter.") if content.is_marketing else "",
            why=why_sentence(content.grounds),
            source=source_sentence(content.grounds),
            no_tracking=pgettext("letter", "We don't track whether you open the letter or what you press in it."),
            stop=pgettext("letter", "Stop the letters"),
            notice=pgettext("letter", "Privacy notice"),
            web=pgettext("letter", "Read in the browser"),
            identity=identity_lines(content.sender),
            email=content.sender.email,
        )


def label_of(purpose: Purpose, language: str) -> str:
    """Say what kind of letter it is; of marketing that it is marketing, whatever its purpose is called."""
    with override(language):
        return pgettext("letter", "Marketing") if purpose.is_marketing else purpose.name_in(language)


def why_sentence(grounds: Grounds) -> str:
    """Say why one gets the letter, in the active language."""
    clauses = [str(CLAUSES[kind]) for kind in CLAUSES if kind in (grounds.kinds or USUAL)]
    return pgettext("letter", "You get this letter because %(reasons)s.") % {"reasons": either(clauses)}


def source_sentence(grounds: Grounds) -> str:
    """Say where the address is from, in the active language; nothing while no source is known."""
    if not grounds.sources:
        return ""
    return pgettext("letter", "Source of your address: %(sources)s.") % {"sources": either(grounds.sources)}


def either(words: Sequence[str]) -> str:
    """Join words as a choice: a, b or c."""
    if len(words) == 1:
        return words[0]
    return pgettext("a, b or c", "%(first)s or %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def identity_lines(sender: Sender) -> tuple[str, str]:
    """Give the controller's name with its business id, and its postal address."""
    return f"{sender.name}, {sender.business_id}", f"{sender.street}, {sender.postcode} {sender.city}"
