from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from luvalla.campaigns.models import Lifecycle
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import Hold, Relay, RelayPace
from luvalla.organisation.models import Processor
from luvalla.people.models import Role
from luvalla.register.models import Contact, Stop
from luvalla.staff.deliveries.front import held_campaigns
from tests.people.conftest import MakePerson
from tests.staff.conftest import Browse
from tests.staff.deliveries.conftest import Sending

COMMUNICATIONS, OWNER, CUSTODIAN = Role.COMMUNICATIONS.value, Role.REGISTER_OWNER.value, Role.CUSTODIAN.value


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


def place(sending: Sending, rest: str = "") -> str:
    return f"/staff/deliveries/{sending.campaign.pk}/{rest}"


def test_the_live_view_shows_every_count_and_the_sums_add_up(browse: Browse, sending: Sending) -> None:
    seen = page(browse(COMMUNICATIONS), place(sending))
    assert 'All permits</td> <td class="lv-n lv-end">7</td>' in seen
    assert 'All refusals</td> <td class="lv-n lv-end">under 10</td>' in seen
    assert "Has forbidden this purpose" in seen
    assert "about 10 / about 4,010 contacts handled (0 %)" in seen
    assert "38 letters/s" in seen
    assert "1 done, 1 running, 1 waiting." in seen
    assert "another went on" in seen
    assert "next attempt" in seen


def test_the_bar_says_the_same_in_words(browse: Browse, sending: Sending) -> None:
    seen = page(browse(COMMUNICATIONS), place(sending))
    assert 'aria-label="Sending: 0 per cent handled. Accepted 2, Deferred 1, Refused or expired 2, Unknown 1,' in seen


def test_no_whole_address_is_on_any_page(browse: Browse, sending: Sending) -> None:
    client = browse(OWNER)
    for rest in ("", "live/", "missed/"):
        assert "asiakas" not in page(client, place(sending, rest))


def test_the_moving_parts_come_alone_for_the_script(browse: Browse, sending: Sending) -> None:
    client = browse(COMMUNICATIONS)
    seen = page(client, place(sending, "live/"))
    assert "<html" not in seen
    parts = {"bar", "figures", "outcomes", "refusals", "relays", "shards"}
    assert set(re.findall(r'data-lv-part="(\w+)"', seen)) == parts
    assert "data-lv-over" not in seen
    Lifecycle.objects.update(state="finished", finished_at=timezone.now())
    assert "data-lv-over" in page(client, place(sending, "live/"))


def test_stops_during_the_sending_are_counted_with_the_letters_after_them(browse: Browse, sending: Sending) -> None:
    now = timezone.now()
    stop = Stop.objects.create(
        kind="withdrawal", channel="link", actor="subject", folded=b"", sealed=b"", requested_at=now,
        answered_at=now + timedelta(seconds=1), contact_ids=[sending.contacts[0].pk],
    )  # fmt: skip
    client = browse(COMMUNICATIONS)
    assert "Letters after an answered stop: <b>0</b>" in page(client, place(sending))
    Stop.objects.filter(pk=stop.pk).update(answered_at=now - timedelta(minutes=1))
    assert "Letters after an answered stop: <b>1</b>" in page(client, place(sending))


def test_pause_and_cancellation_are_offered_to_those_who_send(browse: Browse, sending: Sending) -> None:
    assert "Cancel the rest" in page(browse(COMMUNICATIONS), place(sending))
    seen = page(browse(OWNER, name="Eero Niemi"), place(sending))
    assert "Cancel the rest" not in seen
    assert "/pause/" not in seen


def test_the_missed_of_a_finished_letter_get_it_again_when_chosen(browse: Browse, sending: Sending) -> None:
    client = browse(COMMUNICATIONS)
    assert client.get(place(sending, "again/")).status_code == 302
    Lifecycle.objects.update(state="finished", finished_at=timezone.now())
    assert "Send again to the missed" in page(client, place(sending))
    seen = page(client, place(sending, "again/"))
    assert seen.count('type="checkbox"') == 3
    assert "checked" not in seen
    assert "Choose at least one group" in client.post(place(sending, "again/"), {}).content.decode()
    answer = client.post(place(sending, "again/"), {"missed": ["expired:mailbox_full"]})
    assert (answer.status_code, answer["Location"]) == (302, place(sending))
    assert Lifecycle.objects.get().state == "sending"
    assert browse(OWNER, name="Eero Niemi").get(place(sending, "again/")).status_code == 403


