"""The word to a mailbox that was named as somebody's right address: a confirmation, and no letter.

It is the same whether the mailbox gets letters from now on or was stopped by its owner before, so that neither the one
who asked nor its reader learns anything; and it comes once for each correction, and no more than once a day.
"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Final

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import pgettext

from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.mailroom.actions import post_service_message
from luvalla.mailroom.models import ServiceMessage
from luvalla.organisation.queries import the_controller
from luvalla.rules.address import Address

KIND: Final = "correction"
ONCE_IN: Final = timedelta(days=1)


@transaction.atomic
def confirm_correction(*, to: Address, language: str, actor: Actor) -> ServiceMessage | None:
    """Tell a mailbox that it was named as the right address; None when it was told within the last day."""
    folded, since = sealer().folded_token(to), timezone.now() - ONCE_IN
    if ServiceMessage.objects.filter(folded=folded, kind=KIND, created_at__gte=since).exists():
        return None
    with translation.override(language):
        subject, paragraphs = _subject(), _paragraphs()
    return post_service_message(
        kind=KIND,
        address=to,
        subject=subject,
        text="\n\n".join(paragraphs),
        html="".join(f"<p>{escape(each)}</p>" for each in paragraphs),
        language=language,
        actor=actor,
    )


def _subject() -> str:
    return pgettext("mail", "Your address was corrected: %(sender)s") % {"sender": the_controller().sender_name}


def _paragraphs() -> list[str]:
    controller = the_controller()
    said = [
        pgettext(
            "mail", "This address was given to us as the right one in place of another. You need not do anything."
        ),
        pgettext(
            "mail",
            "If you have stopped our letters earlier, they stay stopped. If you would like to have them, "
            "you can subscribe yourself: %(site)s",
        ),
        pgettext("mail", "If somebody has given your address by mistake, tell us by answering this message."),
        "%(name)s",
    ]
    return [each % {"site": controller.base_url, "name": controller.name} for each in said]
