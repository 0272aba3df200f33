"""The kinds of relays: a mail server that is spoken to by SMTP, or the mail API of a processor.

Both are written as a URL and send windows in the same way; whoever sends need not know which one it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

from luvalla.mailroom.api_pool import ApiPool
from luvalla.mailroom.api_relay import ApiRelay, is_api_url, read_api_url
from luvalla.sending.item import Item, MayStart, OnAccepted, OnBegin, OnOutcome
from luvalla.sending.pool import Pool
from luvalla.sending.relay import Relay
from luvalla.sending.relay_url import read_relay_url

SomeRelay: TypeAlias = Relay | ApiRelay


class SomePool(Protocol):
    """Sends windows, one at a time."""

    async def send_window(
        self,
        items: Sequence[Item],
        *,
        may_start: MayStart,
        on_outcome: OnOutcome,
        on_begin: OnBegin | None = None,
        on_accepted: OnAccepted | None = None,
    ) -> None:
        """Send these letters and tell each one's outcome exactly once."""

    def bear(self, *, connections: int, letters_a_connection: int = 0) -> None:
        """Use at most so many connections from the next window on."""

    async def close(self) -> None:
        """Part with the relay."""


def read_relay(url: str, *, read_text: Callable[[Path], str] = Path.read_text) -> SomeRelay:
    """Read a relay's URL. Raises RelayMisconfigured, without repeating it."""
    return read_api_url(url, read_text=read_text) if is_api_url(url) else read_relay_url(url, read_text=read_text)


def open_pool(relay: SomeRelay, connections: int) -> SomePool:
    """Give what sends to a relay."""
    if isinstance(relay, ApiRelay):
        return ApiPool(relay, connections)
    return Pool(relay, connections, share=random.random)
