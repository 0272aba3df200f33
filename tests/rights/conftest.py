"""What the tests of the rights desk stand on: the example organisation, its people and a customer."""

from __future__ import annotations

import pytest

from luvalla.register.models import Contact
from tests.support.requests import MAIJA, Desk, add_customer, make_desk
from tests.support.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def desk(world: World) -> Desk:
    return make_desk()


@pytest.fixture
def maija(world: World) -> Contact:
    return add_customer(world, MAIJA)
