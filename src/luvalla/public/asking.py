"""Messages that the site sends because somebody typed an address: a question, never a letter.

They go to every address alike, known, unknown or stopped, so nobody learns from the site whose address it has; and only
a few a day to one mailbox, so nobody can fill another's with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext

from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import keyring, sealer
from luvalla.mailroom.actions import post_service_message
from luvalla.mailroom.models import ServiceMessage
from luvalla.organisation.models import Controller
from luvalla.organisation.queries import the_controller
from luvalla.public.formats import day, moment
from luvalla.public.masking import mask_own
from luvalla.public.paths import path_of
from luvalla.public.purposes import Choice
from luvalla.public.wording import as_given
from luvalla.register.links import make_stop_token
from luvalla.register.queries import find_contact
from luvalla.register.sign_up import ask, confirmation_token
from luvalla.rules.address import Address

SIGN_UP: Final = "sign_up"
STOP_LINK: Final = "stop_link"
MOST_A_DAY: Final = 3
"""Messages of one kind that one mailbox is sent in 24 hours."""


@transaction.atomic
def send_confirmation(
    *, address: Address, chosen: Sequence[Choice], letters_in: str, language: str, notice_version: int, actor: Actor
) -> None:
    """Keep a sign-up and ask its mailbox whether it was meant; nothing when it was asked often enough today."""
    if _was_asked_enough(address, SIGN_UP):
        return
    controller = the_controller()
    wording = as_given(controller.sender_name, chosen)
    pending = ask(
        address=address,
        purposes=[each.key for each in chosen],
        language=letters_in,
        wording=wording,
        notice_version=notice_version,
        actor=actor,
    )
    context = {
        "asked_at": moment(pending.created_at, language),
        "expires_on": day(pending.expires_at, language),
        "chosen": chosen,
        "wording": wording.partition("\n")[0],
        "link": _on_site(controller, path_of("confirm", language, token=confirmation_token(pending))),
    }
    subject = pgettext("mail", "Confirm your subscription: %(sender)s") % {"sender": controller.sender_name}
    _post(SIGN_UP, address, subject, context, language=language, actor=actor)


@transaction.atomic
def send_stop_link(*, address: Address, language: str, actor: Actor) -> None:
    """Send a mailbox its stop link, or the word that there is nothing to stop; nothing when it had enough today."""
    if _was_asked_enough(address, STOP_LINK):
        return
    controller = the_controller()
    context = {"address": mask_own(address).seen, "link": _stop_link(controller, address, language)}
    subject = pgettext("mail", "Stopping the letters: %(sender)s") % {"sender": controller.sender_name}
    _post(STOP_LINK, address, subject, context, language=language, actor=actor)


def _was_asked_enough(address: Address, kind: str) -> bool:
    folded, since = sealer().folded_token(address), timezone.now() - timedelta(days=1)
    return ServiceMessage.objects.filter(folded=folded, kind=kind, created_at__gte=since).count() >= MOST_A_DAY


def _stop_link(controller: Controller, address: Address, language: str) -> str:
    contact = find_contact(address)
    if contact is None:
        return ""
    token = make_stop_token(contact_id=contact.pk, exact_token=bytes(contact.token), campaign_id=0, keyring=keyring())
    return _on_site(controller, f"{reverse('public:stop', kwargs={'token': token})}?language={language}")


def _on_site(controller: Controller, path: str) -> str:
    return controller.base_url.rstrip("/") + path


def _post(
    kind: str, address: Address, subject: str, context: Mapping[str, object], *, language: str, actor: Actor
) -> None:
    controller = the_controller()
    frame = {
        **context,
        "controller": controller,
        "language": language,
        "subject": subject,
        "notice": _on_site(controller, path_of("notice", language)),
        "sign_up": _on_site(controller, path_of("sign_up", language)),
    }
    post_service_message(
        kind=kind,
        address=address,
        subject=subject,
        text=render_to_string(f"public/mail/{kind}.txt", frame),
        html=render_to_string(f"public/mail/{kind}.html", frame).lstrip(),
        language=language,
        actor=actor,
    )
