"""The engine's tests run event loops of their own, also after a browser was started in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_loop_of_the_browser() -> Iterator[None]:
    """Hide Playwright's event loop, which runs in this thread while the session lasts.

    Only here, where nothing uses the database: Django's connections are kept apart by whether a loop is running.
    """
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)
