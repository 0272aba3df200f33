"""Telling the data protection officer at once that a promise of the notice is broken."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import pgettext

from luvalla.ledger.actors import Actor
from luvalla.mailroom.actions import post_service_message
from luvalla.notices.doors import KEEPER
from luvalla.organisation.errors import NotSetUp
from luvalla.organisation.queries import the_controller
from luvalla.people.queries import language_of_officer
from luvalla.rules.address import NotAnAddress, normalise


def raise_alarm(broken: Sequence[str], *, actor: Actor) -> None:
    """Post a message to the data protection officer in the caller's transaction, once for each breach that begins."""
    if not broken:
        return
    try:
        controller = the_controller()
        address = normalise(controller.dpo_email)
    except (NotSetUp, NotAnAddress):
        return
    language = language_of_officer(otherwise=controller.default_language)
    with translation.override(language):
        subject = pgettext("alarm", "A promise of the privacy notice is broken: %(ids)s") % {"ids": ", ".join(broken)}
        text = "\n\n".join([KEEPER.sentence(broken), f"{controller.base_url.rstrip('/')}/staff/claims/"])
    post_service_message(
        kind="broken_promise",
        address=address,
        subject=subject,
        text=text,
        html="",
        language=language,
        actor=actor,
    )
