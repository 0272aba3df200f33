"""Many prints about people by one person: each hundred of a day after the first needs a second person's release."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import pgettext

from luvalla.ledger.actions import Subject
from luvalla.ledger.models import LedgerRow
from luvalla.paper.models import PaperItem
from luvalla.people.models import Release, User
from luvalla.people.queries import actor_of
from luvalla.people.releases import ALONE_AT_MOST, ask_for_release, release_to_use, use_release

VERB: Final = "paper.record_print"
SUBJECT: Final = Subject("prints")
ABOUT_PEOPLE: Final = (PaperItem.Kind.CASE.value, PaperItem.Kind.ATTACHMENT.value)
PURPOSE: Final = "request"
DAY: Final = timedelta(days=1)


def waits_for_release(user: User, reason: str) -> bool:
    """Tell whether a person may print nothing more about people before another one releases it.

    The other one is asked then, with the reason as it was typed.
    """
    since = timezone.now() - DAY
    prints = LedgerRow.objects.filter(verb=VERB, actor=str(actor_of(user)), at__gt=since)
    printed = prints.filter(facts__kind__in=ABOUT_PEOPLE).count()
    released = Release.objects.filter(verb=VERB, asked_by=user, used_at__gt=since).count()
    if printed < ALONE_AT_MOST * (1 + released):
        return False
    release = release_to_use(verb=VERB, subject=SUBJECT, purpose=PURPOSE, by=user)
    if release is not None:
        use_release(release=release, by=user, count=ALONE_AT_MOST)
        return False
    ask_for_release(verb=VERB, subject=SUBJECT, count=ALONE_AT_MOST, purpose=PURPOSE, reason=reason, by=user)
    return True


def waiting_sentence() -> str:
    """Say that a second person was asked."""
    said = pgettext(
        "paper",
        "You have printed %(most)s letters about people within a day. A second person was asked to release the next "
        "%(most)s; print again when they have.",
    )
    return said % {"most": ALONE_AT_MOST}
