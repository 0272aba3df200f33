"""A copy goes to another controller at its person's wish, once somebody has confirmed it, and the case knows how."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jsonschema_rs
import pytest
import time_machine
from django.utils import timezone

from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import ServiceMessage
from luvalla.organisation.actions import declare_host
from luvalla.organisation.models import OutgoingHost
from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.actions.transmitting import close_receiver, record_receiver, transmit
from luvalla.rights.copies.gathering import information
from luvalla.rights.copies.portability import schema
from luvalla.rights.errors import NothingToTransmit, ReceiverRefused, StepRefused, WayMissing
from luvalla.rights.models import DataRequest, ReceivingController, Task, Transmission
from luvalla.rights.tasks import follow_up
from luvalla.rights.transmitting import MOST_ATTEMPTS
from luvalla.rules.case_states import Right
from tests.support.requests import MAIJA, Desk, ask, let_arrive, work

KEY = "luv_" + "k" * 43
REF = "5b0a1f7e-9f0d-4a55-9d4e-0c5f8f6f2f11"


class Other(HTTPServer):
    """Another controller's Luvalla, as far as its door: it keeps what came and answers as it is asked to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.body = 201, json.dumps({"ref": REF, "state": "waiting"}).encode()


class Call(BaseHTTPRequestHandler):
    """One call."""

    server: Other

    def do_POST(self) -> None:
        """Keep what came, and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


@pytest.fixture
def other(desk: Desk) -> Iterator[Other]:
    with Other() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        declare_host(
            host="localhost", port=server.server_port, country="FI", what_for="tests", is_inside=True, actor=OPERATOR
        )
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def receiver(other: Other, desk: Desk) -> ReceivingController:
    url = f"http://localhost:{other.server_port}/"
    return record_receiver(name="Toinen Energia", url=url, country="FI", key=KEY, actor=desk.owner)


@pytest.fixture
def request_(desk: Desk, maija: Contact) -> DataRequest:
    """Give a granted request whose copy waits for somebody's yes to its transmission."""
    request = ask(Right.PORTABILITY, transmit_to="Toinen Energia, uutiskirje")
    triage(request=request, rights=[Right.PORTABILITY], actor=desk.clerk)
    collect(request=request, actor=desk.handler)
    work()
    request.refresh_from_db()
    grant(request=request, actor=desk.handler)
    work()
    let_arrive()
    request.refresh_from_db()
    assert request.state == "replied"
    return request


def test_a_confirmed_copy_arrives_and_the_case_says_so_and_closes(
    request_: DataRequest, receiver: ReceivingController, other: Other, desk: Desk
) -> None:
    made = transmit(request=request_, to=receiver, actor=desk.handler)
    assert other.came == []
    work()
    [(path, headers, body)] = other.came
    assert (path, headers["Authorization"]) == ("/api/v1/copies", f"Bearer {KEY}")
    assert headers["Idempotency-Key"] == str(made.ref)
    jsonschema_rs.validate(schema(), json.loads(body))
    assert json.loads(body)["address"] == MAIJA
    made.refresh_from_db()
    assert (made.state, made.answer) == ("sent", REF)
    task = request_.tasks.get(kind="transmission")
    assert (task.result, task.done_by) == ("done", "system")
    request_.refresh_from_db()
    assert request_.state == "closed"
    assert "Toinen Energia" in str(information(request_))
    row = LedgerRow.objects.get(verb="rights.transmit")
    assert row.facts == {"to": str(receiver.ref)}
    assert "Toinen" not in str([(each.facts, each.reason) for each in LedgerRow.objects.all()])
    assert KEY.encode() not in bytes(receiver.sealed_key)


def test_nothing_goes_without_a_yes_and_one_goes_at_a_time(
    request_: DataRequest, receiver: ReceivingController, other: Other, desk: Desk
) -> None:
    work()
    assert other.came == []
    with pytest.raises(StepRefused):
        transmit(request=request_, to=receiver, actor=desk.clerk)
    transmit(request=request_, to=receiver, actor=desk.handler)
    with pytest.raises(NothingToTransmit):
        transmit(request=request_, to=receiver, actor=desk.handler)
    work()
    with pytest.raises(NothingToTransmit):
        transmit(request=request_, to=receiver, actor=desk.handler)
    assert len(other.came) == 1


