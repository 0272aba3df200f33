"""Measures the one-click stop (RFC 8058): POSTs a second against the web server with as many processes as cores.

    PYTHONPATH=src python bench/one_click.py [--contacts 6000] [--connections 64] [--processes CORES] [--pairs 3]

Builds a register of invented contacts in a home of its own, serves it as `luvalla run` does, and posts every contact's
link once, then again when all are erased, then links that aren't ours; in turn with it the peer, a plain view that only
writes one row and commits it (plain_view.py). Prints requests a second, the slowest of each hundred, the server's CPU
time a request, and the ratio of the medians. The program that asks runs on the same machine. With LUVALLA_DATABASE_URL
on PostgreSQL the database must be empty; it is left as it is afterwards.
"""

# ruff: noqa: E402  # Django reads its settings while it is imported, so the home comes first

from __future__ import annotations

import argparse
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

if __name__ == "__main__":
    os.environ["LUVALLA_HOME"] = tempfile.mkdtemp(prefix="luvalla-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "luvalla.config.settings"

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from luvalla.cli.installation import install, read_document
from luvalla.ledger.keys import Keyring, write_keyring
from luvalla.ledger.vault import keyring, sealer
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.links import make_stop_token
from luvalla.register.models import Audience, Contact, Permission, Source
from luvalla.rules.address import Address

EXAMPLE: Final = Path(__file__).resolve().parents[1] / "examples" / "organisation.toml"
OURS: Final = ("-m", "luvalla.cli.web", "127.0.0.1", "PORT", "PROCESSES", "PARENT")
PEER: Final = ("-m", "plain_view", "PORT", "PROCESSES")
ANSWER: Final = b"\r\n\r\nOK\n"
FOREIGN: Final = "A" * 48
"""The token of a link that isn't ours."""
BODY: Final = b"List-Unsubscribe=One-Click"


class Measured(NamedTuple):
    """What a round of requests took."""

    a_second: float
    median_ms: float
    slow_ms: float
    """The 99th percentile."""
    cpu_ms: float
    """Of the server's processes, for each request."""


def main() -> None:
    """Build, serve, measure, print."""
    given = _arguments()
    try:
        tokens = build(given.contacts)
        say(f"{connection.vendor}, {given.processes} web processes, {given.connections} connections")
        ours, theirs = list[float](), list[float]()
        share = -(-len(tokens) // given.pairs)
        for start in range(0, len(tokens), share):
            some = tokens[start : start + share]
            ours.append(stop_them(some, given))
            with serving(PEER, given.processes) as (server, port):
                measure(server, port, some[: len(some) // 10], given.connections)
                theirs.append(tell("peer: a view, one commit", measure(server, port, some, given.connections)))
        say(f"{Contact.objects.count()} contacts left")
        say(f"ratio of the medians: {statistics.median(ours) / statistics.median(theirs):.2f} x the peer")
    finally:
        shutil.rmtree(settings.LUVALLA_HOME, ignore_errors=True)


def stop_them(tokens: Sequence[str], given: argparse.Namespace) -> float:
    """Serve as `luvalla run` does and post to each link; give the rate of the first posts."""
    with serving(OURS, given.processes) as (server, port):
        measure(server, port, [FOREIGN] * 500, given.connections)  # each process has read its code by then
        rate = tell("first POST of each link", measure(server, port, tokens, given.connections))
        tell("the same links again", measure(server, port, tokens, given.connections))
        tell("links that aren't ours", measure(server, port, [FOREIGN] * len(tokens), given.connections))
    return rate


@contextmanager
def serving(program: Sequence[str], processes: int) -> Iterator[tuple[int, int]]:
    """Run a web server; give its process number and its port."""
    port = _free_port()
    told = {"PORT": str(port), "PROCESSES": str(processes), "PARENT": str(os.getpid())}
    here = os.pathsep.join([str(Path(__file__).parent), *(each for each in sys.path if each)])
    command = [sys.executable, *(told.get(each, each) for each in program)]
    server = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": here})
    try:
        _wait_for(port)
        yield server.pid, port
    finally:
        server.terminate()
        server.wait()


def build(contacts: int) -> list[str]:
    """Make the example organisation with so many customers, and give their stop tokens."""
    home = Path(settings.LUVALLA_HOME)
    write_keyring(Keyring.fresh(), home)
    (home / "static").mkdir()
    call_command("migrate", verbosity=0, skip_checks=True)
    install(read_document(EXAMPLE))
    source, audience = Source.objects.get(key="crm"), Audience.objects.get(key="customers")
    with transaction.atomic():
        made = Contact.objects.bulk_create([_contact(number) for number in range(contacts)], batch_size=2000)
        Permission.objects.bulk_create(
            (Permission(contact=each, kind="customer", source=source, audience=audience) for each in made),
            batch_size=2000,
        )
    keys = keyring()
    return [
        make_stop_token(contact_id=each.pk, exact_token=bytes(each.token), campaign_id=0, keyring=keys) for each in made
    ]


def cpu_seconds(server: int) -> float:
    """Add up what a server and its workers have used."""
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        fields = status.read_text().rpartition(")")[2].split()
        if server in {int(status.parent.name), int(fields[1])}:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(server: int, port: int, tokens: Sequence[str], connections: int) -> Measured:
    """Post to every token's link over so many kept connections, one request at a time on each."""
    cpu = cpu_seconds(server)
    waiting, times = list(tokens), list[float]()
    selector = selectors.DefaultSelector()
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    began = time.perf_counter()
    sent, answers = dict[socket.socket, float](), dict[socket.socket, bytes]()
    for each in sockets:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(each, selectors.EVENT_READ)
        _post(each, waiting.pop(), sent)
    while sent:
        for key, _ in selector.select():
            ready: socket.socket = key.fileobj  # type: ignore[assignment]  # only sockets are registered
            answers[ready] = answer = answers.get(ready, b"") + ready.recv(65_536)
            if not answer.startswith(b"HTTP/1.1 200"):
                message = f"not answered with 200: {answer[:200]!r}"
                raise RuntimeError(message)
            if not answer.endswith(ANSWER):
                continue
            answers[ready] = b""
            times.append(time.perf_counter() - sent.pop(ready))
            if waiting:
                _post(ready, waiting.pop(), sent)
    took = time.perf_counter() - began
    for each in sockets:
        each.close()
    times.sort()
    cpu = (cpu_seconds(server) - cpu) / len(times)
    return Measured(len(times) / took, times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000, cpu * 1000)


def tell(what: str, measured: Measured) -> float:
    """Print one line and give the rate."""
    say(
        f"{what:28} {measured.a_second:8.0f}/s   median {measured.median_ms:6.1f} ms   "
        f"99 % {measured.slow_ms:6.1f} ms   CPU {measured.cpu_ms:5.2f} ms"
    )
    return measured.a_second


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)


def _post(to: socket.socket, token: str, sent: dict[socket.socket, float]) -> None:
    head = (
        f"POST /s/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    sent[to] = time.perf_counter()
    to.sendall(head.encode() + BODY)


def _contact(number: int) -> Contact:
    keys, address = sealer(), Address(f"n{number}", "posti.example")
    token = keys.exact_token(address)
    return Contact(
        token=token,
        folded=keys.folded_token(address),
        domain=keys.domain_token(address.domain),
        sealed=keys.seal(address.text.encode(), column=CONTACT_ADDRESS, token=token),
        created_at=timezone.now(),
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(1)
            return
    message = "the web server did not begin"
    raise RuntimeError(message)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=6000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=3, help="how often this program and the peer take turns")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
