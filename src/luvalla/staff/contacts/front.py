"""What of this desk waits for somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils.translation import npgettext, pgettext

from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.register.source_notices import open_notices
from luvalla.staff.formats import number
from luvalla.staff.parts import Clock, Waiting

SOON_ENOUGH: Final = timedelta(days=7)
"""A source should hear of a stop before its next export."""


def waiting(user: User) -> list[Waiting]:
    """Give the notices for sources, for whoever handles them."""
    if not may(user, "handle_source_notices"):
        return []
    count, oldest = open_notices().count(), open_notices().first()
    if oldest is None:
        return []
    about = npgettext(
        "front page",
        "%(count)s withdrawal or prohibition must reach the system the address came from.",
        "%(count)s withdrawals or prohibitions must reach the system the addresses came from.",
        count,
    )
    clock = Clock.until(oldest.created_at + SOON_ENOUGH, since=oldest.created_at)
    do = pgettext("front page", "Tell the sources about the stops")
    return [Waiting(do, about % {"count": number(count)}, reverse("staff_contacts:notices"), clock)]
