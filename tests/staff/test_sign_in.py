"""Signing in: the right person, with a valid undertaking, with one-time codes; and every other door shut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django import Settings

from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom import actions as mailroom
from luvalla.mailroom.models import ServiceMessage
from luvalla.people.actions import revoke_undertaking
from luvalla.people.models import Session, Undertaking, User
from tests.people.conftest import PASSWORD, MakePerson
from tests.staff.conftest import Browse, add_totp

pytestmark = pytest.mark.django_db
LOGIN, HOME = "/accounts/login/", "/staff/"


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Forget earlier attempts."""
    cache.clear()
    yield
    cache.clear()


def code_of(secret: str, *, ahead: int = 0) -> str:
    """Give the one-time code of now, or the next one: a code is taken once."""
    counters = list(yield_hotp_counters_from_time())
    return f"{hotp_value(secret, counters[len(counters) // 2] + ahead):06}"


def sign_in(client: Client, login: str = "aino", password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": login, "password": password}, follow=True, headers={"accept-language": "en"})


def without_tokens(answer: Any) -> str:
    """Give a page's text without what is random or was typed in."""
    return re.sub(r'value="[^"]*"', "", answer.content.decode())


def test_a_person_signs_in_with_name_or_mailbox_and_a_one_time_code(make_person: MakePerson) -> None:
    secret = add_totp(make_person())
    for ahead, login in enumerate(("aino", "Aino.Salmela@esimerkki.fi")):
        client = Client()
        asked = sign_in(client, login)
        assert asked.redirect_chain[-1][0] == reverse("mfa_authenticate")
        assert client.get(HOME).status_code == 302
        answer = client.post(reverse("mfa_authenticate"), {"code": code_of(secret, ahead=ahead)})
        assert answer.url == HOME
        assert client.get(HOME).status_code == 200
    assert LedgerRow.objects.filter(verb="people.sign_in").count() == 2


def test_a_wrong_code_opens_nothing(make_person: MakePerson) -> None:
    secret = add_totp(make_person())
    client = Client()
    sign_in(client)
    wrong = f"{(int(code_of(secret)) + 1) % 1_000_000:06}"
    assert client.post(reverse("mfa_authenticate"), {"code": wrong}).status_code == 200
    assert client.get(HOME).status_code == 302


def test_secrets_of_one_time_codes_are_sealed(make_person: MakePerson) -> None:
    secret = add_totp(make_person())
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept


def test_whoever_reaches_addresses_takes_one_time_codes_into_use_first(make_person: MakePerson) -> None:
    make_person()
    client = Client()
    answer = sign_in(client)
    assert answer.redirect_chain[-1][0] == reverse("mfa_activate_totp")
    secret = re.search(r'lv-secret">([A-Z2-7]+)<', answer.content.decode())
    assert secret is not None
    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret.group(1))}, follow=True)
    assert "Palautuskoodit" in done.content.decode()
    assert client.get(HOME).status_code == 200


def test_the_codes_cannot_be_given_up_by_whoever_reaches_addresses(browse: Browse) -> None:
    client = browse()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = client.post(reverse("mfa_deactivate_totp"), follow=True)
    assert "codes stay in use" in answer.content.decode()
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


def test_whoever_reaches_no_address_needs_no_codes(make_person: MakePerson) -> None:
    make_person("Aino Salmela", "communications")
    assert sign_in(Client()).redirect_chain[-1][0] == HOME


def test_the_second_factor_can_be_made_optional_for_a_demonstration(
    make_person: MakePerson, settings: Settings
) -> None:
    settings.LUVALLA_SECOND_FACTOR = False
    make_person()
    assert sign_in(Client()).redirect_chain[-1][0] == HOME


def test_the_right_password_without_an_undertaking_opens_nothing_and_says_why(make_person: MakePerson) -> None:
    make_person(signed=False)
    client = Client()
    answer = sign_in(client)
    assert answer.redirect_chain[-1][0] == reverse("account_inactive")
    assert "haven&#x27;t signed the undertaking" in answer.content.decode()
    assert client.get(HOME).status_code == 302
    assert not Session.objects.exclude(user=None).exists()


def test_wrong_passwords_get_one_answer_whether_the_account_is_there_shut_or_missing(make_person: MakePerson) -> None:
    make_person()
    make_person("Maija Malli", signed=False)
    answers = [sign_in(Client(), login, "väärä-salasana-1") for login in ("aino", "maija", "kukaan")]
    assert len({without_tokens(each) for each in answers}) == 1
    assert {each.status_code for each in answers} == {200}


