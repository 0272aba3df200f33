"""What the desk of imports tells the front page and the sidebar: what waits for whom."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import pgettext

from luvalla.people.models import User
from luvalla.people.queries import actor_of, may
from luvalla.people.roles import Capability
from luvalla.register.models import Batch
from luvalla.staff.parts import Clock, Waiting

State = Batch.State


def waiting(user: User) -> list[Waiting]:
    """Tell what waits for the person: imports to decide, and to release."""
    return [_waiting(each) for each in undecided_for(user)]


def imports_waiting(user: User) -> int:
    """Count what waits for the person at this desk."""
    return len(undecided_for(user))


def undecided_for(user: User) -> list[Batch]:
    """Give the imports that this person may decide or release now."""
    decides, releases, me = may(user, Capability.DECIDE_IMPORT), may(user, Capability.RELEASE_IMPORT), actor_of(user)
    if not decides and not releases:
        return []
    undecided = Batch.objects.filter(state__in=(State.STAGED, State.AWAITING_RELEASE)).select_related("source")
    return [
        each
        for each in undecided.order_by("pk")
        if (decides and each.state == State.STAGED and each.released_by != str(me))
        or (releases and each.state == State.AWAITING_RELEASE and each.brought_by != str(me))
    ]


def _waiting(batch: Batch) -> Waiting:
    if batch.state == State.AWAITING_RELEASE:
        do = pgettext("imports", "Release an import that loses many addresses")
    else:
        do = pgettext("imports", "Decide on an import")
    clock = Clock.until(batch.decide_by, since=batch.created_at) if batch.decide_by else None
    about = f"{batch.source} · {batch.file_name}" if batch.file_name else str(batch.source)
    return Waiting(do, about, reverse("staff_imports:import", args=[batch.pk]), clock)
