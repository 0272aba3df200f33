"""A campaign over two `luvalla worker` processes, one of which is killed with all it has: counted at both ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from luvalla.campaigns.models import Lifecycle
from luvalla.mailroom.models import Delivery, Relay, Shard
from luvalla.mailroom.owners import process_of
from luvalla.register.models import Contact
from luvalla.sending.testing import Receiver
from tests.mailroom.test_sending import approved, recipients
from tests.mailroom.world import World, add_customers, assert_sums_are_whole

CONTACTS = 3000


@pytest.fixture
def start_worker(process_environment: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "luvalla", "worker", "--workers", "1"]
        environment = {**os.environ, **process_environment, "LUVALLA_SMTP_URL": ""}
        running.append(subprocess.Popen(command, env=environment, start_new_session=True))
        return running[-1]

    yield start
    for each in running:
        if each.poll() is None:
            each.terminate()
            each.wait(30)


def test_a_campaign_over_two_workers_of_which_one_is_killed_loses_nobody(
    open_world: World, receiver: Receiver, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    Relay.objects.create(name="posti", url=receiver.url, letters_a_second=500)
    names = [f"asiakas{number}@esimerkki.fi" for number in range(CONTACTS)]
    contacts = add_customers(open_world, names)
    campaign = approved(open_world)
    first, _ = start_worker(), start_worker()
    Lifecycle.objects.filter(campaign=campaign).update(state="scheduled", send_at=timezone.now())
    wait_until(lambda: len({process_of(each) for each in owners()}) == 2)
    wait_until(lambda: len(receiver.messages) > CONTACTS // 4)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    wait_until(lambda: Lifecycle.objects.get(campaign=campaign).state == "finished")
    assert_sums_are_whole(campaign)
    states = dict(Delivery.objects.filter(campaign=campaign).values_list("contact_id", "state"))
    address_of = dict(zip((each.pk for each in contacts), names, strict=True))
    assert set(states) == set(Contact.objects.values_list("pk", flat=True))
    unknown = {address_of[pk] for pk, state in states.items() if state == "unknown"}
    accepted = {address_of[pk] for pk, state in states.items() if state == "accepted"}
    assert accepted | unknown == set(names)
    got = {address: letters for address, letters in recipients(receiver).items() if address in set(names)}
    assert max(got.values()) == 1
    assert accepted <= set(got)
    assert set(got) - accepted <= unknown
    assert len(unknown) <= 4 * 32


def owners() -> list[str]:
    return list(Shard.objects.exclude(owner="").values_list("owner", flat=True))


def wait_until(true: Callable[[], bool], at_most: float = 90.0) -> None:
    end = time.monotonic() + at_most
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)
