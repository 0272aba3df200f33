"""Reminders by mail that an undertaking or an appointment runs out: to the person, and to who manages the accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import pgettext

from luvalla.jobs.port import periodic
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.actions import post_service_message
from luvalla.people.models import User
from luvalla.people.queries import accounts_standing_open, may
from luvalla.people.roles import Capability
from luvalla.rules.address import normalise
from luvalla.staff import formats

VERB: Final = "people.remind_of_end"
DAYS_BEFORE: Final = (7, 30)


class What(StrEnum):
    """What runs out."""

    UNDERTAKING = "undertaking"
    APPOINTMENT = "appointment"


class Ending(NamedTuple):
    """Something of a person that runs out on a day, and the reminder that is due: so many days before at most."""

    user: User
    what: What
    on: date
    days: int

    def facts(self) -> dict[str, object]:
        """Say it as the ledger does."""
        return {"what": self.what.value, "on": self.on.isoformat(), "days": self.days}


@periodic("people.remind_of_ends", seconds=3600)
def remind_of_ends() -> int:
    """Remind of everything that runs out within 30 and within 7 days, once each; tells how many reminders were due."""
    due = list(_endings(timezone.localdate()))
    managers = [each for each in accounts_standing_open() if may(each, Capability.MANAGE_USERS)] if due else []
    return sum(_remind(each, managers) for each in due)


def _endings(today: date) -> Iterator[Ending]:
    for user in accounts_standing_open().select_related("undertaking").order_by("pk"):
        assert user.undertaking is not None  # the account stands open by it
        ends = {What.UNDERTAKING: timezone.localdate(user.undertaking.valid_until)}
        if user.appointed_until:
            ends[What.APPOINTMENT] = user.appointed_until
        for what, on in ends.items():
            days = next((each for each in DAYS_BEFORE if (on - today).days <= each), None)
            if days is not None:
                yield Ending(user, what, on, days)


@transaction.atomic
def _remind(ending: Ending, managers: list[User]) -> int:
    subject = Subject("user", str(ending.user.ref))
    told = LedgerRow.objects.filter(subject_kind=subject.kind, subject_ref=subject.ref, verb=VERB)
    if ending.facts() in list(told.values_list("facts", flat=True)):
        return 0
    _post(ending, ending.user)
    for manager in managers:
        if manager != ending.user:
            _post(ending, manager)
    record(VERB, actor=SYSTEM, subject=subject, facts=ending.facts())
    return 1


def _post(ending: Ending, to: User) -> None:
    """Post one reminder in the addressee's language. No name stands in it but that of the person it is about."""
    with translation.override(to.language):
        own = to == ending.user
        place = reverse("account_sign_undertaking") if own else reverse("staff_people:person", args=[ending.user.ref])
        said = _own_words(ending) if own else _managers_words(ending)
        post_service_message(
            kind="reminder_of_end",
            address=normalise(to.email),
            subject=_subject(ending.what),
            text=f"{said}\n\n{settings.BASE_URL}{place}\n",
            html="",
            language=to.language,
            actor=SYSTEM,
        )


def _subject(what: What) -> str:
    if what is What.UNDERTAKING:
        return pgettext("reminder of an end", "An undertaking of secrecy runs out")
    return pgettext("reminder of an end", "An appointment ends")


def _own_words(ending: Ending) -> str:
    if ending.what is What.UNDERTAKING:
        said = pgettext(
            "reminder of an end",
            "%(name)s, your undertaking of secrecy is in force until %(day)s. Sign it anew before that: without one "
            "your account opens nothing.",
        )
    else:
        said = pgettext(
            "reminder of an end",
            "%(name)s, your appointment to work with the register ends on %(day)s, and your account shuts then. If the "
            "work goes on, ask whoever looks after the accounts to renew it.",
        )
    return said % {"name": ending.user.full_name, "day": formats.day(ending.on)}


def _managers_words(ending: Ending) -> str:
    if ending.what is What.UNDERTAKING:
        said = pgettext(
            "reminder of an end",
            "The undertaking of secrecy of %(name)s is in force until %(day)s. If it isn't signed anew by then, the "
            "account shuts. The person was reminded too.",
        )
    else:
        said = pgettext(
            "reminder of an end",
            "The appointment of %(name)s ends on %(day)s, and the account shuts then. If the work goes on, renew the "
            "appointment. The person was reminded too.",
        )
    return said % {"name": ending.user.full_name, "day": formats.day(ending.on)}
