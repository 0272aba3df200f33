"""A campaign to many invented customers, and how it is sent while something goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from luvalla.campaigns.models import Campaign
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import Delivery, Relay, Shard
from luvalla.mailroom.owners import is_surely_gone
from luvalla.mailroom.sender import send_campaign
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.models import Contact, Permission
from luvalla.rules.address import Address
from tests.faults.postbox import Postbox
from tests.faults.sizes import patience
from tests.mailroom.world import World, freeze, make_campaign

TOGETHER: Final = 5000


def add_people(world: World, number: int) -> dict[int, str]:
    """Put so many customers into the register; give their addresses by contact id."""
    people: dict[int, str] = {}
    for start in range(0, number, TOGETHER):
        addresses = [Address(f"asiakas{each}", "esimerkki.fi") for each in range(start, min(number, start + TOGETHER))]
        made = Contact.objects.bulk_create(_contact(each) for each in addresses)
        Permission.objects.bulk_create(
            Permission(contact=each, kind="customer", source=world.crm, audience=world.customers) for each in made
        )
        people.update((contact.pk, address.text) for contact, address in zip(made, addresses, strict=True))
    return people


def _contact(address: Address) -> Contact:
    keys = sealer()
    token = keys.exact_token(address)
    return Contact(
        token=token,
        folded=keys.folded_token(address),
        domain=keys.domain_token(address.domain),
        sealed=keys.seal(address.text.encode(), column=CONTACT_ADDRESS, token=token),
    )


def approved(world: World, box: Postbox, *, connections: int = 4, letters_a_second: int | None = None) -> Campaign:
    """Approve a campaign to the customers, to be sent through this relay."""
    Relay.objects.create(
        name="oma", url=box.url, connections=connections, letters_a_second=letters_a_second
    )  # fmt: skip
    campaign = make_campaign(world, state="approved")
    freeze(campaign)
    return campaign


def in_thread(act: Callable[..., object], *arguments: Any) -> threading.Thread:
    """Do something beside, with a connection to the database of its own."""

    def run() -> None:
        try:
            act(*arguments)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@contextmanager
def sending(campaign: Campaign, *, workers: int = 2, seconds: float = 60.0) -> Iterator[threading.Thread]:
    """Send a campaign beside the block, and wait at its end until it is over."""
    faults: list[BaseException] = []

    def send() -> None:
        try:
            send_to_the_end(campaign, workers)
        except BaseException as fault:  # noqa: BLE001  # raised again in the thread of the test
            faults.append(fault)

    thread = in_thread(send)
    try:
        yield thread
    finally:
        thread.join(patience(seconds))
    assert not thread.is_alive(), "the campaign hangs"
    if faults:
        raise faults[0]


def send_to_the_end(campaign: Campaign, workers: int) -> None:
    """Send, and send again what was deferred, without waiting for hours until it is due."""
    while send_campaign(campaign.pk, workers=workers, on_progress=hurry, actor=OPERATOR).state == "sending":
        hurry()


def hurry(_: object = None) -> None:
    """Make every further attempt due at once."""
    now = timezone.now()
    for shard in Shard.objects.filter(done_at=None).values_list("pk", flat=True):
        Delivery.objects.filter(shard_id=shard, retry_at__gt=now).update(retry_at=now)


def holders() -> list[int]:
    """Give the process numbers of the living workers that hold a shard just now."""
    owners = Shard.objects.exclude(owner="").values_list("owner", flat=True)
    return sorted({int(each.split("-")[1]) for each in owners if not is_surely_gone(each)})


def wait_until(is_so: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + patience(seconds)
    while not is_so():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
