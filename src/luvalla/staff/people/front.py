"""What of this desk waits for somebody."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import npgettext, pgettext

from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.people.reviews import is_review_due
from luvalla.people.undertakings import without_countersignature
from luvalla.staff.parts import Clock, Waiting


def waiting(user: User) -> list[Waiting]:
    """Give the undertakings to countersign, and the review of access that is due."""
    return [*_countersignatures(user), *_review(user)]


def _countersignatures(user: User) -> list[Waiting]:
    if not may(user, "manage_users"):
        return []
    others = without_countersignature().exclude(user=user)
    count, first = others.count(), others.first()
    if first is None:
        return []
    about = npgettext(
        "front page",
        "%(count)d undertaking was signed and awaits you.",
        "%(count)d undertakings were signed and await you.",
        count,
    )
    do = pgettext("front page", "Countersign undertakings of secrecy")
    return [Waiting(do, about % {"count": count}, reverse("staff_people:person", args=[first.user.ref]))]


def _review(user: User) -> list[Waiting]:
    if not may(user, "review_access") or not is_review_due():
        return []
    about = pgettext("front page", "Half a year has gone by. Is every account still needed?")
    clock = Clock.until(timezone.localdate())
    return [Waiting(pgettext("front page", "Review who has access"), about, reverse("staff_people:review"), clock)]
