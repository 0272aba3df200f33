from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.background import Background, left_alone
from luvalla.mailroom.crew import Crew
from luvalla.mailroom.models import Hold, Relay, Shard
from luvalla.mailroom.preflight import usable_relays
from luvalla.mailroom.sender import prepare, work_for
from luvalla.sending.testing import Receiver
from tests.mailroom.test_sending import approved, wait_until
from tests.mailroom.world import World, add_customers


def state_of(campaign: Campaign) -> str:
    return Lifecycle.objects.get(campaign=campaign).state


@pytest.fixture
def background() -> Iterator[Background]:
    running = Background()
    yield running
    running.stop()


def test_a_scheduled_campaign_starts_when_its_time_has_come(
    open_world: World, receiver: Receiver, background: Background
) -> None:
    add_customers(open_world, ["matti@esimerkki.fi"])
    campaign = approved(open_world)
    Lifecycle.objects.update(state="scheduled", send_at=timezone.now() + timedelta(minutes=1))
    background.step()
    assert len(background) == 0
    Lifecycle.objects.update(send_at=timezone.now() - timedelta(seconds=1))
    background.step()
    assert len(background) == 1
    wait_until(lambda: (background.step(), state_of(campaign))[1] == "finished")
    wait_until(lambda: (background.step(), len(background))[1] == 0)
    assert len(receiver.messages) == 1


def test_an_interrupted_campaign_is_gone_on_with(open_world: World, receiver: Receiver, background: Background) -> None:
    add_customers(open_world, ["matti@esimerkki.fi"])
    campaign = approved(open_world)
    prepare(campaign, actor=SYSTEM)
    assert left_alone(timezone.now()) == [campaign]
    Shard.objects.update(owner="somebody else", lease_until=timezone.now() + timedelta(seconds=20))
    assert left_alone(timezone.now()) == []
    Shard.objects.update(owner="")
    wait_until(lambda: (background.step(), state_of(campaign))[1] == "finished")
    assert len(receiver.messages) == 1


def test_a_campaign_whose_relay_is_away_rests_for_a_while(
    open_world: World, settings: Settings, background: Background
) -> None:
    settings.LUVALLA_SMTP_URL = "smtp://127.0.0.1:1"
    add_customers(open_world, ["matti@esimerkki.fi"])
    campaign = approved(open_world)
    Lifecycle.objects.update(state="scheduled", send_at=timezone.now())
    background.step()
    assert Hold.objects.get().fault == "unreachable"
    since = Hold.objects.get().since
    background.step()
    assert Hold.objects.get().since == since
    assert state_of(campaign) == "scheduled"


def test_a_crew_serves_several_campaigns_and_finishes_them(open_world: World, receiver: Receiver) -> None:
    add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(20)])
    campaigns = [approved(open_world), approved(open_world)]
    Lifecycle.objects.update(state="scheduled", send_at=timezone.now())
    crew = Crew(workers=1)
    try:
        wait_until(lambda: (crew.look(), {state_of(each) for each in campaigns})[1] == {"finished"})
    finally:
        crew.end()
    assert len(receiver.messages) == 40


def test_a_crew_without_a_relay_waits_and_says_why(open_world: World, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = ""
    add_customers(open_world, ["matti@esimerkki.fi"])
    campaign = approved(open_world)
    Lifecycle.objects.update(state="scheduled", send_at=timezone.now())
    crew = Crew(workers=1)
    crew.look()
    assert Hold.objects.get(campaign=campaign).fault == "none_set"
    crew.end()


PARENT = """
import json, subprocess, sys
told = json.load(sys.stdin)
import os
told["parent"] = os.getpid()
child = subprocess.Popen([sys.executable, "-P", "-m", "luvalla.mailroom.worker"], stdin=subprocess.PIPE)
child.stdin.write(json.dumps(told).encode())
child.stdin.close()
print(child.pid, flush=True)
child.wait()
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_ends_with_its_parent_and_finishes_its_window(
    open_world: World, receiver: Receiver, settings: Settings
) -> None:
    settings.LUVALLA_SMTP_URL = ""
    Relay.objects.create(name="hidas", url=receiver.url, letters_a_second=20)
    add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(400)])
    campaign = approved(open_world)
    prepare(campaign, actor=SYSTEM)
    told = work_for(usable_relays(), campaign=campaign.pk, workers=1)
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(json.dumps(told))
    parent.stdin.close()
    child = int(parent.stdout.readline())
    wait_until(lambda: len(receiver.messages) > 5)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_running(child), at_most=5)
    time.sleep(0.2)
    shards = list(Shard.objects.exclude(permitted=0))
    assert sum(each.permitted for each in shards) == sum(each.accepted for each in shards) == len(receiver.messages)
    assert {each.owner for each in shards} == {""}


def test_a_worker_is_small(open_world: World, receiver: Receiver, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = ""
    Relay.objects.create(name="hidas", url=receiver.url, letters_a_second=50)
    add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(300)])
    campaign = approved(open_world)
    prepare(campaign, actor=SYSTEM)
    told = work_for(usable_relays(), campaign=campaign.pk, workers=1)
    worker = subprocess.Popen([sys.executable, "-P", "-m", "luvalla.mailroom.worker"], stdin=subprocess.PIPE)
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(told).encode())
    worker.stdin.close()
    wait_until(lambda: len(receiver.messages) > 60)
    status = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
    kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    worker.terminate()
    assert worker.wait(10) == 0
    assert kilobytes < 80_000
