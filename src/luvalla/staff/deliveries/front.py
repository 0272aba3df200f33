"""What the desk of deliveries tells the front page and the sidebar: letters that are held."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import pgettext

from luvalla.campaigns.models import Lifecycle
from luvalla.mailroom.models import Hold
from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.people.roles import Capability
from luvalla.staff.parts import Waiting

State = Lifecycle.State
WAITING_STATES = (State.APPROVED, State.SCHEDULED, State.SENDING, State.PAUSED)


def waiting(user: User) -> list[Waiting]:
    """Tell the person which letters can't leave until something is mended."""
    if not may(user, Capability.SEND_CAMPAIGN):
        return []
    held = Hold.objects.filter(campaign__lifecycle__state__in=WAITING_STATES).select_related("campaign")
    return [
        Waiting(
            do=pgettext("deliveries", "Find out why a letter doesn't leave"),
            about=each.campaign.subject,
            url=reverse("staff_deliveries:campaign", args=[each.campaign_id]),
        )
        for each in held.order_by("since")
    ]


def held_campaigns(user: User) -> int:
    """Count the letters that are held, for those who may do something about it."""
    return len(waiting(user))
