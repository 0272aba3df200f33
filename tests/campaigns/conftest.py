"""The example organisation."""

from __future__ import annotations

import pytest

from tests.support.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """Give the example organisation."""
    return make_world()