def test_an_undertaking_that_runs_out_ends_the_session_at_the_next_request(browse: Browse) -> None:
    client = browse()
    assert client.get(HOME).status_code == 200
    Undertaking.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    answer = client.get(HOME, follow=True)
    assert answer.redirect_chain[0][0] == reverse("account_inactive")
    assert "on vanhentunut" in answer.content.decode()
    assert client.get(HOME).status_code == 302


def test_revoking_ends_a_live_session_at_once(browse: Browse) -> None:
    client = browse()
    revoke_undertaking(user=User.objects.get(), reason="x", actor=OPERATOR)
    assert client.get(HOME).status_code == 302
    assert client.get(reverse("mfa_index")).status_code == 302


def every_address(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Give every address of the program with something put into its holes."""
    for each in resolver.url_patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from every_address(each, pattern)
        elif isinstance(each, URLPattern):
            filled = re.sub(r"<int:\w+>", "1", pattern)
            filled = re.sub(r"<uuid:\w+>", "00000000-0000-4000-8000-000000000000", filled)
            filled = re.sub(r"<\w+:\w+>|\(\?P<\w+>[^)]*\)", "x", filled)
            yield "/" + filled.replace("^", "").replace("$", "").replace("\\", "").replace(".*", "x").replace("?", "")


OPEN_TO_ALL = (
    "/staff/login/", "/staff/logout/", "/staff/sprite/", "/staff/jsi18n/", "/staff/password_reset/", "/staff/x/",
    "/staff/x", "/accounts/",
)  # fmt: skip
"""Doors before sign-in: they show nothing of the register. Wagtail's own sign-in leads to ours."""


def test_every_door_of_the_staff_is_shut_to_strangers_and_to_shut_accounts(browse: Browse) -> None:
    shut = browse()
    Undertaking.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    doors = {each for each in every_address(get_resolver()) if each.startswith("/staff/")}
    doors = {each for each in doors if not each.startswith(OPEN_TO_ALL)}
    assert len(doors) > 100
    for door in sorted(doors):
        for client in (Client(), shut):
            answer = client.get(door)
            assert answer.status_code in {302, 403, 404, 405}, (door, answer.status_code)
            if answer.status_code == 302:
                assert answer.url.startswith(("/accounts/", "/staff/login/?")), (door, answer.url)


def test_wagtails_own_sign_in_leads_to_ours() -> None:
    answer = Client().get("/staff/login/?next=/staff/contacts/")
    assert answer.url == f"{LOGIN}?next=/staff/contacts/"
    assert Client().post("/staff/login/", {"username": "aino", "password": PASSWORD}).status_code == 302


def test_wagtails_own_password_reset_is_not_there() -> None:
    assert Client().get("/staff/password_reset/").status_code == 404


def test_nobody_signs_up() -> None:
    assert Client().get("/accounts/signup/").status_code == 404


def test_signing_out_ends_the_session_with_a_row_in_the_ledger(browse: Browse) -> None:
    client = browse()
    assert client.get("/staff/logout/").status_code == 200
    client.post("/staff/logout/")
    assert client.get(HOME).status_code == 302
    assert LedgerRow.objects.filter(verb="people.sign_out").count() == 1


def test_guessing_is_slowed_down_by_place_and_shuts_nobody_else_out(make_person: MakePerson) -> None:
    add_totp(make_person())
    here, elsewhere = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    for _ in range(6):
        answer = sign_in(here, password="väärä-salasana-1")  # wrong on purpose
    assert "Too many" in answer.content.decode()
    assert "Too many" in sign_in(here).content.decode()
    assert sign_in(elsewhere).redirect_chain[-1][0] == reverse("mfa_authenticate")


def test_behind_a_proxy_on_this_machine_each_place_is_counted_for_itself(make_person: MakePerson) -> None:
    add_totp(make_person())

    def through(place: str) -> Client:
        return Client(REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": place})

    for number in range(6):
        answer = sign_in(through(f"203.0.113.{number}, 192.0.2.1"), password="väärä-salasana-1")  # wrong on purpose
    assert "Too many" in answer.content.decode(), "what a caller writes before the proxy's entry makes no other place"
    assert sign_in(through("192.0.2.2")).redirect_chain[-1][0] == reverse("mfa_authenticate")


def test_a_header_of_ones_own_making_makes_no_other_place(make_person: MakePerson) -> None:
    make_person()
    for number in range(6):
        caller = Client(REMOTE_ADDR="192.0.2.1", headers={"x-forwarded-for": f"203.0.113.{number}"})
        answer = sign_in(caller, password="väärä-salasana-1")  # wrong on purpose
    assert "Too many" in answer.content.decode()


def test_a_new_password_is_asked_for_by_mail_with_the_same_answer_for_all(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person()
    make_person("Maija Malli", signed=False)
    posted: list[dict[str, Any]] = []
    monkeypatch.setattr(mailroom, "post_service_message", lambda **given: posted.append(given))
    pages = []
    for mailbox in ("aino.salmela@esimerkki.fi", "maija.malli@esimerkki.fi", "kukaan@esimerkki.fi"):
        answer = Client().post(reverse("account_reset_password"), {"email": mailbox}, follow=True)
        pages.append((answer.redirect_chain, without_tokens(answer)))
    assert len({str(each) for each in pages}) == 1
    assert not posted, "writing the mail takes time that would tell who has an account"
    run_due()
    assert [each["address"].text for each in posted] == ["aino.salmela@esimerkki.fi"]
    assert posted[0]["language"] == "fi"


def test_asking_for_a_new_password_costs_the_same_questions_for_everybody(make_person: MakePerson) -> None:
    make_person()
    make_person("Maija Malli", signed=False)
    asked = []
    for mailbox in ("aino.salmela@esimerkki.fi", "maija.malli@esimerkki.fi", "kukaan@esimerkki.fi"):
        with CaptureQueriesContext(connection) as questions:
            Client().post(reverse("account_reset_password"), {"email": mailbox})
        said = (re.sub(r"\W?'[^']*'|[\d.e+-]*\d", "?", each["sql"]) for each in questions.captured_queries)
        asked.append([each for each in said if "SAVEPOINT" not in each])
    assert any("job" in each for each in asked[0])
    assert asked[0] == asked[1] == asked[2]


def test_nobodys_mailbox_is_filled_with_links(make_person: MakePerson) -> None:
    make_person()
    for number in range(7):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        client.post(reverse("account_reset_password"), {"email": "aino.salmela@esimerkki.fi"})
    run_due()
    assert ServiceMessage.objects.filter(kind="password_reset").count() == 5


def test_the_mailed_link_changes_the_password_once_and_ends_sessions(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    aino = make_person()
    old_browser = Client()
    old_browser.force_login(aino)
    posted: list[dict[str, Any]] = []
    monkeypatch.setattr(mailroom, "post_service_message", lambda **given: posted.append(given))
    client = Client()
    client.post(reverse("account_reset_password"), {"email": aino.email})
    run_due()
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", posted[0]["text"])
    assert link is not None
    form = client.get(link.group(1), follow=True)
    new = {"password1": "räntää-ja-loskaa", "password2": "räntää-ja-loskaa"}
    client.post(form.redirect_chain[-1][0], new)
    aino.refresh_from_db()
    assert aino.check_password("räntää-ja-loskaa")
    assert not Session.objects.filter(user=aino).exists()
    assert LedgerRow.objects.filter(verb="people.set_password").count() == 1
    assert (
        "no longer works" in client.get(link.group(1), follow=True, headers={"accept-language": "en"}).content.decode()
    )


def test_changing_the_password_ends_the_other_sessions(browse: Browse) -> None:
    client, other = browse(), Client()
    other.force_login(User.objects.get())
    new = {"oldpassword": PASSWORD, "password1": "räntää-ja-loskaa", "password2": "räntää-ja-loskaa"}
    answer = client.post(reverse("account_change_password"), new)
    assert answer.status_code == 302
    assert client.get(HOME).status_code == 200
    assert other.get(HOME).status_code == 302


def test_ones_own_account_shows_the_undertaking_and_ends_sessions_everywhere(browse: Browse) -> None:
    client, other = browse(), Client()
    other.force_login(User.objects.get())
    page = client.get("/staff/account/").content.decode()
    assert "Undertaking of secrecy" in page
    assert page.count("this browser") == 1
    assert page.count('name="end_session"') == 1
    client.post("/staff/account/", {"end_sessions": "yes"})
    assert other.get(HOME).status_code == 302
    assert client.get(HOME).status_code == 302


def test_theme_and_language_follow_the_person(browse: Browse) -> None:
    client = browse()
    client.post("/staff/account/", {"theme": "dark"})
    assert "w-theme-dark" in client.get(HOME).content.decode()
    answer = client.post(reverse("staff_language"), {"language": "sv", "next": "/staff/account/"})
    assert answer.url == "/staff/account/"
    assert 'lang="sv"' in client.get(HOME).content.decode()
    assert client.post(reverse("staff_language"), {"language": "xx", "next": "https://example.com/"}).url == HOME
    assert User.objects.get().language == "sv"


def test_an_account_without_a_role_sees_the_front_page_and_is_refused_elsewhere(make_person: MakePerson) -> None:
    person = make_person("Aino Salmela", "custodian")
    person.groups.clear()
    client = Client()
    client.force_login(person)
    assert client.get(HOME).status_code == 200
    for path in ("/staff/contacts/", "/staff/ledger/", "/staff/claims/", "/staff/settings/"):
        assert client.get(path).status_code == 403
