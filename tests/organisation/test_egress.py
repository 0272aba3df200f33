"""Requests go out to declared hosts only, to the very address that was checked, and leave a row in the ledger."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.organisation import egress
from luvalla.organisation.actions import close_host, declare_host, record_processor
from luvalla.organisation.egress import LONGEST, _is_outside, find_way, reach
from luvalla.organisation.errors import EgressFailed, EgressRefused, NotInOrder
from luvalla.organisation.models import OutgoingHost, Processor
from luvalla.organisation.queries import outgoing_hosts

pytestmark = pytest.mark.django_db


class Receiver(BaseHTTPRequestHandler):
    """Answers, leads away, or talks without end."""

    heard: list[tuple[str, str, bytes]]

    def do_PUT(self) -> None:
        """Begin an answer and never come to its end: the path names the part that drips."""
        begun = {
            "/head": b"HTTP/1.1 200 OK\r\nX: ",
            "/status": b"",
            "/chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        }
        with contextlib.suppress(OSError):
            self.wfile.write(begun[self.path])
            for _ in range(60):
                self.wfile.write(b"1")
                time.sleep(0.05)

    def do_POST(self) -> None:
        """Keep what came, and answer by its path."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.heard.append((self.path, self.headers["Host"], body))
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        for _ in range(40 if self.path == "/slow" else 0):
            with contextlib.suppress(OSError):
                self.wfile.write(b"x")
                time.sleep(0.01)
        self.wfile.write(b"x" * (LONGEST + 1) if self.path == "/long" else b"thanks")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[ThreadingHTTPServer]:
    Receiver.heard = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def inside(port: int, **more: Any) -> OutgoingHost:
    given = {"host": "localhost", "port": port, "country": "FI", "is_inside": True, **more}
    return declare_host(what_for="Webhooks of the customer information system", actor=OPERATOR, **given)


def processor(**more: Any) -> Processor:
    details = {"name": "Pilvi Oy", "role": "Webhooks", "country": "FI", "contract_reference": "DPA-1"}
    return record_processor(details={**details, "contract_from": date(2026, 1, 1), **more}, actor=OPERATOR)


def reason_of(url: str) -> str:
    with pytest.raises(EgressRefused) as refused:
        find_way(url)
    return refused.value.reason


def test_a_declared_host_is_reached_and_the_ledger_says_so(receiver: ThreadingHTTPServer) -> None:
    port = receiver.server_address[1]
    host = inside(port)
    answer = reach(url=f"http://localhost:{port}/hook?a=1", method="POST", body=b"{}", actor=OPERATOR)
    assert (answer.status, answer.body) == (200, b"thanks")
    assert Receiver.heard == [("/hook?a=1", f"localhost:{port}", b"{}")]
    row = LedgerRow.objects.get(verb="organisation.reach")
    assert (row.subject_ref, row.facts) == (str(host.pk), {"method": "POST", "bytes": 2})


def test_a_redirect_leads_nowhere(receiver: ThreadingHTTPServer) -> None:
    port = receiver.server_address[1]
    inside(port)
    assert reach(url=f"http://localhost:{port}/away", method="POST").status == 302
    assert len(Receiver.heard) == 1


def test_an_answer_without_end_is_no_answer(receiver: ThreadingHTTPServer) -> None:
    port = receiver.server_address[1]
    inside(port)
    with pytest.raises(EgressFailed):
        reach(url=f"http://localhost:{port}/long", method="POST")


