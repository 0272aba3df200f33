"""Each check on a system as it should be, and its negative control: the breach that must turn it to broken."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import AppConfig, apps
from django.utils import timezone

from luvalla.campaigns.models import Campaign
from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.claims import CLAIMS
from luvalla.mailroom.models import Delivery, Relay
from luvalla.organisation.models import OutgoingHost, Processor, Purpose
from luvalla.register.models import Contact, Permission, Prohibition, Restriction, Stop
from luvalla.rules.ports import Finding, Verdict, claims
from tests.mailroom.world import World, add_customers, make_campaign, make_shard


def look(claim_id: str) -> Finding:
    claim = claims.get(claim_id)
    assert claim is not None
    return claim.check()


@pytest.fixture
def sent(world: World) -> tuple[Campaign, Contact, Delivery]:
    """Send one letter, a moment ago, through a relay of our own."""
    (contact,) = add_customers(world, ["matti@esimerkki.fi"])
    campaign = make_campaign(world)
    shard = make_shard(campaign)
    relay = Relay.objects.create(name="own", url="smtp://127.0.0.1:25")
    now = timezone.now()
    delivery = Delivery.objects.create(
        campaign=campaign, contact_id=contact.pk, shard_id=shard.pk, epoch=1, state="accepted", claimed_at=now,
        finished_at=now, relay=relay,
    )  # fmt: skip
    return campaign, contact, delivery


def stop(contact: Contact, kind: str, *, answered: timedelta) -> Stop:
    moment = timezone.now() + answered
    return Stop.objects.create(
        kind=kind, channel="link", actor="subject", folded=b"", sealed=b"", contact_ids=[contact.pk],
        requested_at=moment, answered_at=moment,
    )  # fmt: skip


LATER, EARLIER = timedelta(minutes=1), timedelta(minutes=-1)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda each: each.id)
def test_a_system_as_it_should_be_holds(sent: object, claim: object) -> None:
    assert claim.check().verdict is Verdict.HOLDS


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda each: each.id)
def test_an_empty_system_holds(world: World, claim: object) -> None:
    assert claim.check().verdict is Verdict.HOLDS


def test_a_letter_without_a_permission_breaks_s11(sent: object) -> None:
    Permission.objects.all().delete()
    found = look("S11")
    assert (found.verdict, found.figures["letters_without_permission"]) == (Verdict.BROKEN, 1)


def test_s11_looks_at_more_letters_than_a_list_of_them_could_name(
    sent: tuple[Campaign, Contact, Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, contact, letter = sent
    Delivery.objects.bulk_create(
        Delivery(
            campaign=campaign, contact_id=contact.pk + number, shard_id=letter.shard_id, epoch=1, state="accepted",
            claimed_at=letter.claimed_at,
        )
        for number in range(1, 1201)
    )  # fmt: skip
    found = look("S11")
    assert (found.figures["letters"], found.figures["letters_without_permission"]) == (1201, 1200)
    monkeypatch.setattr("luvalla.mailroom.claims.LOOKED_AT", 700)
    found = look("S11")
    assert (found.figures["letters"], found.figures["letters_without_permission"]) == (700, 700), "the newest are"


def test_a_permission_that_came_after_the_letter_breaks_s11(sent: object) -> None:
    Permission.objects.update(created_at=timezone.now() + LATER)
    assert look("S11").verdict is Verdict.BROKEN


def test_a_permission_that_ended_before_the_letter_breaks_s11_and_one_that_ended_after_it_does_not(
    sent: object,
) -> None:
    Permission.objects.update(created_at=timezone.now() + 5 * EARLIER, ended_at=timezone.now() + LATER)
    assert look("S11").verdict is Verdict.HOLDS
    Permission.objects.update(ended_at=timezone.now() + EARLIER)
    assert look("S11").verdict is Verdict.BROKEN


def test_a_purpose_without_a_basis_breaks_s11(sent: object) -> None:
    Purpose.objects.update(basis="")
    assert look("S11").figures["purposes_without_basis"] == 2


def test_a_relay_without_a_contract_breaks_s19(sent: object) -> None:
    Relay.objects.update(url="smtps://smtp.north.example", country="SE")
    assert look("S19").verdict is Verdict.BROKEN


def test_a_program_that_shares_the_list_breaks_s19(
    sent: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = ModuleType("share_list")
    module.__file__ = str(tmp_path / "__init__.py")
    plug_in = AppConfig("share_list", module)
    monkeypatch.setitem(apps.app_configs, "share_list", plug_in)
    assert look("S19").figures["unknown_applications"] == 1
    (tmp_path / "share_list.py").write_text("import requests\n", encoding="utf-8")
    monkeypatch.setattr("luvalla.mailroom.claims.PACKAGE", tmp_path)
    assert look("S19").figures["unknown_ways_out"] == 1


def test_an_export_nobody_gave_a_reason_for_breaks_s19(sent: object) -> None:
    record("register.export_contacts", actor=SYSTEM, purpose="authority", reason="asked")
    assert look("S19").verdict is Verdict.HOLDS
    record("register.export_contacts", actor=SYSTEM, purpose="authority")
    assert look("S19").figures["exports_without_reason"] == 1


def test_a_relay_outside_the_eea_without_a_ground_breaks_s20(sent: object) -> None:
    west = Processor.objects.create(
        name="West", role="relay", country="US", contract_reference="DPA", contract_from=date(2026, 1, 1)
    )
    Relay.objects.update(url="smtps://smtp.west.example", country="US", processor=west)
    assert look("S20").verdict is Verdict.BROKEN
    assert look("S19").verdict is Verdict.HOLDS


def test_a_relay_set_in_the_united_states_breaks_s20_before_any_letter(sent: object) -> None:
    west = Relay.objects.create(name="west", url="smtps://smtp.west.example", country="US")
    assert look("S19").figures["set_without_contract"] == 1
    today = timezone.localdate()
    west.processor = Processor.objects.create(
        name="West", role="relay", country="US", contract_reference="1", contract_from=today
    )
    west.save()
    finding = look("S20")
    assert finding.verdict is Verdict.BROKEN
    assert (finding.figures["set_without_ground"], finding.figures["countries"]) == (1, ["US"])
    assert look("S19").verdict is Verdict.HOLDS


def test_a_host_in_the_united_states_breaks_s20(sent: object) -> None:
    OutgoingHost.objects.create(host="api.example.com", country="US", what_for="webhooks")
    assert look("S20").figures["hosts_without_ground"] == 1


def test_a_relay_out_of_use_that_nothing_left_through_breaks_nothing(sent: object) -> None:
    Relay.objects.create(name="west", url="smtps://smtp.west.example", country="US", in_use=False)
    assert {look("S19").verdict, look("S20").verdict} == {Verdict.HOLDS}


@pytest.mark.parametrize("kind", ["withdrawal", "objection", "erasure", "company"])
def test_a_letter_after_an_answered_stop_breaks_x4(sent: tuple[Campaign, Contact, Delivery], kind: str) -> None:
    stop(sent[1], kind, answered=LATER)
    assert look("X4").verdict is Verdict.HOLDS
    stop(sent[1], kind, answered=EARLIER)
    found = look("X4")
    assert (found.verdict, found.figures) == (Verdict.BROKEN, {"late": 1, "stops": 2})


def test_a_letter_to_a_restricted_contact_breaks_x4_unless_the_restriction_was_lifted(
    sent: tuple[Campaign, Contact, Delivery],
) -> None:
    stop(sent[1], "restriction", answered=EARLIER)
    restriction = Restriction.objects.create(contact=sent[1], reason="accuracy", since=timezone.now() + EARLIER)
    assert look("X4").verdict is Verdict.BROKEN
    Restriction.objects.filter(pk=restriction.pk).update(lifted_at=timezone.now() + EARLIER / 2)
    assert look("X4").verdict is Verdict.HOLDS


def test_a_letter_of_a_forbidden_purpose_breaks_x4_and_one_of_another_purpose_does_not(
    sent: tuple[Campaign, Contact, Delivery],
) -> None:
    stop(sent[1], "prohibition", answered=EARLIER)
    ban = Prohibition.objects.create(folded=sent[1].folded, kinds=8, since=timezone.now() + 2 * EARLIER)
    assert look("X4").verdict is Verdict.HOLDS
    Prohibition.objects.filter(pk=ban.pk).update(kinds=4)
    assert look("X4").verdict is Verdict.BROKEN


def test_every_negative_control_is_a_test_of_this_file() -> None:
    for claim in CLAIMS:
        place, _, name = claim.negative_control.partition("::")
        assert place == "tests/mailroom/test_claims.py"
        assert name in globals()
