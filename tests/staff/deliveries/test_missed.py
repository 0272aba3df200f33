"""Who didn't get a letter: only for those who may see contacts, narrowed, capped, and each look in the ledger."""

from __future__ import annotations

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from luvalla.campaigns.models import Lifecycle
from luvalla.ledger.models import LedgerRow
from luvalla.people.models import Role
from luvalla.people.roles import GRANTS, Capability
from luvalla.register.models import Permission
from luvalla.sending.outcome import Reason
from luvalla.staff.deliveries import views
from luvalla.staff.deliveries.words import REASONS
from tests.staff.conftest import Browse
from tests.staff.deliveries.conftest import Sending

RELOAD = '<meta http-equiv="refresh" content="2">'


def place(sending: Sending, name: str) -> str:
    return reverse(f"staff_deliveries:{name}", args=[sending.campaign.pk])


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_what_is_its_own(browse: Browse, sending: Sending, role: Role) -> None:
    client = browse(role.value)
    sees = Capability.SEE_DELIVERIES in GRANTS[role]
    lists = sees and Capability.SEE_CONTACTS in GRANTS[role]
    assert client.get(reverse("staff_deliveries:list")).status_code == (200 if sees else 403)
    assert client.get(place(sending, "missed")).status_code == (200 if lists else 403)
    answer = client.get(place(sending, "campaign"))
    assert answer.status_code == (200 if sees else 403)
    assert (place(sending, "missed") in answer.content.decode()) is lists


def test_a_stranger_is_sent_to_sign_in(sending: Sending) -> None:
    assert Client().get(place(sending, "missed")).status_code == 302


def test_each_look_is_a_row_in_the_ledger(browse: Browse, sending: Sending) -> None:
    browse().get(place(sending, "missed"))
    row = LedgerRow.objects.get(verb="mailroom.show_failures")
    assert (row.subject_kind, row.subject_ref) == ("campaign", str(sending.campaign.ref))
    assert row.facts == {"letters": 4}


@pytest.mark.parametrize("state", ["refused", "expired", "unknown", "deferred"])
def test_the_list_is_narrowed_by_outcome(browse: Browse, sending: Sending, state: str) -> None:
    rows = browse().get(place(sending, "missed") + f"?state={state}").context["rows"]
    assert [row["letter"].state for row in rows] == [state]


def test_the_list_says_that_it_is_cut(browse: Browse, sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 3)
    answer = browse().get(place(sending, "missed"))
    assert len(answer.context["rows"]) == 3
    assert "the first 3 are listed" in answer.content.decode()


def test_whose_permission_has_ended_has_no_address_in_the_list(browse: Browse, sending: Sending) -> None:
    Permission.objects.update(ended_at=timezone.now())
    assert {row["shown"] for row in browse().get(place(sending, "missed")).context["rows"]} == {""}


def test_without_scripts_the_page_comes_again_only_while_letters_leave(browse: Browse, sending: Sending) -> None:
    client, address = browse(), place(sending, "campaign")
    assert RELOAD in client.get(address).content.decode()
    assert RELOAD not in client.get(f"{address}?still").content.decode()
    Lifecycle.objects.update(state="finished", finished_at=F("started_at"))
    assert RELOAD not in client.get(address).content.decode()


def test_a_finished_sending_keeps_its_sums(browse: Browse, sending: Sending) -> None:
    Lifecycle.objects.update(state="finished", finished_at=timezone.now())
    shown = browse().get(place(sending, "campaign")).context
    assert sum(row.count for row in shown["outcomes"]) == shown["now"].permitted == 7
    assert sum(row.count for row in shown["refusals"]) == shown["refused"] == 5
    assert sum(part.count for part in shown["parts"]) == shown["now"].total - 5, "few that were refused have no part"


def test_every_reason_of_the_network_has_its_words() -> None:
    assert {each.value for each in Reason} - {""} <= set(REASONS)


@pytest.mark.parametrize(("language", "word"), [("fi", "Toimitukset"), ("sv", "Leveranser")])
def test_the_desk_speaks_the_language_of_its_reader(browse: Browse, sending: Sending, language: str, word: str) -> None:
    assert word in browse(language=language).get(reverse("staff_deliveries:list")).content.decode()
