"""Writing people: accounts, their undertakings of secrecy, and their ends. Each with its row in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.erasures import Entry, Operation
from luvalla.organisation.models import Controller
from luvalla.people.errors import (
    AccountExists,
    HasLeft,
    NotTheirName,
    SharedName,
    UndertakingMissing,
    UnknownRole,
    WeakPassword,
)
from luvalla.people.models import Employer, Role, Session, Undertaking, UndertakingText, User
from luvalla.people.shared_names import is_shared_name
from luvalla.people.versions import counts_until, current_text


class Appointment(NamedTuple):
    """Who appoints a person, for what, from when and until when."""

    by: str = ""
    purpose: str = ""
    on: date | None = None
    until: date | None = None


@transaction.atomic
def add_user(
    *,
    username: str,
    email: str,
    full_name: str,
    actor: Actor,
    roles: Iterable[str] = (),
    language: str = "fi",
    employer: Employer | None = None,
    password: str | None = None,
    appointment: Appointment | None = None,
) -> User:
    """Make one person's account. It opens nothing until an undertaking of secrecy is recorded.

    Raises SharedName, AccountExists, UnknownRole or WeakPassword. Without an employer the person works for the
    controller itself; without an appointment it is the controller who appoints, for as long as the work lasts.
    """
    for name in (username, email.partition("@")[0]):
        if is_shared_name(name):
            raise SharedName(name)
    if User.objects.filter(Q(username__iexact=username) | Q(email__iexact=email)).exists():
        raise AccountExists
    user = User(
        username=username,
        email=email.strip().lower(),
        full_name=" ".join(full_name.split()),
        language=language,
        employer=employer or _controller_as_employer(),
    )
    _appoint(user, appointment or Appointment())
    _set_password(user, password)
    user.save()
    user.groups.set(_groups(roles))
    record("people.add_user", actor=actor, subject=_subject(user), facts={"roles": sorted(roles)})
    return user


@transaction.atomic
def appoint(*, user: User, appointment: Appointment, actor: Actor) -> None:
    """Record who appoints the person now, for what and until when (claim S23); it opens again what time had shut."""
    _appoint(user, appointment)
    user.save(update_fields=["appointed_by", "appointed_for", "appointed_on", "appointed_until"])
    until = user.appointed_until.isoformat() if user.appointed_until else ""
    record("people.appoint", actor=actor, subject=_subject(user), reason=user.appointed_for, facts={"until": until})


@transaction.atomic
def close_account(*, user: User, reason: str, actor: Actor, left_on: date | None = None) -> int:
    """Shut the account of somebody who has left, for good, and end its sessions; tells how many there were.

    The undertaking goes on binding the person. A day to come shuts the account only then. HasLeft when they had left
    before: the time for which their particulars are kept runs from the first day on.
    """
    if user.left_on and user.left_on <= timezone.localdate():
        raise HasLeft
    user.left_on = left_on or timezone.localdate()
    user.is_active = user.is_active and user.left_on > timezone.localdate()
    user.save(update_fields=["left_on", "is_active"])
    ended = 0 if user.is_active else _end_sessions(user)
    user.mailboxes.clear()
    if not user.is_active:
        erasures.append([Entry(Operation.CLOSE, (), value=str(user.ref))])
    facts = {"left_on": user.left_on.isoformat(), "sessions_ended": ended}
    record("people.close_account", actor=actor, subject=_subject(user), reason=reason, facts=facts)
    return ended


@transaction.atomic
def shut_leavers(*, actor: Actor) -> int:
    """Shut the accounts of those whose last day has passed, and end their sessions; tells how many there were.

    The door has refused them since that day; from now on a backup of an earlier day does, too.
    """
    gone = list(User.objects.filter(left_on__lte=timezone.localdate(), is_active=True))
    for user in gone:
        user.is_active = False
        user.save(update_fields=["is_active"])
        erasures.append([Entry(Operation.CLOSE, (), value=str(user.ref))])
        facts = {"sessions_ended": _end_sessions(user)}
        record("people.shut_leaver", actor=actor, subject=_subject(user), facts=facts)
    return len(gone)


@transaction.atomic
def set_roles(*, user: User, roles: Iterable[str], actor: Actor) -> None:
    """Give the person exactly these roles; UnknownRole for one that isn't."""
    user.groups.set(_groups(roles))
    record("people.set_roles", actor=actor, subject=_subject(user), facts={"roles": sorted(roles)})


@transaction.atomic
def set_password(*, user: User, password: str, actor: Actor) -> None:
    """Give the account a new password and end its sessions; WeakPassword with the reasons when it can be guessed."""
    _set_password(user, password)
    user.save(update_fields=["password"])
    ended = _end_sessions(user)
    record("people.set_password", actor=actor, subject=_subject(user), facts={"sessions_ended": ended})


@transaction.atomic
def set_language(*, user: User, language: str, actor: Actor) -> None:
    """Speak another language to the person from now on: fi, sv or en."""
    user.language = language
    user.save(update_fields=["language"])
    record("people.set_language", actor=actor, subject=_subject(user), facts={"language": language})


