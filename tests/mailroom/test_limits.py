"""A relay's limits are kept by all workers together, and a relay that fails or is full holds up nobody."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from luvalla.campaigns.models import Lifecycle
from luvalla.ledger.actors import OPERATOR
from luvalla.mailroom.crew import Crew
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.gateways import whole_window_failed
from luvalla.mailroom.limits import Limits, my_share, read_limits
from luvalla.mailroom.models import Delivery, DomainPace, Hold, Relay, RelayPace, Shard
from luvalla.mailroom.owners import new_owner
from luvalla.mailroom.pace import (
    domain_number,
    forget_domains,
    give_back,
    letters_today,
    reserve,
    reserve_domains,
    today_utc,
)
from luvalla.mailroom.relays import configured_relays
from luvalla.mailroom.sender import prepare, send_campaign
from luvalla.sending.outcome import Kind, Outcome, Reason
from luvalla.sending.testing import Receiver, Switches
from luvalla.sending.throttle import Pace, WarmUp
from tests.mailroom.test_sending import approved, wait_until
from tests.mailroom.world import World, add_customers, assert_sums_are_whole

KEY = b"k" * 32


@pytest.fixture
def recorded(settings: Settings) -> None:
    """Have letters leave through the recorded relays."""
    settings.LUVALLA_SMTP_URL = ""
    settings.LUVALLA_SMTP_PASSWORD_FILE = ""


@pytest.fixture
def relay(db: None) -> Relay:
    return Relay.objects.create(name="posti", url="smtp://127.0.0.1:25")


@given(of=st.integers(0, 50), others=st.sets(st.text("abc", min_size=1), max_size=9))
def test_the_parts_of_all_workers_are_the_whole(of: int, others: set[str]) -> None:
    everyone = others | {"me"}
    assert sum(my_share(of, owner=each, owners=everyone) for each in everyone) == of


def test_limits_are_read_as_they_are_recorded(relay: Relay) -> None:
    Relay.objects.update(
        letters_a_second=20, letters_a_connection=100, domain_letters_a_minute=90, domain_at_once=3,
        warm_up_from=date(2026, 11, 24), warm_up_letters=200, warm_up_growth=50, rested_at=timezone.now(),
    )  # fmt: skip
    assert read_limits([relay.pk]) == {
        relay.pk: Limits(
            rests=True,
            pace=Pace(20),
            letters_a_connection=100,
            domain_pace=Pace(1.5),
            domain_at_once=3,
            warm_up=WarmUp(date(2026, 11, 24), 200, 50),
        )
    }


def test_a_pace_is_shared_by_whoever_asks(relay: Relay) -> None:
    limits = Limits(pace=Pace(10))
    assert [reserve(relay.pk, limits, 6).letters for _ in range(3)] == [6, 4, 0]
    give_back(relay.pk, limits, 5)
    assert reserve(relay.pk, limits, 100).letters == 5


def test_a_day_s_letters_are_counted_until_the_day_is_full(relay: Relay) -> None:
    today = timezone.now().date()
    limits = Limits(warm_up=WarmUp(today - timedelta(days=1), first=10, growth=50))
    assert [reserve(relay.pk, limits, 8) for _ in range(3)] == [(8, False), (7, False), (0, True)]
    assert letters_today(relay.pk) == 15
    RelayPace.objects.update(day=today - timedelta(days=1))
    assert reserve(relay.pk, limits, 8) == (8, False)


def test_a_domain_has_its_own_pace_and_is_only_a_number(relay: Relay) -> None:
    one, other = domain_number(b"a@Esimerkki.fi", KEY), domain_number(b"b@esimerkki.fi", KEY)
    assert one == other
    assert 0 <= one < 65_536
    assert reserve_domains(relay.pk, Pace(2), {one: 5, 7: 1}) == {one: 2, 7: 1}
    assert reserve_domains(relay.pk, Pace(2), {one: 5, 7: 1}) == {one: 0, 7: 1}
    DomainPace.objects.update(free_at=time.time() - 7200)
    assert forget_domains() == 2


@pytest.mark.usefixtures("recorded")
def test_a_connection_carries_only_so_many_letters(open_world: World) -> None:
    with Receiver() as receiver:
        Relay.objects.create(name="posti", url=receiver.url, letters_a_connection=25, connections=2)
        add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(200)])
        result = send_campaign(approved(open_world).pk, workers=1, actor=OPERATOR)
    assert result.accepted == 200
    assert 9 <= receiver.counters.connections <= 16  # one only looked whether it answers; some were not full at the end


@pytest.mark.usefixtures("recorded")
def test_a_domain_gets_so_many_a_minute_while_the_others_go_on(open_world: World) -> None:
    with Receiver() as receiver:
        Relay.objects.create(name="posti", url=receiver.url, domain_letters_a_minute=300)
        names = [f"a{number}@suuri.example" for number in range(25)]
        add_customers(open_world, [*names, *(f"a{number}@pieni{number}.example" for number in range(30))])
        campaign = approved(open_world)
        assert send_campaign(campaign.pk, workers=2, actor=OPERATOR).accepted == 55
    assert_sums_are_whole(campaign)
    assert set(Delivery.objects.values_list("attempt", flat=True)) == {1}
    large = sorted(each.mailed_at for each in receiver.messages if each.recipients[0].endswith(b"@suuri.example"))
    assert len(large) == 25
    assert large[-1] - large[0] >= 3.0  # five a second, and a second's worth at once


@pytest.mark.usefixtures("recorded")
def test_a_full_day_leaves_the_rest_to_the_next_relay(open_world: World) -> None:
    with Receiver() as new, Receiver() as old:
        today = timezone.now().date()
        Relay.objects.create(name="uusi", url=new.url, order=0, warm_up_from=today, warm_up_letters=20)
        Relay.objects.create(name="vanha", url=old.url, order=1)
        add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(90)])
        assert send_campaign(approved(open_world).pk, workers=2, actor=OPERATOR).state == "finished"
    assert (len(new.messages), len(old.messages)) == (20, 70)
    assert Relay.objects.get(name="uusi").last_fault == "day_full"


@contextmanager
def silent_relay() -> Iterator[str]:
    """Take connections and never say a word after the first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                taken.append(caller)
                if len(taken) == 1:
                    caller.sendall(b"220 posti.example ESMTP\r\n")
                    caller.recv(100)
                    caller.sendall(b"250 posti.example\r\n")

        threading.Thread(target=take, daemon=True).start()
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        for each in taken:
            each.close()
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.usefixtures("recorded")
def test_a_silent_relay_does_not_hold_up_the_others(open_world: World) -> None:
    with silent_relay() as url, Receiver() as receiver:
        Relay.objects.create(name="vaiti", url=url, order=0)
        Relay.objects.create(name="toimii", url=receiver.url, order=1)
        add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(12)])
        began = time.monotonic()
        result = send_campaign(approved(open_world).pk, workers=1, actor=OPERATOR)
        assert (result.state, result.accepted) == ("finished", 12)
        assert time.monotonic() - began < 60
    assert Relay.objects.get(name="vaiti").last_fault == "unreachable"


