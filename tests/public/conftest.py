"""What the tests of the public site stand on: the example organisation, contacts with links, messages as posted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.vault import keyring
from luvalla.public import asking
from luvalla.register.actions import add_permission
from luvalla.register.links import make_stop_token
from luvalla.register.models import Contact
from luvalla.rules.address import Address, normalise
from luvalla.rules.purposes import PermissionKind
from tests.support.world import World, make_world


@dataclass(frozen=True, slots=True)
class Posted:
    """A service message as it was handed to the mailroom."""

    kind: str
    address: Address
    subject: str
    text: str
    html: str
    language: str


@pytest.fixture
def world(db: None) -> World:
    """Give the example organisation."""
    return make_world()


@pytest.fixture
def visitor() -> Client:
    """Give a browser of nobody in particular."""
    return Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR="192.0.2.7")


@pytest.fixture
def a_customer(world: World) -> Callable[[str], Contact]:
    """Give a function that puts a customer into the register."""

    def customer(address: str) -> Contact:
        permission = add_permission(
            address=normalise(address),
            kind=PermissionKind.CUSTOMER,
            source=world.crm,
            audience=world.customers,
            actor=SYSTEM,
        )
        return permission.contact

    return customer


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[Posted]:
    """Watch what is handed to the mailroom; it is kept there as well."""
    seen: list[Posted] = []
    post = asking.post_service_message

    def watched(*, actor: Actor, **message: Any) -> object:
        seen.append(Posted(**message))
        return post(actor=actor, **message)

    monkeypatch.setattr(asking, "post_service_message", watched)
    return seen


def stop_path(contact: Contact, campaign_id: int = 0) -> str:
    """Give the path of a contact's stop link."""
    token = make_stop_token(
        contact_id=contact.pk, exact_token=bytes(contact.token), campaign_id=campaign_id, keyring=keyring()
    )
    return f"/s/{token}"
