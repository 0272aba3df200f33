"""Two people at once: one of them does it, the other is told that it was done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from luvalla.campaigns import actions
from luvalla.campaigns.errors import CampaignError
from luvalla.campaigns.models import Campaign, Letter
from luvalla.campaigns.queries import history
from luvalla.ledger.actors import SYSTEM
from luvalla.people.queries import actor_of
from tests.campaigns.making import approved, submitted
from tests.support.world import World, make_world

TOGETHER = 4
Do = Callable[[Campaign, World], object]


@pytest.fixture
def open_world(transactional_db: None) -> World:
    """Give the example organisation where other threads see it."""
    return make_world()


def at_once(do: Do, campaign: Campaign, world: World) -> int:
    """Have several people do it at the same moment and count who succeeded."""
    start = Barrier(TOGETHER)

    def one(_number: int) -> int:
        try:
            start.wait()
            do(Campaign.objects.get(pk=campaign.pk), world)
        except CampaignError:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(TOGETHER) as people:
        return sum(people.map(one, range(TOGETHER)))


def approve(campaign: Campaign, world: World) -> None:
    actions.approve_campaign(campaign=campaign, by=world.approver, actor=actor_of(world.approver))


def begin(campaign: Campaign, _world: World) -> None:
    actions.begin_sending(campaign=campaign, actor=SYSTEM)


def cancel(campaign: Campaign, _world: World) -> None:
    actions.cancel_campaign(campaign=campaign, actor=SYSTEM)


@pytest.mark.parametrize(("make", "do"), [(submitted, approve), (approved, begin), (approved, cancel)])
def test_a_step_is_taken_once(open_world: World, make: Callable[[World], Campaign], do: Do) -> None:
    campaign = make(open_world)
    rows = history(campaign).count()
    assert at_once(do, campaign, open_world) == 1
    assert history(campaign).count() == rows + 1
    assert Letter.objects.filter(campaign=campaign).count() == 1
