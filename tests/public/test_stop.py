"""The stop: GET changes nothing, one POST is enough, and no link is answered with a fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import Client

from luvalla.jobs.testing import run_due
from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import keyring
from luvalla.public import stop as door
from luvalla.public import stop_page
from luvalla.public.claims import Effort, efforts
from luvalla.register.links import make_stop_token
from luvalla.register.models import Contact, Prohibition, SourceNotice, Stop, Suppression
from luvalla.register.queries import is_suppressed
from luvalla.rules.address import normalise
from luvalla.rules.ports import barriers
from tests.public.conftest import stop_path
from tests.public.test_pages import check_headers
from tests.support.world import World

Customer = Callable[[str], Contact]
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
    "multipart/form-data; boundary=b",
)


def press(visitor: Client, path: str, **fields: object) -> HttpResponse:
    """Press a button of the page, as a browser does."""
    return visitor.post(path, urlencode(fields, doseq=True), content_type=FORM)


def is_stopped(address: str) -> bool:
    """Tell whether a mailbox is suppressed and its rows are gone."""
    return is_suppressed(normalise(address)) and not Contact.objects.exists()


def test_opening_a_link_changes_nothing_however_often_and_by_whom(a_customer: Customer, visitor: Client) -> None:
    path = stop_path(a_customer("maija@esimerkki.fi"))
    rows = LedgerRow.objects.count()
    scanners = (
        {"user-agent": "Mozilla/5.0 (compatible; Barracuda Sentinel)"},
        {"sec-purpose": "prefetch;prerender", "purpose": "prefetch"},
        {"x-moz": "prefetch"},
        {},
    )
    for headers in scanners * 5:
        assert visitor.get(path, headers=headers).status_code == 200
        assert visitor.head(path, headers=headers).status_code == 200
        assert visitor.options(path, headers=headers).status_code == 204
    for method in (visitor.put, visitor.patch, visitor.delete):
        assert method(path).status_code == 405
    assert Contact.objects.count() == 1
    assert not Suppression.objects.exists()
    assert LedgerRow.objects.count() == rows


def test_the_page_shows_a_masked_address_and_one_button(a_customer: Customer, visitor: Client) -> None:
    response = visitor.get(stop_path(a_customer("maija@esimerkki.fi")))
    check_headers(response)
    text = response.content.decode()
    assert "m•••••@•••••" in text
    assert "maija" not in text
    assert "esimerkki.fi" not in text.replace("esimerkkienergia", "")
    assert response["Cache-Control"] == "no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert efforts(text)[0] == Effort(required=0, choices=0, buttons=1)


def test_the_domain_is_seen_where_ten_share_it(a_customer: Customer, visitor: Client) -> None:
    contact = a_customer("maija@esimerkki.fi")
    for number in range(9):
        a_customer(f"n{number}@esimerkki.fi")
    assert "m•••••@<wbr>esimerkki.fi" in visitor.get(stop_path(contact)).content.decode()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK.encode(), FORM),
        (ONE_CLICK.encode(), f"{FORM}; charset=utf-8"),
        MULTIPART,
        (b"", FORM),
        (b"", ""),
        (b"--broken\r\n", "multipart/form-data"),
        (b'{"List-Unsubscribe": "One-Click"}', "application/json"),
        (b"\xff\xfe\x00=&&&", FORM),
        (b"a=b&" * 5000, FORM),
        (b"x" * 200_000, "text/plain"),
        (b"x=" + b"y" * 3_000_000, FORM),
    ],
)
def test_one_post_stops_whatever_its_body(body: bytes, kind: str, a_customer: Customer, visitor: Client) -> None:
    path = stop_path(a_customer("maija@esimerkki.fi"))
    response = visitor.generic("POST", path, body, content_type=kind)
    assert response.status_code == 200
    assert not response.cookies
    assert "Location" not in response
    assert is_stopped("maija@esimerkki.fi")


def test_a_repeated_post_is_answered_the_same(a_customer: Customer, visitor: Client) -> None:
    path = stop_path(a_customer("maija@esimerkki.fi"))
    answers = {visitor.post(path, ONE_CLICK, content_type=FORM).content for _ in range(3)}
    assert answers == {b"OK\n"}
    assert Stop.objects.count() == 1


def test_a_forged_cookie_or_origin_does_not_keep_a_stop_back(a_customer: Customer) -> None:
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="127.0.0.1")
    strict.cookies["sessionid"] = "not a session"
    path = stop_path(a_customer("maija@esimerkki.fi"))
    headers = {"origin": "https://mail.example", "referer": "https://mail.example/inbox"}
    assert strict.post(path, ONE_CLICK, content_type=FORM, headers=headers).status_code == 200
    assert is_stopped("maija@esimerkki.fi")


def test_the_page_says_what_was_erased_what_stays_and_who_was_told(a_customer: Customer, visitor: Client) -> None:
    path = stop_path(a_customer("maija@esimerkki.fi"))
    response = press(visitor, f"{path}?language=en", do="all")
    check_headers(response)
    text = response.content.decode()
    assert "The letters have stopped" in text
    assert "Customer information system" in text
    assert "A token from which the address" in text
    assert "/en/subscribe/" in text
    assert is_stopped("maija@esimerkki.fi")
    assert SourceNotice.objects.count() == 1


def test_all_spellings_of_a_mailbox_are_stopped(a_customer: Customer, visitor: Client) -> None:
    a_customer("maija+uutiset@esimerkki.fi")
    press(visitor, stop_path(a_customer("Maija@esimerkki.fi")), do="all")
    assert is_stopped("maija+uutiset@esimerkki.fi")


def test_only_what_is_ticked_stops(a_customer: Customer, visitor: Client, world: World) -> None:
    contact = a_customer("maija@esimerkki.fi")
    response = press(visitor, f"{stop_path(contact)}?language=fi", do="some", only="direct_marketing")
    text = response.content.decode()
    assert "Valitut kirjeet on lopetettu" in text
    assert "Asiakastiedote, Mielipidetutkimus" in text
    assert Prohibition.objects.get().kinds == world.marketing.forbidden_by
    assert Contact.objects.exists()
    again = visitor.get(f"{stop_path(contact)}?language=fi").content.decode()
    assert "Lopetettu jo." in again
    assert 'value="direct_marketing"' not in again


def test_nothing_ticked_stops_nothing_and_says_so(a_customer: Customer, visitor: Client) -> None:
    path = stop_path(a_customer("maija@esimerkki.fi"))
    for only in ([], ["no_such_purpose"]):
        response = press(visitor, f"{path}?language=en", do="some", only=only)
        assert response.status_code == 200
        assert "Tick at least one kind of letter. Nothing was stopped." in response.content.decode()
    assert not Prohibition.objects.exists()


def test_an_erased_persons_link_says_so_kindly(a_customer: Customer, visitor: Client) -> None:
    path = stop_path(a_customer("maija@esimerkki.fi"))
    visitor.post(path, ONE_CLICK, content_type=FORM)
    for answer in (
        visitor.get(f"{path}?language=en"),
        press(visitor, f"{path}?language=en", do="all"),
        press(visitor, f"{path}?language=en", do="some", only="direct_marketing"),
    ):
        assert answer.status_code == 200
        assert "not in the newsletter register" in answer.content.decode()
    assert not Prohibition.objects.exists()


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "A" * 48,
        "A" * 47,
        "-" * 48,
        "../../etc/passwd",
        "%00",
        "ä",
        "A" * 5000,
        "x/y/z",
        "<script>",
        "%0d%0aX: y",
        "",
    ],
)
def test_a_link_that_is_not_ours_gets_a_kind_page_and_the_same_status(
    token: str, world: World, visitor: Client
) -> None:
    for answer in (
        visitor.get(f"/s/{token}"),
        visitor.head(f"/s/{token}"),
        visitor.post(f"/s/{token}", ONE_CLICK, content_type=FORM),
        press(visitor, f"/s/{token}", do="all"),
    ):
        assert answer.status_code == 200
        assert not answer.cookies
    assert "Linkki ei ole ehjä" in visitor.get(f"/s/{token}").content.decode()


def test_a_changed_token_stops_nobody(a_customer: Customer, visitor: Client) -> None:
    contact = a_customer("maija@esimerkki.fi")
    path = stop_path(contact)
    for place in range(3, len(path)):
        changed = path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]
        assert visitor.post(changed, ONE_CLICK, content_type=FORM).status_code == 200
    assert Contact.objects.count() == 1
    assert not Suppression.objects.exists()


def test_a_link_of_another_contacts_number_stops_nobody(a_customer: Customer, visitor: Client) -> None:
    contact = a_customer("maija@esimerkki.fi")
    token = make_stop_token(contact_id=contact.pk, exact_token=b"x" * 32, campaign_id=0, keyring=keyring())
    assert visitor.post(f"/s/{token}", ONE_CLICK, content_type=FORM).status_code == 200
    assert Contact.objects.count() == 1


def test_links_of_an_older_key_work(a_customer: Customer, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stop_path(a_customer("maija@esimerkki.fi"))
    newer = keyring().with_new_link_key()
    monkeypatch.setattr(door, "keyring", lambda: newer)
    assert visitor.post(path, ONE_CLICK, content_type=FORM).status_code == 200
    assert is_stopped("maija@esimerkki.fi")


def test_a_stop_is_never_limited(world: World, visitor: Client) -> None:
    for _ in range(60):
        visitor.post("/en/stop/", {"email": "not an address"})
        assert visitor.post(f"/s/{'A' * 48}", ONE_CLICK, content_type=FORM).status_code == 200


@pytest.mark.parametrize("fault", [ErasuresUnwritable, DatabaseError])
def test_what_could_not_be_written_is_not_called_stopped(
    fault: type[Exception], a_customer: Customer, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(door, "stop_by_link", fail)
    monkeypatch.setattr(stop_page, "withdraw", fail)
    path = stop_path(a_customer("maija@esimerkki.fi"))
    for answer in (visitor.post(path, ONE_CLICK, content_type=FORM), press(visitor, path, do="all")):
        assert answer.status_code == 503
        assert answer["Retry-After"] == "60"
        assert "Not stopped" in answer.content.decode()


class Held:
    """A barrier that holds the contact until it is let go."""

    def __init__(self) -> None:
        self.is_free = False

    def wait(self, contact_ids: tuple[int, ...], *, at_most: timedelta) -> bool:
        """Answer at once."""
        assert contact_ids
        assert at_most > timedelta()
        return self.is_free


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Put a held barrier at the port, alone."""
    barrier = Held()
    monkeypatch.setattr(barriers, "_parts", {"held": barrier})
    return barrier


