from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from luvalla.people.models import User
from tests.staff.conftest import add_totp
from tests.support.world import World, make_world

Visit = Callable[[User], Client]


@pytest.fixture
def world(db: None) -> World:
    """Give the example organisation."""
    return make_world()


@pytest.fixture
def visit() -> Visit:
    """Give the browser of a signed-in person, who reads English."""

    def make(user: User) -> Client:
        User.objects.filter(pk=user.pk).update(language="en")
        add_totp(user)
        client = Client()
        client.force_login(user)
        return client

    return make
