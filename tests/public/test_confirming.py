"""Confirming a sign-up: opening the link confirms nothing, the button does, and the proof says everything."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from luvalla.jobs.testing import run_periodic
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.register.columns import GIVEN_PROOF
from luvalla.register.models import Contact, PendingSignUp, Permission, Prohibition, Suppression
from luvalla.register.queries import find_contact, is_suppressed, live_permissions
from luvalla.register.stop import prohibit, stop_company, withdraw
from luvalla.rules.address import normalise
from luvalla.rules.purposes import Prohibited
from tests.public.conftest import Posted
from tests.public.test_asking import filled
from tests.public.test_pages import check_headers
from tests.support.world import World

Customer = Callable[[str], Contact]


@pytest.fixture
def ask(visitor: Client, world: World, posted: list[Posted]) -> Callable[..., str]:
    """Give a function that signs up and gives the path of the confirmation link."""

    def sign_up(address: str = "uusi@example.com", purposes: object = "direct_marketing") -> str:
        visitor.post("/en/subscribe/", filled(visitor, email=address, purposes=purposes))
        found = re.search(r"http://127.0.0.1:8000(/en/confirm/\S+)", posted[-1].text)
        assert found
        return found[1]

    return sign_up


def proof_of(permission: Permission) -> dict[str, object]:
    """Open a permission's proof."""
    token = bytes(permission.contact.token)
    said: dict[str, object] = json.loads(sealer().open(bytes(permission.proof or b""), column=GIVEN_PROOF, token=token))
    return said


def test_opening_the_link_confirms_nothing(ask: Callable[..., str], visitor: Client) -> None:
    path = ask()
    for _ in range(5):
        response = visitor.get(path)
        assert visitor.head(path).status_code == 200
    check_headers(response)
    text = response.content.decode()
    assert "u•••••@<wbr>example.com" in text
    assert "Direct marketing" in text
    assert response["Cache-Control"] == "no-store"
    assert not Permission.objects.exists()
    assert not Contact.objects.exists()
    assert PendingSignUp.objects.count() == 1


def test_the_button_makes_a_consent_with_its_proof(ask: Callable[..., str], visitor: Client, world: World) -> None:
    response = visitor.post(ask(purposes=["direct_marketing", "opinion_research"]))
    check_headers(response)
    permission = live_permissions().get()
    assert (permission.kind, permission.source, permission.audience) == ("consent", world.sign_up, world.prospects)
    assert permission.purposes.split() == ["direct_marketing", "opinion_research"]
    proof = proof_of(permission)
    wording = str(proof["wording"])
    said = "Esimerkki Energia may send me by e-mail the letters I have ticked. I can take this permission back at any"
    assert wording.splitlines() == [
        f"{said} time.",
        "Direct marketing: Products and services.",
        "Opinion research: About two surveys a year.",
    ]
    assert proof["wording_sha256"] == hashlib.sha256(wording.encode()).hexdigest()
    assert proof["notice_version"] == 1
    assert proof["language"] == "fi"
    assert proof["method"] == "double opt-in"
    assert str(proof["asked_at"]) < str(proof["confirmed_at"])
    assert not PendingSignUp.objects.exists()
    text = response.content.decode()
    assert "Your subscription is confirmed" in text
    assert "Version 1" in text
    assert find_contact(normalise("uusi@example.com")) is not None


def test_the_page_of_the_consent_leads_to_taking_it_back(ask: Callable[..., str], visitor: Client) -> None:
    text = visitor.post(ask()).content.decode()
    found = re.search(r'href="(/s/[^"]+)"', text)
    assert found
    assert visitor.post(found[1], "do=all", content_type="application/x-www-form-urlencoded").status_code == 200
    assert not Contact.objects.exists()