@pytest.mark.usefixtures("recorded")
def test_a_relay_that_says_421_gives_way_to_the_next(open_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver(Switches(banner=b"421 4.3.2 Too busy\r\n")) as tired, Receiver() as rested:
        Relay.objects.create(name="tired", url=tired.url, order=0)
        Relay.objects.create(name="rested", url=rested.url, order=1)
        monkeypatch.setattr("luvalla.mailroom.sender.usable_relays", configured_relays)
        add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(60)])
        assert send_campaign(approved(open_world).pk, workers=2, actor=OPERATOR).accepted == 60
    assert len(rested.messages) == 60
    assert Relay.objects.get(name="tired").last_fault == "busy"
    said = [Outcome(Kind.DEFERRED, 421, "4.3.2", Reason.RELAY_BUSY)] * 3
    assert whole_window_failed(said) is Reason.RELAY_BUSY
    assert whole_window_failed([*said, Outcome(Kind.ACCEPTED, 250, "2.0.0")]) is None


@pytest.mark.usefixtures("recorded")
def test_the_dead_keep_no_connection_from_the_living(open_world: World) -> None:
    with Receiver() as receiver:
        Relay.objects.create(name="posti", url=receiver.url, connections=1)
        add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(12)])
        campaign = approved(open_world)
        prepare(campaign, actor=OPERATOR)
        machine = new_owner().partition("-")[0]
        dead = f"{machine}-1-0-dead"  # process 1 began at another time; of one connection the first by name has all
        assert my_share(1, owner=f"{machine}-2-0-alive", owners=[dead]) == 0
        Shard.objects.filter(campaign=campaign).update(owner=dead, epoch=1, lease_until=timezone.now())
        latest = time.monotonic() + 60

        def be_done(_: object) -> None:
            assert time.monotonic() < latest, "the campaign hangs"

        result = send_campaign(campaign.pk, workers=1, on_progress=be_done, actor=OPERATOR)
    assert (result.state, result.accepted) == ("finished", 12)
    assert len(receiver.messages) == 12


