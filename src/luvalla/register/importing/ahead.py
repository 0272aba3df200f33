"""Preparing the next rows while a database in a process of its own writes the last ones."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

DEPTH: Final = 2
PATIENCE: Final = 0.2
Item = TypeVar("Item")


class Ahead(Generic[Item]):
    """Goes through an iterator in a thread, a few items ahead. The iterator may not touch the database."""

    def __init__(self, items: Iterator[Item]) -> None:
        """Begin at once."""
        self._items = items
        self._ready: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(DEPTH)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="luvalla-import", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Item]:
        """Give the items in their order, and raise what the iterator raised. Leaving early ends the thread."""
        try:
            while True:
                item, fault = self._ready.get()
                if fault is not None:
                    raise fault
                if item is None:
                    return
                yield item
        finally:
            self._ended.set()
            self._thread.join()

    def _run(self) -> None:
        try:
            for item in self._items:
                if not self._put(item, None):
                    return
            self._put(None, None)
        except BaseException as fault:  # noqa: BLE001  # it is raised again where the items are taken
            self._put(None, fault)

    def _put(self, item: Item | None, fault: BaseException | None) -> bool:
        while not self._ended.is_set():
            try:
                self._ready.put((item, fault), timeout=PATIENCE)
            except queue.Full:
                continue
            return True
        return False
