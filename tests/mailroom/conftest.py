"""A small organisation for every test of the mailroom that asks for it, and a server that takes its letters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from luvalla.sending.testing import Receiver
from tests.mailroom.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """Record a small organisation."""
    return make_world()


@pytest.fixture
def open_world(transactional_db: None) -> World:
    """Record a small organisation where other processes and threads see it."""
    return make_world()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """Run a real SMTP server on loopback and have letters leave through it."""
    with Receiver() as running:
        settings.LUVALLA_SMTP_URL = running.url
        settings.LUVALLA_SMTP_PASSWORD_FILE = ""
        yield running