def test_a_refusal_leaves_the_task_to_people(
    request_: DataRequest, receiver: ReceivingController, other: Other, desk: Desk
) -> None:
    other.status = 401
    transmit(request=request_, to=receiver, actor=desk.handler)
    work()
    made = Transmission.objects.get()
    assert (made.state, made.answer) == ("failed", "status_401")
    task = Task.objects.get(kind="transmission", done_at=None)
    for result in ("done", "found", "nothing"):
        with pytest.raises(WayMissing):
            finish_task(task=task, result=result, note=" ", actor=desk.handler)
    finish_task(task=task, result="impossible", note="Ei oteta vastaan.", actor=desk.handler)
    work()
    request_.refresh_from_db()
    assert request_.state == "closed"


def test_silence_is_tried_again_under_the_same_number_and_ends(
    request_: DataRequest, receiver: ReceivingController, other: Other, desk: Desk
) -> None:
    other.status = 503
    transmit(request=request_, to=receiver, actor=desk.handler)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for tried in range(1, MOST_ATTEMPTS + 1):
            run_due()
            assert len(other.came) == tried
            clock.shift(60 * 2 ** (tried - 1) + 1)
    made = Transmission.objects.get()
    assert (made.state, made.answer, made.attempts) == ("failed", "status_503", MOST_ATTEMPTS)
    assert len({headers["Idempotency-Key"] for _, headers, _ in other.came}) == 1
    other.status = 201
    transmit(request=request_, to=receiver, actor=desk.handler)
    work()
    assert not Task.objects.filter(kind="transmission", done_at=None).exists()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"ref": "<script>alert(1)</script>"}', b'{"ref": 5}', b"\xff"])
def test_a_strange_answer_is_taken_for_no_more_than_a_yes(
    request_: DataRequest, receiver: ReceivingController, other: Other, desk: Desk, body: bytes
) -> None:
    other.body = body
    transmit(request=request_, to=receiver, actor=desk.handler)
    work()
    made = Transmission.objects.get()
    assert (made.state, "script" in made.answer) == ("sent", False)


def test_nothing_goes_to_a_closed_controller_or_host(
    request_: DataRequest, receiver: ReceivingController, other: Other, desk: Desk
) -> None:
    made = transmit(request=request_, to=receiver, actor=desk.handler)
    close_receiver(receiver=receiver, actor=desk.owner)
    work()
    made.refresh_from_db()
    assert (made.state, made.answer, other.came) == ("failed", "closed", [])
    receiver.refresh_from_db()
    assert bytes(receiver.sealed_key) == b""
    with pytest.raises(StepRefused):
        transmit(request=request_, to=receiver, actor=desk.handler)
    url = f"http://localhost:{other.server_port}"
    again = record_receiver(name="Toinen Energia", url=url, country="FI", key=KEY, actor=desk.owner)
    OutgoingHost.objects.update(closed_at=timezone.now())
    made = transmit(request=request_, to=again, actor=desk.handler)
    work()
    made.refresh_from_db()
    assert (made.state, made.answer, other.came) == ("failed", "unknown_host", [])


@pytest.mark.parametrize(
    ("url", "country", "why"),
    [
        ("http://localhost:1", "FI", "not_https"),
        ("https://localhost", "FI", "inner_address"),
        ("https://localhost", "US", "no_contract"),
        ("https://no-such-name.invalid", "FI", "no_such_name"),
        ("https://", "FI", "unknown_host"),
        ("https://[", "FI", "unknown_host"),
        ("https://anna:salasana@localhost", "FI", "unknown_host"),
    ],
)
def test_a_controller_to_which_nothing_may_go_is_not_recorded(desk: Desk, url: str, country: str, why: str) -> None:
    with pytest.raises(ReceiverRefused) as refused:
        record_receiver(name="Toinen", url=url, country=country, key=KEY, actor=desk.owner)
    assert refused.value.why == why
    assert not ReceivingController.objects.exists()
    assert not OutgoingHost.objects.exists()


def test_only_the_register_owner_records_a_controller(desk: Desk) -> None:
    for actor in (desk.clerk, desk.handler, desk.officer):
        with pytest.raises(StepRefused):
            record_receiver(name="Toinen", url="https://localhost", country="FI", key=KEY, actor=actor)


def test_an_answer_that_goes_once_more_brings_the_other_controller_no_second_copy(
    request_: DataRequest, receiver: ReceivingController, other: Other, desk: Desk
) -> None:
    transmit(request=request_, to=receiver, actor=desk.handler)
    work()
    ServiceMessage.objects.filter(ref=request_.letters.get(kind="reply").message_ref).update(state="failed", sealed=b"")
    follow_up()
    work()
    request_.refresh_from_db()
    assert (request_.state, request_.by_post) == ("replied", True)
    assert request_.tasks.filter(kind="transmission").count() == len(other.came) == 1
