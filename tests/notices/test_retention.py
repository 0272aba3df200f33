"""The retention schedule is carried out over all stores, leaves restricted contacts alone, and tells before it does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.campaigns.models import Lifecycle
from luvalla.cli.main import main
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import Delivery
from luvalla.notices.actions import check_claims
from luvalla.notices.retention import KINDS, look_at_retention, run_retention
from luvalla.people.models import Session
from luvalla.register.actions import restrict_contact
from luvalla.register.models import PendingSignUp
from luvalla.rules.ports import Door, Verdict, claims, closed_by, keepings
from tests.mailroom.world import World, add_customers, make_campaign, make_shard

pytestmark = pytest.mark.django_db
LONG = timedelta(days=40)


@pytest.fixture(autouse=True)
def _keys(db: None) -> None:
    check_keys()


@pytest.fixture
def old(world: World) -> Delivery:
    """Give one of two old deliveries; the other's contact is restricted. Beside them an old sign-up and session."""
    matti, maija = add_customers(world, ["matti@esimerkki.fi", "maija@esimerkki.fi"])
    campaign = make_campaign(world)
    shard, long_ago = make_shard(campaign), timezone.now() - LONG
    rows = [
        Delivery.objects.create(
            campaign=campaign, contact_id=each.pk, shard_id=shard.pk, epoch=1, state="accepted", claimed_at=long_ago
        )
        for each in (matti, maija)
    ]
    Lifecycle.objects.update(state="finished", finished_at=long_ago)
    restrict_contact(contact=maija, reason="accuracy", actor=SYSTEM)
    PendingSignUp.objects.create(folded=bytes(32), sealed=b"x", expires_at=long_ago)
    Session.objects.create(session_key="x", session_data="", expire_date=long_ago)
    return rows[0]


def test_every_kind_has_its_word() -> None:
    assert set(keepings.names()) <= set(KINDS)


def test_a_dry_run_tells_and_touches_nothing_and_a_run_lets_go_all_but_the_restricted(old: Delivery) -> None:
    due = {each.kind: each.overdue for each in look_at_retention(timezone.now()) if each.overdue}
    assert due == {"deliveries": 1, "pending_sign_ups": 1, "sessions": 1}
    assert Delivery.objects.count() == 2
    done = {each.kind: each.gone for each in run_retention(now=timezone.now(), actor=SYSTEM) if each.gone}
    assert done == due
    assert Delivery.objects.count() == 1, "what belongs to a restricted contact is kept"
    assert not any(each.overdue for each in look_at_retention(timezone.now()))
    assert LedgerRow.objects.get(verb="notices.run_retention").facts == done


def test_a_row_past_its_retention_breaks_s17_until_it_is_let_go(old: Delivery) -> None:
    check_claims(["S17"], actor=SYSTEM)
    assert closed_by(Door.PUBLISHING) == ("S17",)
    run_retention(now=timezone.now(), actor=SYSTEM)
    (seen,) = check_claims(["S17"], actor=SYSTEM)
    assert (seen.verdict, seen.figures["deliveries"]) == (Verdict.HOLDS, 0)
    assert closed_by(Door.PUBLISHING) == ()
    assert claims.get("S17") is not None


def test_the_command_tells_first_and_then_does(old: Delivery, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retention", "run", "--dry-run", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["dry_run"] is True
    assert {each["kind"]: each["overdue"] for each in said["kinds"]}["deliveries"] == 1
    assert Delivery.objects.count() == 2
    assert main(["retention", "run"]) == 0
    assert "Deliveries" in capsys.readouterr().out
    assert Delivery.objects.count() == 1