def test_pausing_from_the_view_pauses_and_returns_to_it(browse: Browse, sending: Sending) -> None:
    client = browse(COMMUNICATIONS)
    assert "pause/?at=sending" in page(client, place(sending))
    answer = client.post(f"/staff/campaigns/{sending.campaign.pk}/pause/?at=sending")
    assert answer["Location"] == place(sending)
    assert place(sending) in page(client, f"/staff/campaigns/{sending.campaign.pk}/")
    assert Lifecycle.objects.get().state == "paused"


def test_a_held_letter_says_why_and_what_to_do(browse: Browse, sending: Sending) -> None:
    Hold.objects.create(campaign=sending.campaign, fault="wrong_credentials", relay="posti.esimerkki.fi")
    client = browse(COMMUNICATIONS)
    seen = page(client, place(sending))
    assert "The letters wait, and none is lost" in seen
    assert "The server posti.esimerkki.fi does not accept the user name and password." in seen
    assert "Held" in page(client, "/staff/deliveries/")


def test_a_held_letter_waits_for_those_who_send(make_person: MakePerson, sending: Sending) -> None:
    Hold.objects.create(campaign=sending.campaign, fault="unreachable", relay="posti.esimerkki.fi")
    assert held_campaigns(make_person("Aino Salmela", COMMUNICATIONS)) == 1
    assert held_campaigns(make_person("Eero Niemi", CUSTODIAN)) == 0


def test_a_letter_that_has_not_begun_to_leave_is_shown_at_its_own_desk(browse: Browse, sending: Sending) -> None:
    Lifecycle.objects.update(state="scheduled", started_at=None)
    answer = browse(COMMUNICATIONS).get(place(sending))
    assert (answer.status_code, answer["Location"]) == (302, f"/staff/campaigns/{sending.campaign.pk}/")


def test_who_did_not_get_it_is_listed_masked_with_reason_and_answer(browse: Browse, sending: Sending) -> None:
    seen = page(browse(OWNER), place(sending, "missed/"))
    assert seen.count('aria-hidden="true">a•••••@') == 4
    assert "There is no such mailbox" in seen
    assert "550 5.1.1" in seen
    one = page(browse(OWNER, name="Eero Niemi"), place(sending, "missed/?reason=mailbox_gone"))
    assert one.count('aria-hidden="true">a•••••@') == 1
    assert "looking is written into the ledger" in one


def test_restricted_people_are_left_alone_in_the_list(browse: Browse, sending: Sending) -> None:
    Contact.objects.update(restricted_at=timezone.now())
    seen = page(browse(OWNER), place(sending, "missed/"))
    assert "•••••" not in seen
    assert seen.count("left alone: restricted or gone") == 4


def test_the_list_counts_every_sending(browse: Browse, sending: Sending) -> None:
    seen = page(browse(COMMUNICATIONS), "/staff/deliveries/")
    assert "Syksyn uutiset" in seen
    assert "Being sent" in seen


def test_an_empty_desk_says_what_will_appear(browse: Browse, db: None) -> None:
    assert "No letter has left yet" in page(browse(COMMUNICATIONS), "/staff/deliveries/")


@pytest.mark.parametrize("rest", ["", "1/", "1/live/", "1/missed/", "relays/"])
def test_whoever_has_nothing_to_do_with_deliveries_sees_none(browse: Browse, sending: Sending, rest: str) -> None:
    rest = rest.replace("1/", f"{sending.campaign.pk}/")
    assert browse(CUSTODIAN).get(f"/staff/deliveries/{rest}").status_code == 403


