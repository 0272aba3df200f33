"""Forms that take an address: the same answer for every address, and few messages to one mailbox."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.models import ServiceMessage
from luvalla.public.paths import path_of
from luvalla.register.models import Contact, PendingSignUp
from luvalla.register.stop import stop_company, withdraw
from luvalla.rules.address import normalise
from tests.public.conftest import Posted
from tests.public.test_pages import check_headers
from tests.support.world import World

Customer = Callable[[str], Contact]
SIGN_UP = {"email": "uusi@example.com", "purposes": "direct_marketing"}


def filled(visitor: Client, **changes: object) -> dict[str, object]:
    """Give the sign-up form as the page offers it, filled in."""
    page = visitor.get("/en/subscribe/").content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    return {**SIGN_UP, "seen": seen, **changes}


@pytest.fixture
def addresses(a_customer: Customer, world: World) -> list[str]:
    """Give a known, an unknown, a stopped, a forbidden company's, and a never existing domain's address."""
    a_customer("tuttu@esimerkki.fi")
    a_customer("lopettanut@esimerkki.fi")
    withdraw(address=normalise("lopettanut@esimerkki.fi"), channel="desk", actor=SYSTEM)
    stop_company(domain="yritys.example", channel="desk", actor=SYSTEM)
    return [
        "tuttu@esimerkki.fi",
        "uusi@example.com",
        "lopettanut@esimerkki.fi",
        "joku@yritys.example",
        "x@no-such-domain-anywhere.example",
    ]


def test_signing_up_gives_every_address_the_same_answer(
    addresses: list[str], visitor: Client, posted: list[Posted]
) -> None:
    form = filled(visitor)
    answers = [visitor.post("/en/subscribe/", {**form, "email": each}) for each in addresses]
    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1
    assert {tuple(sorted(each.headers.items())) for each in answers} == {tuple(sorted(answers[0].headers.items()))}
    assert [each.address.text for each in posted] == addresses
    assert {each.kind for each in posted} == {"sign_up"}
    assert PendingSignUp.objects.count() == len(addresses)


def test_asking_for_a_stop_link_gives_every_address_the_same_answer(
    addresses: list[str], visitor: Client, posted: list[Posted]
) -> None:
    answers = [visitor.post("/en/stop/", {"email": each}) for each in addresses]
    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1
    assert [each.address.text for each in posted] == addresses
    assert ["/s/" in each.text for each in posted] == [True, False, False, False, False]


def questions(visitor: Client, path: str, form: dict[str, object]) -> list[str]:
    """Give what a request asks the database, without the values."""
    with CaptureQueriesContext(connection) as asked:
        assert visitor.post(path, form).status_code == 200
    said = (each["sql"] for each in asked.captured_queries if "SAVEPOINT" not in each["sql"])
    return [re.sub(r"[xX]?'[^']*'|\b\d+(\.\d+)?(e[+-]?\d+)?\b", "?", each) for each in said]


def test_a_known_address_costs_the_same_questions_to_the_database_as_an_unknown_one(
    addresses: list[str], visitor: Client
) -> None:
    form = filled(visitor)
    asked = [questions(visitor, "/en/subscribe/", {**form, "email": each}) for each in addresses]
    assert asked[1:] == asked[:1] * (len(asked) - 1)
    assert not any("register_contact" in each for each in asked[0])
    asked = [questions(visitor, "/en/stop/", {"email": each}) for each in addresses]
    assert asked[1:] == asked[:1] * (len(asked) - 1)


def test_one_mailbox_is_asked_three_times_a_day(world: World, visitor: Client, posted: list[Posted]) -> None:
    form = filled(visitor)
    for spelling in (
        "uusi@example.com",
        "Uusi@EXAMPLE.com",
        "uusi+a@example.com",
        "uusi+b@example.com",
        "UUSI@example.com",
    ):
        assert visitor.post("/en/subscribe/", {**form, "email": spelling}).status_code == 200
        assert visitor.post("/en/stop/", {"email": spelling}).status_code == 200
    assert [each.kind for each in posted].count("sign_up") == 3
    assert [each.kind for each in posted].count("stop_link") == 3
    assert PendingSignUp.objects.count() == 3
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=25)):
        visitor.post("/en/subscribe/", form)
    assert [each.kind for each in posted].count("sign_up") == 4


def test_a_program_that_fills_the_trap_gets_the_same_answer_for_nothing(
    world: World, visitor: Client, posted: list[Posted]
) -> None:
    form = filled(visitor)
    honest = visitor.post("/en/subscribe/", form)
    caught = visitor.post("/en/subscribe/", {**form, "email": "toinen@example.com", "website": "https://spam.example"})
    assert caught.content == honest.content
    assert visitor.post("/en/stop/", {"email": "toinen@example.com", "website": "x"}).status_code == 200
    assert [each.address.text for each in posted] == ["uusi@example.com"]


def test_a_network_that_asks_too_much_is_told_so_and_nothing_is_kept(
    world: World, visitor: Client, posted: list[Posted]
) -> None:
    form = filled(visitor)
    answers = [visitor.post("/en/subscribe/", {**form, "email": f"n{number}@example.com"}) for number in range(32)]
    assert [each.status_code for each in answers] == [200] * 30 + [429] * 2
    assert len(posted) == 30
    other = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR="198.51.100.1")
    assert other.post("/en/subscribe/", {**form, "email": "other@example.com"}).status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Write your e-mail address."),
        ("maija", "has no @ sign"),
        ("maija@", "no domain after the @ sign"),
        ("maija@-x.fi", "is not a domain"),
        ("a@x.fi, b@x.fi", "several addresses"),
        ("=cmd()", "does not look like an address"),
        ("maija@example.com\nBcc: x@example.com", "can't be seen"),
        ("x" * 300 + "@example.com", "too long"),
    ],
)
def test_what_is_no_address_is_told_beside_the_field(
    typed: str, said: str, world: World, visitor: Client, posted: list[Posted]
) -> None:
    for path, form in (("/en/subscribe/", filled(visitor, email=typed)), ("/en/stop/", {"email": typed})):
        response = visitor.post(path, form)
        assert response.status_code == 400
        check_headers(response)
        text = response.content.decode()
        assert said in text.replace("&#x27;", "'")
        assert 'aria-invalid="true" aria-describedby="email-error"' in text
    assert not posted


def test_nothing_is_ticked_beforehand_and_something_has_to_be(world: World, visitor: Client) -> None:
    assert " checked" not in visitor.get("/en/subscribe/").content.decode()
    form = filled(visitor)
    del form["purposes"]
    response = visitor.post("/en/subscribe/", form)
    assert response.status_code == 400
    assert "Tick at least one kind of letter." in response.content.decode()
    assert 'value="uusi@example.com"' in response.content.decode(), "what was typed is kept"


def test_consent_to_words_that_have_changed_is_asked_again(world: World, visitor: Client, posted: list[Posted]) -> None:
    form = filled(visitor)
    world.controller.sender_name = "Toinen Energia"
    world.controller.save()
    response = visitor.post("/en/subscribe/", form)
    assert response.status_code == 400
    assert "The words of this page have changed" in response.content.decode()
    assert not posted
    assert visitor.post("/en/subscribe/", filled(visitor)).status_code == 200


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_confirmation_says_what_by_whom_and_until_when(
    language: str, world: World, visitor: Client, posted: list[Posted]
) -> None:
    page = visitor.get(path_of("sign_up", language)).content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    visitor.post(path_of("sign_up", language), {**SIGN_UP, "seen": seen})
    (mail,) = posted
    assert mail.language == language
    assert world.marketing.name_in(language) in mail.text
    assert "http://127.0.0.1:8000" + path_of("confirm", language, token="x")[:-1] in mail.text
    assert "1234567-1" in mail.text
    for said in {
        "fi": ("joku muu kirjoitti osoitteesi", "Linkki toimii"),
        "sv": ("skrev någon annan din adress", "Länken fungerar"),
        "en": ("somebody wrote your address", "The link works until"),
    }[language]:
        assert said in mail.text
        assert said in mail.html
    assert "{" not in mail.text + mail.html.replace("{", "", 0)
    assert "\r" not in mail.subject
    assert "\n" not in mail.subject


def test_without_a_source_for_sign_ups_the_page_says_so(world: World, visitor: Client) -> None:
    world.sign_up.delete()
    assert "There is nothing to subscribe to" in visitor.get("/en/subscribe/").content.decode()
    assert visitor.post("/en/subscribe/", SIGN_UP).status_code == 200


def test_the_message_to_an_unknown_mailbox_says_there_is_nothing_to_stop(
    world: World, visitor: Client, posted: list[Posted]
) -> None:
    visitor.post("/sv/stoppa/", {"email": "vieras@example.com"})
    assert "finns inte i vårt nyhetsbrevsregister" in posted[0].text
    assert "v•••••@example.com" in posted[0].text
    assert not ServiceMessage.objects.exclude(kind="stop_link").exists()
