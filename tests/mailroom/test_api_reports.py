"""Bounces and complaints that a mail API reports: by its webhook, with its secret, and about letters of ours only."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import Delivery, HardBounce, Relay
from luvalla.mailroom.sender import send_campaign
from luvalla.register.models import Contact, Stop
from tests.mailroom.api_stand_in import ACCEPTED, TOKEN, ApiStandIn
from tests.mailroom.test_sending import approved
from tests.mailroom.world import World, add_customers, assert_sums_are_whole

SECRET = "postmark:sana"  # the test's own
PEOPLE = ("maija", "matti", "aino")


@pytest.fixture
def sent(open_world: World, settings: Settings, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Send a campaign through the stand-in; give what it was told of each letter, by the mailbox's name."""
    settings.LUVALLA_SMTP_URL = ""
    secrets_file = tmp_path / "postmark.toml"
    secrets_file.write_text(f'server_token = "{TOKEN}"\nwebhook_secret = "{SECRET}"\n')
    with ApiStandIn(lambda _: (200, ACCEPTED)) as stand_in:
        Relay.objects.create(name="api", url=f"anymail+postmark://{stand_in.host}/?secrets_file={secrets_file}")
        add_customers(open_world, [f"{name}@esimerkki.fi" for name in PEOPLE])
        assert send_campaign(approved(open_world).pk, workers=1, actor=OPERATOR).accepted == len(PEOPLE)
    return {letter["To"].partition("@")[0]: letter for letter in stand_in.letters}


def report(document: object, *, secret: str = SECRET, relay: int | None = None) -> int:
    """Report as Postmark does; give the status of the answer."""
    number = Relay.objects.get().pk if relay is None else relay
    answer = Client(enforce_csrf_checks=True).post(
        f"/api/mail-reports/{number}",
        document if isinstance(document, str) else json.dumps(document),
        content_type="application/json",
        headers={"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()},
    )
    return answer.status_code


def bounce(letter: dict[str, Any], kind: str, details: str = "") -> dict[str, Any]:
    return {
        "RecordType": "Bounce", "ID": 42, "Type": kind, "Email": letter["To"], "Details": details,
        "BouncedAt": "2026-11-29T12:00:00Z", "Metadata": letter["Metadata"], "MessageID": ACCEPTED["MessageID"],
    }  # fmt: skip


def rows() -> dict[str, tuple[str, str]]:
    """Give state and code of each letter by the mailbox's place among PEOPLE."""
    found = Delivery.objects.order_by("contact_id").values_list("state", "code")
    return dict(zip(PEOPLE, found, strict=True))


def test_bounces_move_letters_and_a_mailbox_that_is_gone_gets_none_any_more(sent: dict[str, dict[str, Any]]) -> None:
    assert report(bounce(sent["maija"], "HardBounce", "smtp;550 5.1.1 The email account does not exist")) == 204
    assert report(bounce(sent["matti"], "SoftBounce")) == 204
    assert report(bounce(sent["aino"], "Transient")) == 204
    assert rows() == {"maija": ("refused", "5.1.1"), "matti": ("expired", "4.0.0"), "aino": ("accepted", "250 2.0.0")}
    gone = Contact.objects.get(undeliverable_until__gt=timezone.now())
    assert HardBounce.objects.get().contact_id == gone.pk
    assert report(bounce(sent["maija"], "HardBounce", "smtp;550 5.1.1")) == 204
    assert HardBounce.objects.get().letters == 1, "the same report twice counts once"
    assert LedgerRow.objects.filter(verb="mailroom.note_bounce").count() == 4
    assert_sums_are_whole(Delivery.objects.all()[0].campaign)


def test_a_complaint_is_an_objection(sent: dict[str, dict[str, Any]]) -> None:
    document = {**bounce(sent["maija"], "SpamComplaint"), "RecordType": "SpamComplaint"}
    assert report(document) == 204
    assert Contact.objects.count() == 2
    assert (Stop.objects.get().kind, Stop.objects.get().channel) == ("objection", "complaint")


def test_what_is_about_no_letter_of_ours_changes_nothing(sent: dict[str, dict[str, Any]]) -> None:
    before = rows()
    mark = sent["maija"]["Metadata"]["letter"]
    forged = mark[:-1] + ("0" if mark[-1] != "0" else "1")
    for metadata in ({}, {"letter": ""}, {"letter": forged}, {"letter": 5}, None):
        letter = {**sent["maija"], "Metadata": metadata}
        assert report(bounce(letter, "HardBounce", "550 5.1.1")) in {204, 400}
        assert report({**bounce(letter, "SpamComplaint"), "RecordType": "SpamComplaint"}) in {204, 400}
    assert report({"RecordType": "Open", "Recipient": "x@esimerkki.fi", "Metadata": sent["maija"]["Metadata"]}) == 204
    assert rows() == before
    assert Contact.objects.count() == 3


def test_without_the_secret_nothing_is_read(sent: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    document = bounce(sent["maija"], "HardBounce", "550 5.1.1")
    assert report(document, secret="postmark:other") == 401
    assert report(document, secret="") == 401
    assert report(document, relay=99_999) == 401
    assert report("no document") == 400
    assert report("[]") == 400
    (tmp_path / "postmark.toml").write_text(f'server_token = "{TOKEN}"\n')
    assert report(document, secret="") == 401, "a relay without a secret takes no reports"
    Relay.objects.update(url="smtp://127.0.0.1:25")
    assert report(document) == 401
    assert rows()["maija"] == ("accepted", "250 2.0.0")