@pytest.mark.usefixtures("recorded")
def test_a_relay_the_staff_leave_alone_takes_nothing(open_world: World) -> None:
    row = Relay.objects.create(name="posti", url="smtp://127.0.0.1:25", rested_at=timezone.now())
    with pytest.raises(RelayUnusable) as refused:
        configured_relays()
    assert refused.value.fault is RelayFault.RESTED
    Relay.objects.filter(pk=row.pk).update(rested_at=None)
    assert [each.row for each in configured_relays()] == [row]


def test_the_relay_of_the_settings_is_left_alone_like_any_other(open_world: World, receiver: Receiver) -> None:
    add_customers(open_world, ["maija@esimerkki.fi"])
    (only,) = configured_relays()
    Relay.objects.filter(pk=only.row.pk).update(rested_at=timezone.now())
    campaign = approved(open_world)
    with pytest.raises(RelayUnusable) as refused:
        send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    assert refused.value.fault is RelayFault.RESTED
    assert Hold.objects.get(campaign=campaign).fault == "rested"
    Relay.objects.update(rested_at=None)
    assert send_campaign(campaign.pk, workers=1, actor=OPERATOR).state == "finished"
    assert not Hold.objects.exists()
    assert len(receiver.messages) == 1


@pytest.mark.usefixtures("recorded")
def test_a_sending_returns_when_its_only_relay_has_had_its_letters_of_today(open_world: World) -> None:
    with Receiver() as receiver:
        relay = Relay.objects.create(
            name="uusi", url=receiver.url, warm_up_from=today_utc(), warm_up_letters=40, warm_up_growth=0
        )
        add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(100)])
        campaign = approved(open_world)
        began = time.monotonic()
        result = send_campaign(campaign.pk, workers=2, actor=OPERATOR)
        assert time.monotonic() - began < 60
        assert (result.state, result.accepted, result.fault, result.relay) == ("sending", 40, "day_full", "uusi")
        assert not Shard.objects.exclude(owner="").exists()
        with pytest.raises(RelayUnusable) as refused:
            send_campaign(campaign.pk, workers=1, actor=OPERATOR)
        assert refused.value.fault is RelayFault.DAY_FULL
        assert len(receiver.messages) == 40
        RelayPace.objects.filter(relay=relay).update(day=today_utc() - timedelta(days=1))  # and the next day
        Relay.objects.update(warm_up_letters=100)
        assert send_campaign(campaign.pk, workers=1, actor=OPERATOR).state == "finished"
        assert len(receiver.messages) == 100


@pytest.mark.usefixtures("recorded")
def test_a_sending_whose_only_relay_is_left_alone_in_the_middle_says_so(open_world: World) -> None:
    with Receiver() as receiver:
        Relay.objects.create(name="posti", url=receiver.url, letters_a_second=60)
        add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(300)])
        campaign = approved(open_world)

        def rest(_: object) -> None:
            if len(receiver.messages) > 30:
                Relay.objects.filter(rested_at=None).update(rested_at=timezone.now())

        result = send_campaign(campaign.pk, workers=1, on_progress=rest, actor=OPERATOR)
    assert (result.state, result.fault) == ("sending", "rested")
    assert 30 < result.accepted < 300
    assert not Shard.objects.exclude(owner="").exists()


@pytest.mark.usefixtures("recorded")
def test_two_campaigns_at_once_both_get_on_with_one_worker(open_world: World) -> None:
    with Receiver() as receiver:
        Relay.objects.create(name="posti", url=receiver.url, letters_a_second=40)
        add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(400)])
        campaigns = [approved(open_world), approved(open_world)]
        Lifecycle.objects.update(state="scheduled", send_at=timezone.now())
        crew = Crew(workers=1)

        def accepted() -> list[int]:
            crew.look()
            return [sum(each.values_list("accepted", flat=True)) for each in map(shards, campaigns)]

        def shards(campaign: object) -> object:
            return Shard.objects.filter(campaign=campaign)

        try:
            wait_until(lambda: min(accepted()) > 20, at_most=30)
            assert sum(accepted()) < 700
        finally:
            crew.end()
    connection.close()
