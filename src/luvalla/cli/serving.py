"""Serving: the web server in a process of its own, background work and the receiver in this one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from luvalla.cli.errors import Misconfigured, TryAgain
from luvalla.cli.language import pgettext
from luvalla.jobs.runner import Runner
from luvalla.mailroom.receiving import MailReceiver

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
PATIENCE: Final = 15.0
"""Seconds that pages under way may take after the server was told to end."""


def serve(*, host: str, port: int, web_processes: int, receiver: str, tell: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM. receiver is "host:port", or empty for none; tell is called once pages answer.

    Raises TryAgain where the port is taken, or the web server ends by itself.
    """
    if _takes_callers(host, port):
        raise TryAgain(pgettext("command", "Port %(port)s is taken; --port takes another one.") % {"port": port})
    with _web_server(host, port, web_processes) as web, _background(), _receiver(receiver):
        told = _wait(web, lambda: _takes_callers(host, port), tell)
    if not told:
        raise TryAgain(pgettext("command", "The web server has ended by itself. What it said last stands above."))


@contextmanager
def _web_server(host: str, port: int, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start the web server before this process has any threads; end it with this block."""
    options = [host, str(port), str(processes), str(os.getpid())]
    command = [sys.executable, "-P", "-m", "luvalla.cli.web", *options]
    web = subprocess.Popen(command)  # noqa: S603  # our own program
    try:
        yield web
    finally:
        web.terminate()
        try:
            web.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            web.kill()
            web.wait()


def _wait(web: subprocess.Popen[bytes], is_there: Callable[[], bool], tell: Callable[[], None]) -> bool:
    """Wait until this process is told to end, or the web server ends; tell whether it was told."""
    told: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        told.append(number)

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        is_told = False
        while not told and not _has_ended(web):
            if not is_told and is_there():
                tell()
                is_told = True
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return bool(told)


def _has_ended(web: subprocess.Popen[bytes]) -> bool:
    """Wait a little for the web server's end, and tell whether it has come."""
    try:
        web.wait(0.2)
    except subprocess.TimeoutExpired:
        return False
    return True


def _takes_callers(host: str, port: int) -> bool:
    """Tell whether the web server listens; one that listens on every address is asked on this machine's own."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # asked about, not listened on
    try:
        socket.create_connection((everywhere.get(host, host), port), timeout=0.2).close()
    except OSError:
        return False
    return True


@contextmanager
def _background() -> Iterator[None]:
    runner = Runner()
    runner.start()
    try:
        yield
    finally:
        runner.stop()


@contextmanager
def _receiver(where: str) -> Iterator[None]:
    if not where:
        yield
        return
    host, _, port = where.rpartition(":")
    if not port.isdecimal():
        message = pgettext("command", "--receiver takes host:port, such as 127.0.0.1:2525.")
        raise Misconfigured(message)
    with MailReceiver(host or "127.0.0.1", int(port)):
        yield
