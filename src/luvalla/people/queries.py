"""Reading people: whether an account stands open, what it may do, and how the ledger names it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from luvalla.ledger.actors import Actor, person
from luvalla.people.models import Employer, Role, Undertaking, User
from luvalla.people.roles import SEES_ADDRESSES
from luvalla.rules.ports import Door, closed_by

MENDERS: Final = frozenset({Role.ADMINISTRATOR, Role.REGISTER_OWNER})
"""Who mends broken promises about accounts: none of them is ever shut out by one."""


class Closed(StrEnum):
    """Why an account does not open."""

    SWITCHED_OFF = "switched_off"
    NO_UNDERTAKING = "no_undertaking"
    UNDERTAKING_EXPIRED = "undertaking_expired"
    UNDERTAKING_REVOKED = "undertaking_revoked"
    CONTRACT_ENDED = "contract_ended"
    APPOINTMENT_ENDED = "appointment_ended"
    LEFT = "left"


def why_closed(user: User, now: datetime | None = None) -> Closed | None:
    """Tell why the account does not open, or None when it does. The one rule behind every door of the staff."""
    at = now or timezone.now()
    today = timezone.localdate(at)
    if user.left_on and user.left_on <= today:
        return Closed.LEFT
    if user.appointed_until and user.appointed_until < today:
        return Closed.APPOINTMENT_ENDED
    if user.employer and not has_contract(user.employer, today):
        return Closed.CONTRACT_ENDED
    return _undertaking_fault(user.undertaking, at) or (None if user.is_active else Closed.SWITCHED_OFF)


def has_contract(employer: Employer, today: date) -> bool:
    """Tell whether an employer's contract is in force: its own, and that of the processor it is recorded as."""
    if employer.contract_until and employer.contract_until < today:
        return False
    processor = employer.processor
    if processor is None:
        return True
    return processor.contract_from <= today and (processor.contract_until is None or processor.contract_until >= today)


def _undertaking_fault(undertaking: Undertaking | None, at: datetime) -> Closed | None:
    if undertaking is None:
        return Closed.NO_UNDERTAKING
    if undertaking.revoked_at:
        return Closed.UNDERTAKING_REVOKED
    if not undertaking.signed_at <= at < undertaking.valid_until:
        return Closed.UNDERTAKING_EXPIRED
    return None


def promises_shutting_out(user: User) -> tuple[str, ...]:
    """Name the broken promises that keep a person from signing in; none keeps those out who mend them."""
    broken = closed_by(Door.SIGN_IN)
    return () if not broken or MENDERS & set(roles_of(user)) else broken


def has_valid_undertaking(user: User | AnonymousUser, now: datetime | None = None) -> bool:
    """Tell whether the person has a valid undertaking of secrecy."""
    return isinstance(user, User) and _undertaking_fault(user.undertaking, now or timezone.now()) is None


def may(user: User | AnonymousUser, capability: str) -> bool:
    """Tell whether the account stands open and one of its roles holds the capability (roles.Capability)."""
    return isinstance(user, User) and why_closed(user) is None and user.has_perm(f"people.{capability}")


def may_see_addresses(user: User | AnonymousUser) -> bool:
    """Tell whether the account must have a second factor: whether it can reach addresses at all."""
    return any(may(user, each) for each in SEES_ADDRESSES)


def actor_of(user: User) -> Actor:
    """Name the user as the ledger does."""
    return person(user.ref)


def roles_of(user: User) -> tuple[Role, ...]:
    """Tell a user's roles in the order the roles are listed."""
    names = {group.name for group in user.groups.all()}
    return tuple(role for role in Role if role.value in names)


def accounts() -> QuerySet[User]:
    """Give all accounts with what decides whether they open, by name."""
    return (
        User.objects.select_related("undertaking", "employer__processor")
        .prefetch_related("groups")
        .order_by("full_name")
    )


def accounts_standing_open(now: datetime | None = None) -> QuerySet[User]:
    """Give the accounts that open now; the same rule as `why_closed`, said in SQL for counting and claims."""
    at = now or timezone.now()
    today = timezone.localdate(at)
    return User.objects.filter(
        Q(appointed_until=None) | Q(appointed_until__gte=today),
        Q(left_on=None) | Q(left_on__gt=today),
        Q(employer=None) | Q(employer__contract_until=None) | Q(employer__contract_until__gte=today),
        Q(employer__processor=None) | Q(employer__processor__contract_from__lte=today),
        Q(employer__processor__contract_until=None) | Q(employer__processor__contract_until__gte=today),
        is_active=True,
        undertaking__revoked_at=None,
        undertaking__signed_at__lte=at,
        undertaking__valid_until__gt=at,
    )


def language_of_officer(*, otherwise: str) -> str:
    """Tell in which language to write to the data protection officer; the other one where no such account is open."""
    officers = accounts_standing_open().filter(groups__name=Role.DATA_PROTECTION_OFFICER)
    return officers.order_by("pk").values_list("language", flat=True).first() or otherwise


def user_named(username: str) -> User | None:
    """Find an account by its user name, whatever its case."""
    return accounts().filter(username__iexact=username).first()


def user_of_ref(ref: str) -> User | None:
    """Find the account that the ledger names."""
    return User.objects.filter(ref=ref).first()


def employers() -> QuerySet[Employer]:
    """Give all employers by name."""
    return Employer.objects.order_by("name")
