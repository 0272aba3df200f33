"""Doing again in a restored backup what the ledger of erasures says of undertakings: a revoked one opens nothing."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.erasures import Line, Operation
from luvalla.ledger.replaying import replayers
from luvalla.people.models import Session, Undertaking, User


def revoke(line: Line) -> int:
    """Revoke the undertakings that an account had been opened by until then, and shut it."""
    user = User.objects.filter(ref=line.entry.value).first()
    if user is None:
        return 0
    signed = Undertaking.objects.filter(user=user, signed_at__lte=line.at, revoked_at=None)
    revoked = signed.update(revoked_at=line.at)
    _shut(user)
    return revoked


def close(line: Line) -> int:
    """Shut the account of somebody who had left."""
    user = User.objects.filter(ref=line.entry.value, left_on=None).first()
    if user is None:
        return 0
    user.left_on = line.at.date()
    user.save(update_fields=["left_on"])
    _shut(user)
    return 1


@transaction.atomic
def shut_every_account(*, reason: str, actor: Actor) -> int:
    """Shut all accounts, where nobody can tell whose undertakings were revoked; each opens with a new undertaking."""
    users = list(User.objects.filter(is_active=True))
    for user in users:
        Undertaking.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
        _shut(user)
    record("people.shut_every_account", actor=actor, reason=reason, facts={"accounts": len(users)})
    return len(users)


def _shut(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])
    Session.objects.filter(user=user).delete()


def take_part() -> None:
    """Register at the port."""
    replayers.register(Operation.REVOKE.value, revoke)
    replayers.register(Operation.CLOSE.value, close)
