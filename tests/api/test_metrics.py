"""Figures for Prometheus: those of the database, for this machine or whoever shows the token, and nobody in them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from luvalla.mailroom.models import Hold, Relay, Shard, Withheld
from tests.mailroom.world import World, add_customers, make_campaign, make_shard, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def figures(client: Client) -> dict[tuple[str, str], float]:
    answer = client.get("/metrics", headers={"host": "127.0.0.1:8000"})
    assert answer.status_code == 200
    return {
        (sample.name, ",".join(str(each) for each in sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_the_figures_are_those_of_the_database_and_name_nobody(
    world: World, client: Client, settings: Settings
) -> None:
    settings.LUVALLA_SMTP_URL = ""
    add_customers(world, ["maija@esimerkki.fi"])
    campaign = make_campaign(world)
    shard = make_shard(campaign)
    Shard.objects.update(permitted=9, accepted=5, refused=1, owner="machine-1-2-one", rate=38)
    Withheld.objects.create(campaign=campaign, shard=shard, reason="restricted", contacts=3)
    Withheld.objects.create(campaign=campaign, shard=shard, reason="prohibited", contacts=12)
    Withheld.objects.create(campaign=campaign, shard=shard, reason="suppressed", contacts=400)
    Hold.objects.create(campaign=campaign, fault="busy")
    relay = Relay.objects.create(name="posti.esimerkki.fi", url="smtp://127.0.0.1:25")
    seen = figures(client)
    one = str(campaign.pk)
    assert seen["luvalla_letters", f"{one},accepted"] == 5
    assert seen["luvalla_letters", f"{one},in_flight"] == 3
    assert seen["luvalla_contacts_withheld", f"{one},suppressed"] == 400
    for untold in ("restricted", "prohibited"):
        assert ("luvalla_contacts_withheld", f"{one},{untold}") not in seen
    assert seen["luvalla_letters_a_second", one] == 38
    assert seen["luvalla_campaign_held", f"{one},busy"] == 1
    assert seen["luvalla_relay_usable", str(relay.pk)] == 1
    assert (seen["luvalla_workers", ""], seen["luvalla_stops_unfinished", ""]) == (1, 0)
    Relay.objects.update(rested_at=timezone.now())
    assert figures(client)["luvalla_relay_usable", str(relay.pk)] == 0
    text = client.get("/metrics", headers={"host": "127.0.0.1:8000"}).content.decode()
    assert "@" not in text
    assert "Syksyn" not in text


@pytest.mark.parametrize(
    "stranger",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_HOST": "kirjeet.esimerkki.fi"},
    ],
)
def test_another_machine_reads_with_the_token_only(
    world: World, client: Client, settings: Settings, stranger: dict[str, str]
) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "kirjeet.esimerkki.fi"]
    asked = {"HTTP_HOST": "127.0.0.1:8000", **stranger}
    assert client.get("/metrics", **asked).status_code == 404
    settings.LUVALLA_METRICS_TOKEN = "salainen"
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer muu", **asked).status_code == 404
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer salainen", **asked).status_code == 200
