"""How long people are kept: employment and three years more. Then nothing but the account's random ref is left."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from luvalla.jobs.port import periodic
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.people.actions import shut_leavers
from luvalla.people.models import ReadingAlarm, Release, Session, User
from luvalla.people.names import (
    FORGOTTEN,
    forget_name,
    forget_names_of_forgotten,
    forget_undertakings,
    reviews_of_forgotten,
)
from luvalla.people.queries import accounts_standing_open
from luvalla.rules.ports import Keeping
from luvalla.rules.retention import ACCESS_LOG

KEPT: Final = timedelta(days=3 * 365 + 1)
"""After the person has left: the time in which a breach of secrecy can come up."""
SIGN_IN: Final[tuple[type[Model], ...]] = (Authenticator, EmailAddress, SocialAccount)
"""What sign-in keeps beside an account: second factors, mailboxes once more, and the directory's name of the person."""


def _forget_all(now: datetime) -> int:
    forgotten = sum(_forget(user) for user in past_retention(timezone.localdate(now)))
    with transaction.atomic():
        return forgotten + forget_names_of_forgotten()


def _still_known(now: datetime) -> int:
    return past_retention(timezone.localdate(now)).count() + reviews_of_forgotten().count()


def _old_releases(now: datetime) -> QuerySet[Release]:
    return Release.objects.filter(asked_at__lt=now - ACCESS_LOG)


def _old_alarms(now: datetime) -> QuerySet[ReadingAlarm]:
    return ReadingAlarm.objects.filter(raised_at__lt=now - ACCESS_LOG)


def _ended_sessions(now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=now)


KEEPINGS: Final = (
    Keeping("leavers", _still_known, _forget_all, kept=KEPT),
    Keeping(
        "releases",
        lambda now: _old_releases(now).count(),
        lambda now: _old_releases(now).delete()[0],
        kept=ACCESS_LOG,
    ),
    Keeping(
        "reading_alarms",
        lambda now: _old_alarms(now).count(),
        lambda now: _old_alarms(now).delete()[0],
        kept=ACCESS_LOG,
    ),
    Keeping(
        "sessions",
        lambda now: _ended_sessions(now).count(),
        lambda now: _ended_sessions(now).delete()[0],
        late=timedelta(days=2),
    ),
)
"""What is kept of people for a time."""


@periodic("people.forget_leavers", seconds=6 * 3600)
def forget_leavers() -> int:
    """Forget who left more than three years ago; tells how many were forgotten."""
    return _forget_all(timezone.now())


@periodic("people.end_shut_sessions", seconds=300)
def end_shut_sessions() -> int:
    """Shut leavers whose day has come; end the sessions of accounts that time has shut, and those that have run out."""
    shut_leavers(actor=SYSTEM)
    shut = Session.objects.exclude(user=None).exclude(user__in=accounts_standing_open())
    return shut.delete()[0] + _ended_sessions(timezone.now()).delete()[0]


def past_retention(today: date) -> QuerySet[User]:
    """Give the accounts whose people's work ended more than three years before that day.

    It ended when they left, or with their appointment or their employer's contract where nobody recorded that they did.
    """
    last = today - KEPT
    ended = Q(appointed_until__lt=last) | Q(employer__contract_until__lt=last)
    ended |= Q(employer__processor__contract_until__lt=last)
    gone = Q(left_on__lt=last) | (Q(left_on=None) & ended)
    return User.objects.filter(gone).exclude(email__endswith=FORGOTTEN)


@transaction.atomic
def _forget(user: User) -> int:
    forget_name(user)
    user.undertaking = None
    user.is_active = False
    user.username = user.full_name = str(user.ref)
    user.email = f"{user.ref}@{FORGOTTEN}"
    user.appointed_by = user.appointed_for = ""
    user.set_unusable_password()
    user.left_on = user.left_on or timezone.localdate()
    user.last_login = None
    user.save()
    user.groups.clear()
    user.mailboxes.clear()
    profile = getattr(user, "wagtail_userprofile", None)
    if profile is not None:
        profile.avatar.delete(save=False)
        profile.delete()
    for model in SIGN_IN:
        model._default_manager.filter(user=user).delete()  # noqa: SLF001  # Django's documented model API
    count = forget_undertakings(user)
    subject = Subject("user", str(user.ref))
    record("people.forget_leaver", actor=SYSTEM, subject=subject, facts={"undertakings": count})
    return 1
