"""The example organisation, and tokens for its people and for a processor's system."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from luvalla.api import doors
from luvalla.api.limits import CallLimit
from luvalla.api.models import Token
from luvalla.api.scopes import OF_ANOTHER_CONTROLLER, Scope
from luvalla.api.tokens import make_token
from luvalla.ledger.actors import OPERATOR, SYSTEM
from luvalla.organisation.models import Processor
from luvalla.register.actions import add_permission
from luvalla.register.models import Contact
from luvalla.rules import ports
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.support.world import World, make_world

Call = Callable[..., Any]
MakeKey = Callable[..., tuple[Token, str]]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture(autouse=True)
def no_barrier_and_no_old_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no sender hold a stop up, and count calls afresh."""
    monkeypatch.setattr(ports.barriers, "_parts", {})
    monkeypatch.setattr(doors, "CALLS", CallLimit(10_000, seconds=60))


@pytest.fixture
def processor(world: World) -> Processor:
    return Processor.objects.create(
        name="Järjestelmä Oy", role="customer information system", country="FI", contract_reference="DPA-7",
        contract_from=timezone.localdate() - timedelta(days=9),
    )  # fmt: skip


@pytest.fixture
def make_key(world: World, processor: Processor) -> MakeKey:
    """Make a token of the processor's system, with every scope that it may have, or some."""

    def make(*scopes: Scope, **owner: Any) -> tuple[Token, str]:
        return make_token(
            name="Asiakastietojärjestelmä",
            scopes=scopes or tuple(each for each in Scope if each not in OF_ANOTHER_CONTROLLER),
            expires_at=timezone.now() + timedelta(days=30),
            source=world.crm,
            actor=OPERATOR,
            **(owner or {"processor": processor}),
        )

    return make


@pytest.fixture
def call(make_key: MakeKey) -> Call:
    """Call the API with a token that has every scope, or with the one that is given; give the answer."""
    _, every = make_key()

    def one(method: str, path: str, body: Any = None, *, key: str = every, **headers: str) -> Any:
        given = {"data": body, "content_type": "application/json"} if body is not None else {}
        answer = getattr(Client(), method)
        return answer(f"/api/v1{path}", headers={"authorization": f"Bearer {key}", **headers}, **given)

    return one


@pytest.fixture
def customer(world: World) -> Callable[[str], Contact]:
    def add(address: str) -> Contact:
        return add_permission(
            address=normalise(address), kind=PermissionKind.CUSTOMER, source=world.crm, audience=world.customers,
            actor=SYSTEM,
        ).contact  # fmt: skip

    return add
