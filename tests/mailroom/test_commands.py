from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from pytest_django import Settings

from luvalla.campaigns.models import Lifecycle
from luvalla.cli.main import main
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.keycheck import fingerprints, remember
from luvalla.ledger.vault import keyring
from luvalla.mailroom.shards import make_shards
from luvalla.sending.testing import Receiver
from tests.mailroom.test_sending import approved, recipients, wait_until
from tests.mailroom.world import World, add_customers, make_campaign


def test_send_prints_one_document_with_every_count(
    open_world: World,
    receiver: Receiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_customers(open_world, ["matti@esimerkki.fi", "refuse@esimerkki.fi"])
    campaign = approved(open_world)
    assert main(["send", str(campaign.pk), "--workers", "1", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {
        "campaign": campaign.pk,
        "state": "finished",
        "permitted": 2,
        "accepted": 1,
        "refused": 1,
        "deferred": 0,
        "expired": 0,
        "unknown": 0,
        "withheld": {},
    }
    assert printed.err == ""


def test_send_prints_a_table_for_people(
    open_world: World,
    receiver: Receiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_customers(open_world, ["matti@esimerkki.fi"])
    assert main(["send", str(approved(open_world).pk)]) == 0
    assert "Accepted by the server" in capsys.readouterr().out


def test_a_campaign_that_is_not_there_or_not_approved_is_refused_clearly(
    open_world: World,
    receiver: Receiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["send", "999", "--json"]) == 3
    campaign = make_campaign(open_world, state="submitted")
    assert main(["send", str(campaign.pk), "--json"]) == 1
    document = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "not approved" in document["error"]["message"]


def test_a_relay_that_is_away_or_not_set_is_said_to_be(
    open_world: World,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_customers(open_world, ["matti@esimerkki.fi"])
    campaign = approved(open_world)
    settings.LUVALLA_SMTP_URL = "smtp://127.0.0.1:1"
    assert main(["send", str(campaign.pk)]) == 5
    settings.LUVALLA_SMTP_URL = ""
    assert main(["send", str(campaign.pk)]) == 2
    said = capsys.readouterr().err
    assert "does not answer" in said
    assert "LUVALLA_SMTP_URL" in said


def test_a_worker_on_its_own_sends_what_is_due_and_ends_when_told(
    open_world: World,
    receiver: Receiver,
    process_environment: dict[str, str],
) -> None:
    add_customers(open_world, ["matti@esimerkki.fi"])
    campaign = approved(open_world)
    remember(fingerprints(keyring()))
    campaign.lifecycle.state = "sending"
    campaign.lifecycle.save()
    make_shards(campaign=campaign, actor=SYSTEM)
    environment = {**process_environment, "LUVALLA_SMTP_URL": receiver.url}
    worker = subprocess.Popen([sys.executable, "-P", "-m", "luvalla", "worker", "--workers", "1"], env=environment)
    try:
        wait_until(lambda: recipients(receiver)["matti@esimerkki.fi"] == 1, at_most=30)
        wait_until(lambda: Lifecycle.objects.get().state == "finished")
    finally:
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(90) == 0  # it finishes what it has begun, the check of all promises among it
