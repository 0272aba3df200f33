"""Employers of the people with accounts, with their contracts; and the organisation's mailboxes."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.organisation.models import Processor
from luvalla.people.errors import NoSuchUse, NotAnEmployer
from luvalla.people.models import Employer, Mailbox, User
from luvalla.people.queries import why_closed

OUTSIDERS: Final = frozenset({Employer.PROCESSOR, Employer.PARTNER})


@transaction.atomic
def record_employer(
    *,
    name: str,
    kind: str,
    actor: Actor,
    contract_reference: str = "",
    contract_until: date | None = None,
    processor: Processor | None = None,
) -> Employer:
    """Record an employer, or what has changed about it; accounts of an employer whose contract has ended are shut.

    kind is controller, processor or partner; one that isn't the controller needs a contract. Raises NotAnEmployer.
    """
    employer = Employer.objects.filter(name__iexact=name.strip()).first() or Employer(name=name.strip())
    employer.kind, employer.processor = kind, processor
    employer.contract_reference = contract_reference.strip() or (processor.contract_reference if processor else "")
    employer.contract_until = contract_until
    if kind in OUTSIDERS and not employer.contract_reference:
        raise NotAnEmployer
    try:
        employer.full_clean()
    except ValidationError:
        raise NotAnEmployer from None
    employer.save()
    until = contract_until.isoformat() if contract_until else ""
    facts = {"kind": kind, "until": until}
    record("people.record_employer", actor=actor, subject=Subject("employer", str(employer.pk)), facts=facts)
    return employer


@transaction.atomic
def record_mailbox(*, address: str, kind: str, note: str, actor: Actor) -> Mailbox:
    """Put a mailbox of the organisation on the list, or change what is said of it."""
    mailbox, _ = Mailbox.objects.update_or_create(
        address=address.strip().lower(), defaults={"kind": kind, "note": " ".join(note.split())}
    )
    record("people.record_mailbox", actor=actor, subject=_subject(mailbox), facts={"kind": kind})
    return mailbox


@transaction.atomic
def set_mailbox_users(*, mailbox: Mailbox, users: list[User], actor: Actor) -> None:
    """Say who may use a mailbox: only people whose accounts stand open, under the same undertaking (claim S23)."""
    if any(why_closed(each) for each in users):
        raise NoSuchUse
    mailbox.users.set(users)
    facts = {"users": sorted(str(each.ref) for each in users)}
    record("people.set_mailbox_users", actor=actor, subject=_subject(mailbox), facts=facts)


@transaction.atomic
def remove_mailbox(*, mailbox: Mailbox, actor: Actor) -> None:
    """Take a mailbox that isn't used any more off the list."""
    record("people.remove_mailbox", actor=actor, subject=_subject(mailbox))
    mailbox.delete()


def mailboxes() -> QuerySet[Mailbox]:
    """Give the organisation's mailboxes with their users."""
    users = "users__undertaking", "users__employer__processor"
    return Mailbox.objects.prefetch_related("users", *users).order_by("kind", "address")


def users_who_may_not() -> int:
    """Count the uses of mailboxes by people whose accounts don't stand open."""
    return sum(why_closed(each) is not None for mailbox in mailboxes() for each in mailbox.users.all())


def _subject(mailbox: Mailbox) -> Subject:
    return Subject("mailbox", str(mailbox.pk))