def test_a_used_or_late_or_false_link_says_so_kindly(ask: Callable[..., str], visitor: Client) -> None:
    path = ask()
    assert "is confirmed" in visitor.post(path).content.decode()
    late = ask("toinen@example.com")
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        for each in (path, late, "/en/confirm/xyz", "/en/confirm/" + "A" * 39, path[:-1] + "A", path + "ä"):
            for answer in (visitor.get(each), visitor.post(each)):
                assert answer.status_code == 200
                assert "has served its time" in answer.content.decode()
        run_periodic("register.expire")
    assert not PendingSignUp.objects.exists()
    assert live_permissions().count() == 1


def test_a_newer_consent_lifts_the_mailboxs_own_stop_with_a_row_in_the_ledger(
    ask: Callable[..., str], visitor: Client, a_customer: Customer
) -> None:
    address = normalise("uusi@example.com")
    a_customer("uusi@example.com")
    withdraw(address=address, channel="desk", actor=SYSTEM)
    path = ask("uusi+lehti@example.com")
    assert is_suppressed(address), "asking lifts nothing"
    visitor.post(path)
    assert not Suppression.objects.exists()
    assert LedgerRow.objects.filter(verb="register.lift_suppression").count() == 1
    assert find_contact(normalise("uusi+lehti@example.com")) is not None


def test_only_the_prohibitions_of_what_was_asked_for_are_lifted(
    ask: Callable[..., str], visitor: Client, a_customer: Customer
) -> None:
    a_customer("uusi@example.com")
    everything = (
        Prohibited.DIRECT_ADVERTISING | Prohibited.DIRECT_MARKETING | Prohibited.RESEARCH | Prohibited.DISCLOSURE
    )
    prohibit(address=normalise("uusi@example.com"), kinds=everything, channel="desk", actor=SYSTEM)
    visitor.post(ask(purposes="direct_marketing"))
    assert Prohibited(Prohibition.objects.get().kinds) == Prohibited.RESEARCH | Prohibited.DISCLOSURE
    assert LedgerRow.objects.filter(verb="register.lift_prohibition").count() == 1


def test_a_company_that_forbade_all_its_addresses_is_not_undone_by_one_of_them(
    ask: Callable[..., str], visitor: Client, world: World
) -> None:
    stop_company(domain="example.com", channel="desk", actor=SYSTEM)
    path = ask()
    assert "Letters to this organisation are stopped" in visitor.post(path).content.decode()
    assert not Permission.objects.exists()
    assert Suppression.objects.count() == 1


def test_the_same_consent_again_takes_the_place_of_the_older_one(ask: Callable[..., str], visitor: Client) -> None:
    visitor.post(ask(purposes="direct_marketing"))
    visitor.post(ask(purposes="opinion_research"))
    assert live_permissions().count() == 2, "a consent to something else leaves the first alone"
    visitor.post(ask(purposes=["direct_marketing", "opinion_research"]))
    assert live_permissions().get().purposes == "direct_marketing opinion_research"
    assert Permission.objects.count() == 3


def test_a_confirmed_mailbox_takes_mail_whatever_an_old_bounce_said(
    ask: Callable[..., str], visitor: Client, a_customer: Customer
) -> None:
    contact = a_customer("uusi@example.com")
    Contact.objects.filter(pk=contact.pk).update(undeliverable_until=timezone.now() + timedelta(days=90))
    visitor.post(ask())
    contact.refresh_from_db()
    assert contact.undeliverable_until is None


def test_a_stop_forgets_a_sign_up_that_waits(ask: Callable[..., str], visitor: Client) -> None:
    path = ask()
    withdraw(address=normalise("uusi@example.com"), channel="desk", actor=SYSTEM)
    assert not PendingSignUp.objects.exists()
    assert "has served its time" in visitor.post(path).content.decode()


def test_nothing_waiting_shows_an_address(ask: Callable[..., str]) -> None:
    ask("uusi@example.com")
    pending = PendingSignUp.objects.get()
    assert b"uusi" not in bytes(pending.sealed)
    assert "uusi" not in json.dumps(list(LedgerRow.objects.values("facts", "subject_ref", "reason")), default=str)
