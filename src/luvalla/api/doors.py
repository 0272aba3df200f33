"""The door of every call: which token it is, whether it opens anything now, and whether it reaches this."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from ninja.security import HttpBearer

from luvalla.api import tokens
from luvalla.api.errors import Problem, Slug
from luvalla.api.limits import CALLS
from luvalla.api.models import Token
from luvalla.api.scopes import GIVES_ADDRESSES, Scope
from luvalla.ledger.actors import Actor
from luvalla.people.refusals import note_refusal
from luvalla.register.models import Source
from luvalla.rules.ports import Door, closed_by


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the token, and the name the ledger knows them by."""

    token: Token
    actor: Actor

    @property
    def source(self) -> Source:
        """The source the token works on; its scopes don't go without one."""
        assert self.token.source is not None
        return self.token.source


class Bearer(HttpBearer):
    """Lets a token through that is in force and has the scope (RFC 6750)."""

    def __init__(self, scope: Scope | None = None) -> None:
        """Keep the scope; None for what every token may."""
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller:  # noqa: ARG002  # ninja's signature
        """Give the caller, or raise the Problem that says why not."""
        found = tokens.find_token(token)
        if found is None:
            raise Problem(Slug.NO_TOKEN)
        dead = tokens.why_dead(found)
        if dead:
            note_refusal(actor=tokens.actor_of_token(found), door=f"api: {dead.value}")
            raise Problem(dead)
        if not CALLS.allows(found.pk):
            raise Problem(Slug.TOO_MANY_CALLS)
        if self.scope is not None:
            self.ask(found, self.scope)
        tokens.note_use(found)
        return Caller(found, tokens.actor_of_token(found))

    @staticmethod
    def ask(token: Token, scope: Scope) -> None:
        """Raise the Problem of a token that doesn't reach a scope, or whose way is closed by a broken promise."""
        if not tokens.reaches(token, scope):
            note_refusal(actor=tokens.actor_of_token(token), door=f"api: {scope.value}")
            raise Problem(Slug.NO_SCOPE, scope=scope.value)
        broken = tokens.broken_for(token)
        if scope in GIVES_ADDRESSES:
            broken += closed_by(Door.EXPORT)
        if broken:
            raise Problem(Slug.PROMISE_BROKEN, claims=", ".join(broken))


def caller_of(request: HttpRequest) -> Caller:
    """Give the caller whom the door let through."""
    caller: Caller = request.auth  # type: ignore[attr-defined]  # ninja puts it there
    return caller