@transaction.atomic
def record_undertaking(
    *,
    user: User,
    typed_name: str,
    language: str,
    actor: Actor,
    text: UndertakingText | None = None,
    signed_at: datetime | None = None,
    method: str = Undertaking.ON_PAPER,
    countersigned_by: str = "",
) -> Undertaking:
    """Record that the person has signed the undertaking of secrecy, now or earlier on paper, and open the account.

    The typed name must be the account's full name (case and spaces aside): NotTheirName otherwise. What was signed is
    the text in force on that day, unless another is given; it is kept by its version and the SHA-256 of the text in the
    language it was read in. HasLeft when the person has left.
    """
    if user.left_on and user.left_on <= timezone.localdate():
        raise HasLeft
    if " ".join(typed_name.split()).casefold() != user.full_name.casefold():
        raise NotTheirName
    moment = signed_at or timezone.now()
    signed = text or current_text(timezone.localdate(moment))
    undertaking = Undertaking.objects.create(
        user=user,
        text=signed,
        language=language,
        typed_name=" ".join(typed_name.split()),
        text_hash=hashlib.sha256(getattr(signed, f"text_{language}").encode()).hexdigest(),
        signed_at=moment,
        valid_until=counts_until(signed, moment),
        recorded_by=str(actor),
        method=method,
        countersigned_by=countersigned_by,
        countersigned_at=timezone.now() if countersigned_by else None,
    )
    user.undertaking, user.is_active = undertaking, True
    user.save(update_fields=["undertaking", "is_active"])
    facts = {"version": signed.version, "language": language, "until": undertaking.valid_until.date().isoformat()}
    record("people.record_undertaking", actor=actor, subject=_subject(user), facts=facts)
    return undertaking


@transaction.atomic
def revoke_undertaking(*, user: User, reason: str, actor: Actor) -> Undertaking:
    """Take the undertaking out of force: the account shuts and its live sessions end in the same transaction.

    Raises UndertakingMissing when there is none in force.
    """
    undertaking = user.undertaking
    if undertaking is None or undertaking.revoked_at:
        raise UndertakingMissing
    undertaking.revoked_at = timezone.now()
    undertaking.save(update_fields=["revoked_at"])
    user.is_active = False
    user.save(update_fields=["is_active"])
    ended = _end_sessions(user)
    erasures.append([Entry(Operation.REVOKE, (), value=str(user.ref))])
    facts = {"version": undertaking.text.version, "sessions_ended": ended}
    record("people.revoke_undertaking", actor=actor, subject=_subject(user), reason=reason, facts=facts)
    return undertaking


@transaction.atomic
def end_contract(*, employer: Employer, actor: Actor) -> int:
    """End an employer's contract yesterday: its accounts shut, their sessions end. Tells how many accounts it had."""
    employer.contract_until = timezone.localdate() - timedelta(days=1)
    employer.save(update_fields=["contract_until"])
    people = list(employer.people.all())
    ended = sum(_end_sessions(each) for each in people)
    facts = {"accounts": len(people), "sessions_ended": ended}
    record("people.end_contract", actor=actor, subject=Subject("employer", str(employer.pk)), facts=facts)
    return len(people)


@transaction.atomic
def end_sessions(*, user: User, actor: Actor) -> int:
    """End every session of an account; tells how many there were."""
    ended = _end_sessions(user)
    record("people.end_sessions", actor=actor, subject=_subject(user), facts={"sessions_ended": ended})
    return ended


@transaction.atomic
def end_session(*, session: Session, actor: Actor) -> None:
    """End one session of an account."""
    user = session.user
    session.delete()
    if user is not None:
        record("people.end_sessions", actor=actor, subject=_subject(user), facts={"sessions_ended": 1})


@transaction.atomic
def forget_directory(*, user: User, actor: Actor) -> bool:
    """Let the directory's next sign-in with the person's mailbox open the account, whoever it calls the person.

    Tells whether the account knew its person by a name of the directory; its sessions end.
    """
    if not SocialAccount.objects.filter(user=user).delete()[0]:
        return False
    facts = {"sessions_ended": _end_sessions(user)}
    record("people.forget_directory", actor=actor, subject=_subject(user), facts=facts)
    return True


def _appoint(user: User, appointment: Appointment) -> None:
    controller = Controller.objects.first()
    user.appointed_by = " ".join(appointment.by.split()) or (controller.name if controller else "")
    user.appointed_for = " ".join(appointment.purpose.split())
    user.appointed_on = appointment.on or timezone.localdate()
    user.appointed_until = appointment.until


def _set_password(user: User, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as fault:
            raise WeakPassword(fault.messages) from None
    user.set_password(password)


def _groups(roles: Iterable[str]) -> list[Group]:
    names = set(roles)
    if names - {role.value for role in Role}:
        raise UnknownRole(", ".join(sorted(names - {role.value for role in Role})))
    return [Group.objects.get_or_create(name=name)[0] for name in sorted(names)]


def _controller_as_employer() -> Employer | None:
    controller = Controller.objects.first()
    if controller is None:
        return None
    employer, _ = Employer.objects.get_or_create(kind=Employer.CONTROLLER, defaults={"name": controller.name})
    return employer


def _end_sessions(user: User) -> int:
    return Session.objects.filter(user=user).delete()[0]


def _subject(user: User) -> Subject:
    return Subject("user", str(user.ref))