def test_a_stop_that_waits_says_so_and_looks_again_by_itself(a_customer: Customer, visitor: Client, held: Held) -> None:
    path = stop_path(a_customer("maija@esimerkki.fi"))
    response = press(visitor, f"{path}?language=en", do="all")
    assert response.status_code == 200
    assert response["Refresh"] == f"2; url={path}?language=en"
    assert "No new letter will leave for you" in response.content.decode()
    assert is_suppressed(normalise("maija@esimerkki.fi")), "the block stands before the wait"
    waiting = visitor.get(f"{path}?language=en")
    assert waiting["Refresh"] == response["Refresh"]
    held.is_free = True
    run_due()
    done = visitor.get(f"{path}?language=en")
    assert "Refresh" not in done
    assert "The letters have stopped" in done.content.decode()
    assert is_stopped("maija@esimerkki.fi")


def test_the_page_is_in_the_language_of_the_letter_with_a_switch(
    a_customer: Customer, visitor: Client, world: World
) -> None:
    path = stop_path(a_customer("maija@esimerkki.fi"))
    assert visitor.get(path)["Content-Language"] == "fi"
    assert visitor.get(f"{path}?language=sv")["Content-Language"] == "sv"
    assert visitor.get(f"{path}?language=<b>")["Content-Language"] == "fi"
    assert f'href="{path}?language=sv"' in visitor.get(path).content.decode()
