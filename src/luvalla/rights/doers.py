"""Who does something at the desk: an actor's roles, read anew at every step."""

from __future__ import annotations

from typing import Final

from luvalla.ledger.actors import SUBJECT, SYSTEM, Actor
from luvalla.people.queries import roles_of, user_of_ref, why_closed
from luvalla.rules.case_states import Who

DESK_ROLES: Final = frozenset(each.value for each in Who)


def roles_of_actor(actor: Actor) -> frozenset[Who]:
    """Tell an actor's roles at the desk; an account that doesn't stand open has none."""
    if actor == SYSTEM:
        return frozenset({Who.SYSTEM})
    if actor == SUBJECT:
        return frozenset({Who.SUBJECT})
    user = user_of_ref(actor.ref) if actor.kind == "person" else None
    if user is None or why_closed(user) is not None:
        return frozenset()
    return frozenset(Who(each.value) for each in roles_of(user) if each.value in DESK_ROLES)


def has_role(actor: Actor, *roles: Who) -> bool:
    """Tell whether an actor has one of these roles."""
    return bool(roles_of_actor(actor) & set(roles))
