"""Signing the undertaking of secrecy at the door: it opens the account, and nothing else does."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from typing import Any

import pytest
import time_machine
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import Settings

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import ServiceMessage
from luvalla.mailroom.service_messages import BETWEEN, COLUMN
from luvalla.people.actions import Appointment, appoint, revoke_undertaking
from luvalla.people.models import AccessReview, Session, Undertaking, User
from luvalla.people.queries import accounts, actor_of, why_closed
from luvalla.people.undertakings import publish_text
from tests.people.conftest import PASSWORD, MakePerson
from tests.staff.conftest import Browse, add_totp

pytestmark = pytest.mark.django_db
SIGN = "/accounts/undertaking/"
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Forget earlier attempts."""
    cache.clear()
    yield
    cache.clear()


def sign_in(client: Client, login: str = "aino") -> Any:
    return client.post("/accounts/login/", {"login": login, "password": PASSWORD}, follow=True, headers=ENGLISH)


def attached_to(row: ServiceMessage) -> list[Any]:
    """Open a waiting message and give the files in it."""
    opened = sealer().open(bytes(row.sealed), column=COLUMN, token=bytes(row.folded))
    return list(message_from_bytes(opened.partition(BETWEEN)[2], policy=default).iter_attachments())


def sign(client: Client, **given: str) -> Any:
    return client.post(SIGN, {"has_read": "on", "typed_name": "Aino Salmela", "password": PASSWORD, **given})


def test_a_new_person_reads_signs_and_is_let_in(make_person: MakePerson) -> None:
    aino = make_person("Aino Salmela", "communications", signed=False)
    client = Client()
    assert reverse("account_sign_undertaking") in sign_in(client).content.decode()
    assert "Salassapitositoumus" in client.get(SIGN).content.decode()
    assert "Sekretessförbindelse" in client.get(f"{SIGN}?language=sv").content.decode()
    assert (
        client.post(f"{SIGN}?language=sv", {"has_read": "on", "typed_name": "aino  salmela", "password": PASSWORD}).url
        == "/accounts/login/"
    )
    undertaking = Undertaking.objects.get()
    assert (undertaking.method, undertaking.language, undertaking.recorded_by) == ("system", "sv", f"person:{aino.ref}")
    assert why_closed(accounts().get()) is None
    (copy,) = attached_to(ServiceMessage.objects.get(kind="undertaking_copy"))
    assert (copy.get_filename(), copy.get_content_type()) == ("sekretessförbindelse.pdf", "application/pdf")
    assert undertaking.text_hash in PdfReader(BytesIO(copy.get_content())).pages[0].extract_text().replace("\n", "")
    assert client.get(SIGN).status_code == 302
    assert sign_in(client).redirect_chain[-1][0] == "/staff/"


@pytest.mark.parametrize("wrong", [{"typed_name": "Aino"}, {"password": "väärä-salasana"}, {"has_read": ""}])
def test_without_reading_name_and_password_nothing_is_signed(make_person: MakePerson, wrong: dict[str, str]) -> None:
    make_person(signed=False)
    client = Client()
    sign_in(client)
    assert sign(client, **wrong).status_code == 200
    assert not Undertaking.objects.exists()


def test_passwords_cannot_be_tried_out_on_the_signing_page(make_person: MakePerson) -> None:
    make_person(signed=False)
    client = Client()
    sign_in(client)
    for _ in range(10):
        sign(client, password="väärä-salasana")
    assert "Odota minuutti" in sign(client).content.decode()
    assert not Undertaking.objects.exists()


def test_the_signing_page_opens_for_a_quarter_of_an_hour_and_opens_nothing_else(make_person: MakePerson) -> None:
    make_person(signed=False)
    client = Client()
    assert client.get(SIGN).url == "/accounts/login/"
    sign_in(client)
    assert client.get(SIGN).status_code == 200
    assert client.get("/staff/").status_code == 302
    assert client.get("/staff/account/").status_code == 302
    assert not Session.objects.exclude(user=None).exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert client.get(SIGN).url == "/accounts/login/"


def test_what_a_signature_doesnt_mend_isnt_offered_to_be_signed(make_person: MakePerson) -> None:
    revoke_undertaking(user=make_person("Maija Malli"), reason="x", actor=OPERATOR)
    appoint(user=make_person(signed=False), actor=OPERATOR,
            appointment=Appointment(until=timezone.localdate() - timedelta(days=1)))  # fmt: skip
    for login in ("maija", "aino"):
        client = Client()
        assert reverse("account_sign_undertaking") not in sign_in(client, login).content.decode()
        assert client.get(SIGN).url == "/accounts/login/"


def test_an_expiry_in_mid_session_is_mended_by_signing_again(browse: Browse) -> None:
    client = browse("communications", name="Aino Salmela")
    Undertaking.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    answer = client.get("/staff/", follow=True)
    assert answer.redirect_chain[-1][0] == reverse("account_inactive")
    assert client.get(SIGN).url == "/accounts/login/"
    sign_in(client)
    assert sign(client).status_code == 302
    assert why_closed(accounts().get()) is None


def test_a_signed_in_person_signs_a_new_text_and_keeps_working(browse: Browse) -> None:
    client = browse("communications")
    texts = {"fi": "Lupaan.", "sv": "Jag lovar.", "en": "I promise.\n\nTruly."}
    publish_text(version="2", texts=texts, in_force_from=timezone.localdate(), grace_days=30, actor=OPERATOR)
    page = client.get("/staff/account/").content.decode()
    assert "There is a new text of the undertaking" in page
    assert sign(client).url == "/staff/account/"
    assert "There is a new text" not in client.get("/staff/account/").content.decode()
    document = client.get("/staff/account/undertaking.pdf")
    assert document["Cache-Control"] == "no-store"
    text = PdfReader(__import__("io").BytesIO(document.content)).pages[0].extract_text()
    assert "Aino Salmela" in text
    assert "Truly." in text


