"""Doing again in a restored backup what the ledger of erasures says of undertakings: a revoked one opens nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.erasures import Line, Operation
from luvalla.ledger.replaying import Missed, Proof, provers, replayers
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


class PeopleProof(Proof):
    """The proof that whose undertaking was revoked, or who had left, has no way in."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Keep the lines that are about accounts."""
        self._lines = [each for each in lines if each.entry.operation in {Operation.REVOKE, Operation.CLOSE}]

    def effects(self) -> int:
        """Tell how many effects are looked for."""
        return len(self._lines)

    def missed(self) -> Iterator[Missed]:
        """Name the lines whose account is still open, by its random reference; one the backup doesn't know is shut."""
        for line in self._lines:
            user = User.objects.filter(ref=line.entry.value).first()
            if user is not None and _is_still_open(user, line):
                yield Missed(line, (str(user.ref),))


def _is_still_open(user: User, line: Line) -> bool:
    if user.is_active or Session.objects.filter(user=user).exists():
        return True
    if line.entry.operation is Operation.CLOSE:
        return user.left_on is None
    return Undertaking.objects.filter(user=user, signed_at__lte=line.at, revoked_at=None).exists()


def take_part() -> None:
    """Register at the port."""
    provers.register("people", PeopleProof)
    replayers.register(Operation.REVOKE.value, revoke)
    replayers.register(Operation.CLOSE.value, close)
