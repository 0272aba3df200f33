"""Webhooks against a real server on this machine: what they are told, how it is signed, and what stops them."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from luvalla.api.errors import NotTold, WebhookRefused
from luvalla.api.models import WebhookCall
from luvalla.api.webhooks import Event, add_webhook, close_webhook, note_happenings, signature
from luvalla.campaigns.models import Lifecycle
from luvalla.jobs.models import Job
from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import OPERATOR
from luvalla.organisation.models import OutgoingHost
from tests.api.conftest import Call
from tests.api.test_calls import MAIJA, Customer
from tests.support.campaigns import approved_campaign
from tests.support.world import World

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "connect-your-customer-system.md"


class Receiver(HTTPServer):
    """A program that is told things: it keeps them, and answers as it is asked to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Told)
        self.told: list[tuple[str, bytes]] = []
        self.answers = 200


class Told(BaseHTTPRequestHandler):
    """One call."""

    server: Receiver

    def do_POST(self) -> None:
        """Keep what came, and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.headers["Luvalla-Signature"], body))
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


@pytest.fixture
def receiver(world: World) -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        OutgoingHost.objects.create(
            host="localhost", port=server.server_port, country="FI", what_for="tests", is_inside=True
        )
        yield server
        server.shutdown()
        thread.join()


def url_of(receiver: Receiver) -> str:
    return f"http://localhost:{receiver.server_port}/luvalla"


def test_a_webhook_is_told_by_ids_alone_once_and_signed(
    receiver: Receiver, world: World, call: Call, customer: Customer
) -> None:
    _, key = add_webhook(url=url_of(receiver), events=list(Event), source=world.crm, actor=OPERATOR)
    customer(MAIJA)
    call("post", "/stops", {"address": MAIJA, "kind": "withdrawal"})
    campaign = approved_campaign(world)
    Lifecycle.objects.filter(campaign=campaign).update(state="finished", finished_at=timezone.now())
    assert [note_happenings(), note_happenings()] == [2, 0]
    assert all(set(job.arguments) == {"call_id"} for job in Job.objects.filter(name="api.tell_webhook"))
    run_due()
    assert WebhookCall.objects.filter(answered_at=None).count() == 0
    told = [json.loads(body) for _, body in receiver.told]
    assert {each["event"] for each in told} == {"notice.opened", "campaign.finished"}
    assert {each["about"] for each in told} == {call("get", "/notices").json()["notices"][0]["ref"], str(campaign.ref)}
    assert b"kotiposti" not in b"".join(body for _, body in receiver.told)
    for header, body in receiver.told:
        at, _, made = header.partition(",v1=")
        expected = hmac.new(key.encode(), at.removeprefix("t=").encode() + b"." + body, hashlib.sha256).hexdigest()
        assert made == expected


def test_the_how_to_tells_ours_from_others_by_code_that_works(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luvalla.api.webhooks.find_way", lambda _: None)
    webhook, key = add_webhook(url="https://a.example/", events=[Event.CAMPAIGN_FINISHED], actor=OPERATOR)
    (code,) = re.findall(r"^```python\n(.*?)^```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    shown: dict[str, Any] = {}
    exec(code, shown)  # noqa: S102  # what the page shows is what is tried
    is_ours, now = shown["is_ours"], int(timezone.now().timestamp())
    assert is_ours(key, signature(webhook, b"{}"), b"{}")
    assert not is_ours(key, signature(webhook, b"{}"), b"{ }")
    assert not is_ours("another", signature(webhook, b"{}"), b"{}")
    assert not is_ours(key, signature(webhook, b"{}", at=now - 301), b"{}")
    for header in ("", "t=", "v1=", "t=x,v1=y", "t=1,v1=\u00e4", "t=now," + signature(webhook, b"{}")):
        assert not is_ours(key, header, b"{}"), header


def test_what_a_webhook_did_not_take_is_tried_again(receiver: Receiver, world: World) -> None:
    add_webhook(url=url_of(receiver), events=[Event.CAMPAIGN_FINISHED], actor=OPERATOR)
    Lifecycle.objects.filter(campaign=approved_campaign(world)).update(finished_at=timezone.now())
    receiver.answers = 503
    note_happenings()
    with pytest.raises(NotTold):  # the engine keeps a job that fails, and runs it again
        run_due()
    assert WebhookCall.objects.get().last_status == 503
    receiver.answers = 204
    run_due()
    assert WebhookCall.objects.get().answered_at is not None
    assert len(receiver.told) == 2


def test_nothing_goes_to_a_host_that_is_not_on_the_list(receiver: Receiver, world: World) -> None:
    with pytest.raises(WebhookRefused):
        add_webhook(url="https://elsewhere.example/", events=[Event.CAMPAIGN_FINISHED], actor=OPERATOR)
    webhook, _ = add_webhook(url=url_of(receiver), events=[Event.CAMPAIGN_FINISHED], actor=OPERATOR)
    OutgoingHost.objects.update(closed_at=timezone.now())
    Lifecycle.objects.filter(campaign=approved_campaign(world)).update(finished_at=timezone.now())
    note_happenings()
    run_due()
    assert WebhookCall.objects.get().fault == "refused"
    assert receiver.told == []
    close_webhook(webhook=webhook, actor=OPERATOR)
    assert note_happenings() == 0