def test_relays_say_where_they_are_and_why_one_is_not_used(
    browse: Browse, sending: Sending, settings: Settings
) -> None:
    settings.LUVALLA_SMTP_URL = ""
    client = browse(OWNER)
    seen = page(client, "/staff/deliveries/relays/")
    assert "on this machine · at most 25 letters/s · 4 connections" in seen
    assert "Takes letters" in seen
    assert "has no processor with a contract in force" in seen
    held = Relay.objects.filter(name="posti.esimerkki.fi")
    held.update(held_until=timezone.now() + timedelta(seconds=30), last_fault="busy")
    assert "Rests" in page(client, "/staff/deliveries/relays/")


def test_a_relay_is_recorded_with_its_row_in_the_ledger(browse: Browse, sending: Sending) -> None:
    processor = Processor.objects.create(
        name="Nordpost", role="relay", country="SE", contract_reference="DPA", contract_from="2026-01-01"
    )
    form = {
        "name": "relay.nordpost.example", "url": "smtps://kirje@relay.nordpost.example?password_file=/etc/luvalla/pw",
        "country": "se", "processor": processor.pk, "connections": 4, "letters_a_second": 20, "order": 1,
        "in_use": "on", "warm_up_growth": 50, "domain_letters_a_minute": 60,
    }  # fmt: skip
    client = browse(OWNER)
    assert client.get("/staff/deliveries/relays/add/").status_code == 200
    assert client.post("/staff/deliveries/relays/add/", form).status_code == 302
    row = Relay.objects.get(name="relay.nordpost.example")
    assert (row.country, row.processor, row.letters_a_second) == ("SE", processor, 20)
    assert LedgerRow.objects.get(verb="mailroom.record_relay").facts["country"] == "SE"
    assert client.post(f"/staff/deliveries/relays/{row.pk}/", {**form, "connections": 8}).status_code == 302
    row.refresh_from_db()
    assert row.connections == 8


def test_a_relay_is_left_alone_and_let_go_on_again(browse: Browse, sending: Sending, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = ""
    row, client = Relay.objects.get(name="posti.esimerkki.fi"), browse(OWNER)
    place = f"/staff/deliveries/relays/{row.pk}/"
    assert "Leave it alone" in page(client, place)
    client.post(place, {"rest": "on"})
    assert "left alone by the staff since" in page(client, "/staff/deliveries/relays/")
    assert "Let it take letters again" in page(client, place)
    client.post(place, {"rest": "off"})
    row.refresh_from_db()
    assert (row.rested_at, row.letters_a_second) == (None, 25)
    told = LedgerRow.objects.filter(verb="mailroom.rest_relay").order_by("pk").values_list("facts", flat=True)
    assert [each["rests"] for each in told] == [True, False]


def test_a_warm_up_is_shown_with_its_day(browse: Browse, sending: Sending, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = ""
    today = timezone.now().date()
    Relay.objects.update(warm_up_from=today, warm_up_letters=200, letters_a_connection=100, domain_at_once=3)
    RelayPace.objects.create(relay=Relay.objects.get(name="posti.esimerkki.fi"), day=today, letters=70)
    seen = page(browse(OWNER), "/staff/deliveries/relays/")
    assert "100 letters a connection · 3 at once to one domain · warm-up: 70 of today&#x27;s 200 letters" in seen


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("url", "smtps://kirje:salasana@relay.example", "belong here"),
        ("url", "https://relay.example", "not the address of a mail server"),
        ("country", "Suomi", "at most 2 characters"),
        ("country", "1!", "A country is two letters"),
        ("warm_up_letters", "200", "A plan has both"),
    ],
)
def test_what_cannot_be_a_relay_is_refused_beside_its_field(
    browse: Browse, sending: Sending, field: str, value: str, sentence: str
) -> None:
    form = {"name": "x", "url": "smtp://127.0.0.1", "country": "", "connections": 4, "order": 0, field: value}
    answer = browse(OWNER).post("/staff/deliveries/relays/add/", form)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Relay.objects.filter(name="x").exists()


def test_only_those_who_change_settings_record_relays(browse: Browse, sending: Sending) -> None:
    assert browse(COMMUNICATIONS).get("/staff/deliveries/relays/add/").status_code == 403
