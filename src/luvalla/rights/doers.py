"""Who does something at the desk: an actor's roles, read anew at every step."""

from __future__ import annotations

from typing import Final

from luvalla.ledger.actors import SUBJECT, SYSTEM, Actor
from luvalla.people.queries import roles_of, user_of_ref, why_closed
from luvalla.rights.letters.texts import texts
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


def signature_of(actor: str, role: Who, language: str) -> str:
    """Say who signs a letter: the person by name and role; in a preview, which nobody has signed yet, the role alone.

    What the program writes by itself is signed by nobody, and says so.
    """
    if actor == str(SYSTEM):
        return str(texts(language)["names"]["role_system"])
    kind, _, ref = actor.partition(":")
    user = user_of_ref(ref) if kind == "person" else None
    held = {each.value for each in roles_of(user)} if user is not None else set()
    as_whom = Who.REGISTER_OWNER if role not in held and Who.REGISTER_OWNER in held else role
    word = str(texts(language)["names"][f"role_{as_whom}"])
    return f"{user.full_name}, {word}" if user is not None else word[:1].upper() + word[1:]


def has_role(actor: Actor, *roles: Who) -> bool:
    """Tell whether an actor has one of these roles."""
    return bool(roles_of_actor(actor) & set(roles))