def test_an_answer_a_byte_at_a_time_is_no_answer(
    receiver: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = receiver.server_address[1]
    inside(port)
    monkeypatch.setattr(egress, "LONGEST_WAIT", 0.1)
    with pytest.raises(EgressFailed):
        reach(url=f"http://localhost:{port}/slow", method="POST")
    assert reach(url=f"http://localhost:{port}/", method="POST").body == b"thanks"


@pytest.mark.parametrize("part", ["status", "head", "chunk"])
def test_an_answer_that_never_comes_to_its_body_is_cut_off(
    receiver: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    port = receiver.server_address[1]
    inside(port)
    monkeypatch.setattr(egress, "LONGEST_WAIT", 0.3)
    began = time.monotonic()
    with pytest.raises(EgressFailed):
        reach(url=f"http://localhost:{port}/{part}", method="PUT")
    assert time.monotonic() - began < 2.5, "each byte came in time, and there were sixty of them"


def test_a_handshake_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "LONGEST_WAIT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        inside(port)
        began = time.monotonic()
        with pytest.raises(EgressFailed):
            reach(url=f"https://localhost:{port}/")
    assert time.monotonic() - began < 5, "without an end it would have waited for ten seconds"


def test_nothing_goes_to_a_host_that_isnt_declared(receiver: ThreadingHTTPServer) -> None:
    port = receiver.server_address[1]
    host = inside(port)
    assert reason_of("https://elsewhere.example/") == "unknown_host"
    assert reason_of(f"http://localhost:{port + 1}/") == "unknown_host"
    assert reason_of(f"http://localhost@evil.example:{port}/") == "unknown_host"
    assert reason_of(f"http://evil@localhost:{port}/") == "unknown_host"
    close_host(host=host, actor=OPERATOR)
    assert reason_of(f"http://localhost:{port}/") == "unknown_host"
    assert not outgoing_hosts()
    assert not Receiver.heard


def test_a_name_that_leads_into_the_inner_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    declare_host(host="hooks.example.com", country="FI", what_for="Webhooks", actor=OPERATOR)
    for answers in (["10.1.2.3"], ["93.184.216.34", "127.0.0.1"], ["::ffff:169.254.169.254"]):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in answers]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, found=found, **__: found)
        assert reason_of("https://hooks.example.com/") == "inner_address"
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert find_way("https://hooks.example.com/a").addresses == ("93.184.216.34",)
    assert reason_of("http://hooks.example.com:443/") == "not_https"


@pytest.mark.parametrize(
    "inner",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1", "224.0.0.1", "::1", "fe80::1%eth0",
     "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "::127.0.0.1", "::ffff:0:127.0.0.1",
     "64:ff9b:1::7f00:1", "fec0::1", "2001:0:7f00:1::1", "100.64.0.1", "198.18.0.1", "::", "5f00::1"],
)  # fmt: skip
def test_inner_addresses_are_known_in_every_spelling(inner: str) -> None:
    assert not _is_outside(inner)


@pytest.mark.parametrize("outer", ["93.184.216.34", "2a00:1450::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])
def test_the_internet_is_outside(outer: str) -> None:
    assert _is_outside(outer)


@pytest.mark.parametrize("url", ["https://localhost:port/", "https://localhost:99999/", "https://[::1/", "//", "x"])
def test_what_is_no_address_of_a_site_is_refused(url: str) -> None:
    inside(443)
    assert reason_of(url) == "unknown_host"


def test_a_contract_that_ended_or_a_place_outside_the_eea_shuts_the_way() -> None:
    ended = processor(contract_until=date(2026, 10, 31))
    declare_host(host="a.example.com", country="FI", what_for="Webhooks", processor=ended, actor=OPERATOR)
    assert reason_of("https://a.example.com/") == "no_contract"
    away = processor(name="Cloud Inc", country="US")
    declare_host(host="b.example.com", country="US", what_for="Webhooks", processor=away, actor=OPERATOR)
    declare_host(host="c.example.com", country="US", what_for="Webhooks", actor=OPERATOR)
    assert reason_of("https://b.example.com/") == reason_of("https://c.example.com/") == "no_contract"


def test_a_host_that_doesnt_answer_is_told_apart_from_one_that_is_refused() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inside(port)
    with pytest.raises(EgressFailed):
        reach(url=f"http://localhost:{port}/")


def test_what_is_recorded_of_a_host_is_checked() -> None:
    with pytest.raises(NotInOrder):
        declare_host(host="", country="FI", what_for="x", actor=OPERATOR)
