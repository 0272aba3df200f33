"""The public door of the rights desk: the same answer for everybody, and no limit for a stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from luvalla.public import limits
from luvalla.register.models import Contact
from luvalla.register.queries import prohibited_kinds
from luvalla.rights.cases import said
from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import Prohibited
from tests.public.conftest import stop_path
from tests.public.test_pages import check_headers
from tests.support.requests import mails, work
from tests.support.world import World

Customer = Callable[[str], Contact]
FORM = "/en/your-data/"


def posted(visitor: Client, **fields: object) -> int:
    """Fill the form in and give the answer's status."""
    return visitor.post(FORM, {"email": "maija@esimerkki.fi", **fields}).status_code


def test_known_and_unknown_addresses_get_the_same_answer(a_customer: Customer, visitor: Client) -> None:
    a_customer("tuttu@esimerkki.fi")
    answers = [
        visitor.post(FORM, {"email": each, "rights": ["access"]})
        for each in ("tuttu@esimerkki.fi", "kukaan@example.com")
    ]
    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1
    check_headers(answers[0])
    assert [text.count("/r/p/") for text in mails()] == [1, 1]


def test_a_request_in_words_only_is_a_case_and_its_codes_are_taken_out(world: World, visitor: Client) -> None:
    assert posted(visitor, text="What do you have on me? My code is 010190-123A.") == 200
    assert said(DataRequest.objects.get()).text == "What do you have on me? My code is […]."


def test_an_empty_request_is_asked_for_words(world: World, visitor: Client) -> None:
    answer = visitor.post(FORM, {"email": "maija@esimerkki.fi"})
    assert answer.status_code == 400
    assert b"Tick what you ask for" in answer.content
    assert not DataRequest.objects.exists()


def test_a_correction_needs_the_new_address(world: World, visitor: Client) -> None:
    assert posted(visitor, rights=["rectification"]) == 400
    assert posted(visitor, rights=["rectification"], new_email="uusi@esimerkki.fi") == 200
    assert said(DataRequest.objects.get()).new_address == "uusi@esimerkki.fi"


def test_a_flood_from_one_network_is_limited_but_never_a_stop(
    world: World, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.ASKING, "_most", 2)
    asked = [posted(visitor, email=f"joku{n}@example.com", rights=["access"]) for n in range(4)]
    assert asked == [200, 200, 429, 429]
    stopped = [
        posted(visitor, email="uhri@example.com", rights=["objection"]),
        posted(visitor, email="uhri2@example.com", text="Älkää enää lähettäkö minulle mitään."),
        posted(visitor, email="uhri3@example.com", bans=["8"]),
    ]
    assert stopped == [200, 200, 200]


def test_the_same_wish_of_one_mailbox_stays_one_case_with_the_first_clock(world: World, visitor: Client) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=5), tick=False):
        posted(visitor, rights=["access"])
    for _ in range(5):
        posted(visitor, rights=["access"], text="Still waiting.")
    request = DataRequest.objects.get()
    assert (timezone.localdate() - request.receipt_date).days == 5
    assert request.events.filter(kind="asked_again").count() == 5
    assert len(mails()) == 4


def test_marketing_stops_at_once_without_proof(a_customer: Customer, visitor: Client) -> None:
    contact = a_customer("maija@esimerkki.fi")
    posted(visitor, rights=["objection"])
    assert Prohibited.DIRECT_MARKETING in prohibited_kinds(bytes(contact.folded))
    assert Contact.objects.filter(pk=contact.pk).exists()


def test_the_stop_page_leads_to_a_form_that_knows_the_mailbox(a_customer: Customer, visitor: Client) -> None:
    contact = a_customer("maija@esimerkki.fi")
    token = stop_path(contact).removeprefix("/s/")
    path = f"/en/your-data/{token}"
    assert path in visitor.get(f"/s/{token}?language=en").content.decode()
    for _ in range(2):
        shown = visitor.get(path)
        check_headers(shown)
        assert shown.headers["Cache-Control"] == "no-store"
        assert b'name="email"' not in shown.content
        assert b"maija@esimerkki.fi" not in shown.content
    assert not DataRequest.objects.exists()
    sent = visitor.post(path, {"rights": ["access"], "email": "joku.muu@example.com"})
    assert b"the mailbox your letter came to" in sent.content
    request = DataRequest.objects.get()
    assert (request.channel, request.identity, said(request).address) == ("stop_link", 0, "maija@esimerkki.fi")
    assert Contact.objects.filter(pk=contact.pk).exists()
    assert mails()[0].count("/r/p/") == 1


def test_an_objection_by_the_stop_page_s_form_erases_as_the_link_itself_would(
    a_customer: Customer, visitor: Client
) -> None:
    token = stop_path(a_customer("maija@esimerkki.fi")).removeprefix("/s/")
    visitor.post(f"/fi/omat-tiedot/{token}", {"rights": ["objection"]})
    work()
    assert not Contact.objects.exists()


@pytest.mark.parametrize("token", ["x", "A" * 48, "2026-0001"])
def test_a_link_that_knows_nobody_asks_for_the_address_and_keeps_what_was_written(
    world: World, visitor: Client, token: str
) -> None:
    assert b'name="email"' in visitor.get(f"/en/your-data/{token}").content
    answer = visitor.post(f"/en/your-data/{token}", {"text": "What do you have on me?"})
    assert answer.status_code == 400
    assert b"What do you have on me?" in answer.content
    assert not DataRequest.objects.exists()


def test_every_right_of_the_desk_can_be_ticked_and_what_is_behind_the_fold_stays_open(
    world: World, visitor: Client
) -> None:
    offered = visitor.get(FORM).content.decode()
    for right in set(Right) - {Right.PROHIBITION}:  # forbidden by kind, in a fold of its own
        assert f'value="{right.value}"' in offered, right
    assert offered.count("<details") == 2
    assert offered.count("open>") == 0
    again = visitor.post(FORM, {"email": "maija@", "rights": ["complaint"], "authority": "SE"}).content.decode()
    assert again.count(" open>") == 1
    assert '<option value="SE" selected>' in again


def test_a_complaint_hears_at_once_of_the_authority_it_named(world: World, visitor: Client) -> None:
    assert posted(visitor, rights=["complaint"], authority="SE") == 200
    request = DataRequest.objects.get()
    assert (request.chosen, said(request).authority) == ((Right.COMPLAINT,), "SE")
    [told] = mails()
    for words in ("article 77", "Swedish Authority for Privacy Protection", "imy@imy.se", "tietosuoja"):
        assert words in told, words
    assert posted(visitor, rights=["access"], authority="SE") == 200
    assert said(DataRequest.objects.latest("pk")).authority == ""
    assert posted(visitor, rights=["complaint"], authority="US") == 400


def test_a_wish_for_anonymity_stops_marketing_at_once_and_is_never_limited(
    a_customer: Customer, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = a_customer("maija@esimerkki.fi")
    monkeypatch.setattr(limits.ASKING, "_most", 0)
    assert posted(visitor, rights=["anonymisation"]) == 200
    assert Prohibited.DIRECT_MARKETING in prohibited_kinds(bytes(contact.folded))
    assert "cannot be undone" in mails()[0]
