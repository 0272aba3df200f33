"""What of the records waits for somebody: breaches with their clock, and balancing tests about to run out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import npgettext, pgettext

from luvalla.organisation.authorities import authorities
from luvalla.organisation.breaches import authority_waits, due_of, open_breaches
from luvalla.organisation.models import BalancingTest
from luvalla.organisation.queries import purposes
from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.rules.purposes import LegalBasis
from luvalla.staff import formats
from luvalla.staff.parts import Clock, Waiting

LOOK_AGAIN: Final = timedelta(days=150)
"""Authorities are compared with their pages a month before claims S45 and S46 are in doubt, at 180 days."""
REMIND: Final = timedelta(days=60)
"""A balancing test is made anew two months before the old one runs out: expired, it closes sending."""


def waiting(user: User) -> list[Waiting]:
    """Tell what waits for the person at this desk."""
    return [*_breaches(user), *_tests(user), *_authorities(user)]


def records_waiting(user: User) -> int:
    """Count it."""
    return len(waiting(user))


def _breaches(user: User) -> Iterator[Waiting]:
    for each in open_breaches() if may(user, "handle_requests") else ():
        url, due = reverse("staff_records:breach", args=[each.ref]), due_of(each)
        if authority_waits(each):
            by = pgettext("records", "by %(when)s") % {"when": formats.moment(due)}
            do = pgettext("records", "Tell the authority of a breach")
            about = pgettext("records", "Hours count, also at night and on holidays.")
            yield Waiting(do, about, url, Clock.until(due, since=each.aware_at, note=by))
        else:
            do = pgettext("records", "Finish the record of a breach")
            yield Waiting(do, pgettext("records", "The authority has been told, or need not be."), url)


def _tests(user: User) -> Iterator[Waiting]:
    if not may(user, "change_settings"):
        return
    for purpose in purposes():
        newest = BalancingTest.objects.filter(purpose=purpose).order_by("-expires_at").first()
        needs_one = purpose.basis == LegalBasis.LEGITIMATE_INTEREST
        if needs_one and newest and newest.expires_at <= timezone.now() + REMIND:
            do = pgettext("records", "Make a balancing test anew")
            about = pgettext("records", "%(purpose)s: when it runs out, its letters stop.") % {"purpose": purpose}
            url = reverse("staff_records:record", args=["balancing-tests"])
            yield Waiting(do, about, url, Clock.until(newest.expires_at, since=newest.expires_at - REMIND))


def _authorities(user: User) -> Iterator[Waiting]:
    """Remind the data protection officer: where people can complain has to be right (GDPR 13(2)(d), 39(1)(b))."""
    if not may(user, "give_opinion"):
        return
    since = timezone.localdate() - LOOK_AGAIN
    due = sum(each.verified_on is None or each.verified_on < since for each in authorities().values())
    if due:
        said = npgettext(
            "records",
            "Compare %(count)s authority with its own page",
            "Compare %(count)s authorities with their pages",
            due,
        )
        about = pgettext("records", "The notice names where people can complain. It should be right.")
        yield Waiting(said % {"count": due}, about, reverse("staff_records:authorities"))
