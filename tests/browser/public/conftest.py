"""The site in a real browser: the example organisation served on a port of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django.live_server_helper import LiveServer

from luvalla.campaigns.actions import begin_sending
from luvalla.campaigns.models import Campaign
from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import check_claims
from luvalla.register.actions import add_permission
from luvalla.register.models import Contact
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.campaigns.making import approved
from tests.public.conftest import Posted, posted, stop_path
from tests.support.world import World, make_world

__all__ = ["Posted", "posted", "stop_path"]


@pytest.fixture
def world(transactional_db: None) -> World:
    """Give the example organisation, seen by the server's threads too."""
    made = make_world()
    made.controller.base_url = "http://127.0.0.1:8000"
    return made


@pytest.fixture
def site(world: World, live_server: LiveServer) -> str:
    """Give the address of the site, whose notice has been checked once."""
    check_claims(["S1", "S2", "S46"], actor=SYSTEM)
    return str(live_server.url)


@pytest.fixture
def customer(world: World) -> Callable[[str], Contact]:
    """Give a function that puts a customer into the register."""

    def add(address: str) -> Contact:
        permission = add_permission(
            address=normalise(address),
            kind=PermissionKind.CUSTOMER,
            source=world.crm,
            audience=world.customers,
            actor=SYSTEM,
        )
        return permission.contact

    return add


@pytest.fixture
def sent(world: World) -> Campaign:
    """Give a campaign that has begun to leave."""
    campaign = approved(world, ("heading", {"words": "Talven sähkökatkot", "level": "1"}), ("text", "<p>Hei.</p>"))
    begin_sending(campaign=campaign, actor=SYSTEM)
    return campaign