def test_a_persons_own_log_shows_what_they_looked_at_and_nobody_elses(browse: Browse, make_person: MakePerson) -> None:
    client = browse("clerk")
    other = Client()
    other_person = make_person("Maija Malli", "clerk")
    add_totp(other_person)
    other.force_login(other_person)
    client.post("/staff/contacts/", {"sought": "kukaan@esimerkki.fi", "purpose": "request"})
    assert "The register was searched." in client.get("/staff/account/log/?reading=1").content.decode()
    assert "The register was searched." not in other.get("/staff/account/log/").content.decode()
    assert LedgerRow.objects.filter(verb="register.search").count() == 1


def test_own_looks_are_found_behind_any_number_of_other_rows(browse: Browse) -> None:
    client = browse("clerk")
    actor = str(actor_of(User.objects.get()))
    client.post("/staff/contacts/", {"sought": "kukaan@esimerkki.fi", "purpose": "request"})
    LedgerRow.objects.bulk_create(LedgerRow(verb="register.stop", actor=actor) for _ in range(2_500))
    LedgerRow.objects.bulk_create(
        LedgerRow(verb="register.uncover_address", actor=actor, purpose="delivery") for _ in range(60)
    )
    newest = client.get("/staff/account/log/?reading=1").content.decode()
    assert newest.count("An address was shown.") == 50
    assert "Clearing up a delivery" in newest
    found = re.search(r'href="(\?[^"]*before=\d+[^"]*)" rel="next"', newest)
    assert found is not None
    older = client.get("/staff/account/log/" + html.unescape(found[1])).content.decode()
    assert older.count("An address was shown.") == 10
    assert older.count("The register was searched.") == 1
    assert "A stop arrived" not in older
    assert 'rel="next"' not in older


def test_one_session_is_ended_from_another(browse: Browse) -> None:
    client, other = browse("communications"), Client()
    user = User.objects.get()
    other.post(
        "/accounts/login/", {"login": "aino", "password": PASSWORD}, headers={"user-agent": "Firefox/1 (X11; Linux)"}
    )
    add = other.get("/staff/account/")
    assert add.status_code == 302  # the second factor comes first
    other.force_login(user)
    page = client.get("/staff/account/").content.decode()
    name = page.split('name="end_session" value="')[1].split('"')[0]
    client.post("/staff/account/", {"end_session": "nobody's"})
    assert Session.objects.filter(user=user).count() == 2
    client.post("/staff/account/", {"end_session": name})
    assert Session.objects.filter(user=user).count() == 1
    assert client.get("/staff/").status_code == 200
    assert other.get("/staff/").status_code == 302


def test_an_unknown_name_takes_as_long_as_a_wrong_password(
    make_person: MakePerson, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person()
    make_person("Maija Malli", signed=False)
    from django.contrib.auth.hashers import Argon2PasswordHasher  # noqa: PLC0415  # beside its one use

    hashed: list[str] = []
    encode = Argon2PasswordHasher.encode
    monkeypatch.setattr(
        Argon2PasswordHasher,
        "encode",
        lambda self, password, salt: (hashed.append(salt), encode(self, password, salt))[1],
    )
    verify = Argon2PasswordHasher.verify
    monkeypatch.setattr(
        Argon2PasswordHasher,
        "verify",
        lambda self, password, encoded: (hashed.append("v"), verify(self, password, encoded))[1],
    )
    counts = []
    for login in ("aino", "maija", "kukaan", "aino.salmela@esimerkki.fi", "kukaan@esimerkki.fi"):
        cache.clear()
        hashed.clear()
        Client().post("/accounts/login/", {"login": login, "password": "väärä-salasana-1"})
        counts.append(len(hashed))
    assert set(counts) == {1}, counts


def without_password(client: Client, *, seconds_ago: int) -> None:
    """Make the person one who signs in through the directory, and did so a while ago."""
    user = User.objects.get()
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    session = client.session
    shown = {"method": "socialaccount", "provider": "directory", "at": time.time() - seconds_ago}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [shown]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)
    session.save()


def test_whoever_has_no_password_shows_in_another_way_who_they_are_before_signing(browse: Browse) -> None:
    client, texts = browse("communications"), {"fi": "Lupaan.", "sv": "Jag lovar.", "en": "I promise."}
    publish_text(version="2", texts=texts, in_force_from=timezone.localdate(), grace_days=30, actor=OPERATOR)
    without_password(client, seconds_ago=301)
    refused = sign(client)
    assert refused.status_code == 200
    assert "Your account has no password" in refused.content.decode()
    assert reverse("mfa_reauthenticate") + "?next=" + SIGN in refused.content.decode()
    assert reverse("mfa_reauthenticate_webauthn") not in refused.content.decode()  # there is none
    assert Undertaking.objects.count() == 1
    without_password(client, seconds_ago=10)
    assert "Your account has no password" not in client.get(SIGN).content.decode()
    assert sign(client).status_code == 302
    assert Undertaking.objects.count() == 2


def test_passwords_cannot_be_tried_out_under_a_review_either(browse: Browse) -> None:
    client = browse("register_owner")
    client.post("/staff/people/review/")
    wrong = {"typed_name": "Aino Salmela", "password": "väärä-salasana"}
    answers = [client.post("/staff/people/review/", wrong).content.decode() for _ in range(11)]
    assert "That isn&#x27;t your password" in answers[0]
    assert "Too many attempts" in answers[-1]
    assert AccessReview.objects.get().signed_at is None
