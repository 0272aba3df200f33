"""What every fault begins with: an organisation that other processes see, and a relay of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.faults.postbox import Postbox, running_postbox
from tests.mailroom.world import World, make_world

StartRelay = Callable[..., Postbox]


@pytest.fixture
def open_world(transactional_db: None) -> World:
    """Record a small organisation where other processes and threads see it."""
    return make_world()


@pytest.fixture
def start_relay(tmp_path: Path, settings: Settings) -> Iterator[StartRelay]:
    """Start a relay of the moods that are named."""
    settings.LUVALLA_SMTP_URL = ""
    with ExitStack() as running:

        def start(**wanted: Any) -> Postbox:
            return running.enter_context(running_postbox(tmp_path / "taken.log", **wanted))

        yield start
