"""Nobody can shut another person out, and no door tells who has an account: by its words, its work, or its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luvalla.ledger.actors import OPERATOR
from luvalla.people.actions import close_account, revoke_undertaking
from luvalla.people.backends import PersonalAccounts
from luvalla.people.models import User
from tests.people.conftest import PASSWORD, MakePerson
from tests.staff.conftest import add_totp

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
WRONG = "väärä-salasana-1"  # wrong on purpose
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Forget earlier attempts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each computation of a password's hash: all that takes a noticeable time at these doors."""
    done: list[str] = []
    for name in ("encode", "verify"):
        before = getattr(Argon2PasswordHasher, name)

        def counted(self: Any, *given: Any, _before: Any = before, **more: Any) -> Any:
            done.append("hash")
            return _before(self, *given, **more)

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)
    return done


@pytest.fixture
def logins(make_person: MakePerson) -> dict[str, str]:
    """Give what somebody could try, by the kind of account behind it."""
    add_totp(make_person())
    make_person("Maija Malli", signed=False)
    revoke_undertaking(user=make_person("Veikko Vanha"), reason="x", actor=OPERATOR)
    close_account(user=make_person("Leena Lähtenyt"), reason="x", actor=OPERATOR)
    without = make_person("Petra Passi")
    without.set_unusable_password()
    without.save()
    return {
        "open": "aino",
        "its mailbox": "aino.salmela@esimerkki.fi",
        "not signed": "maija",
        "revoked": "veikko",
        "left": "leena",
        "without a password": "petra",
        "nobody": "kukaan",
        "nobody's mailbox": "kukaan@esimerkki.fi",
    }


def plain(answer: Any) -> str:
    """Give a page's text without what is random or was typed in."""
    return re.sub(r'(value|action|href)="[^"]*"', "", answer.content.decode())


def tried(client: Client, login: str) -> Any:
    return client.post(LOGIN, {"login": login, "password": WRONG}, headers=ENGLISH)


def test_a_wrong_password_costs_one_hash_and_says_the_same_whoever_it_is_tried_for(
    logins: dict[str, str], hashes: list[str]
) -> None:
    said, work = {}, {}
    for kind, login in logins.items():
        hashes.clear()
        answer = tried(Client(REMOTE_ADDR="192.0.2.1"), login)
        said[kind], work[kind] = (answer.status_code, plain(answer)), len(hashes)
    assert work == dict.fromkeys(logins, 1)
    assert len(set(said.values())) == 2, "one answer for names, one for mailboxes"
    assert said["open"] == said["nobody"]
    assert said["its mailbox"] == said["nobody's mailbox"]


def test_the_counting_of_hashes_notices_a_door_that_works_more_for_somebody(
    logins: dict[str, str], hashes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def thorough(self: Any, user: User | None, password: str) -> User | None:
        return user if user and user.check_password(password) and user.check_password(password.strip()) else None

    monkeypatch.setattr(PersonalAccounts, "_check_password", thorough)
    counts = []
    for login, password in ((logins["open"], PASSWORD), (logins["nobody"], PASSWORD)):
        hashes.clear()
        Client().post(LOGIN, {"login": login, "password": password})
        counts.append(len(hashes))
    assert counts[0] > counts[1]


def test_the_limit_comes_as_soon_for_nobody_as_for_somebody(logins: dict[str, str]) -> None:
    seen = {}
    for number, (kind, login) in enumerate(logins.items()):
        client = Client(REMOTE_ADDR=f"192.0.2.{number + 10}")
        seen[kind] = ["Too many" in tried(client, login).content.decode() for _ in range(7)]
    assert len({tuple(each) for each in seen.values()}) == 1, seen
    assert seen["nobody"][-1]


def test_whoever_fails_for_another_shuts_only_their_own_place_out(make_person: MakePerson) -> None:
    add_totp(make_person())
    for number in range(40):
        tried(Client(REMOTE_ADDR=f"198.51.100.{number % 8}"), "aino")
    answer = Client(REMOTE_ADDR="192.0.2.7").post(LOGIN, {"login": "aino", "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, reverse("mfa_authenticate"))
    assert User.objects.get().is_active


def links(user: User) -> dict[str, Callable[[], str]]:
    def link(uid: str, key: str) -> str:
        return reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})

    uid, key = user_pk_to_url_str(user), default_token_generator.make_token(user)
    return {
        "a wrong key": lambda: link(uid, key[:-4] + "aaaa"),
        "an old key": lambda: link(uid, "aaaaaa-" + key.partition("-")[2]),
        "nobody's": lambda: link("zzzzz", key),
    }


def test_a_link_for_a_new_password_that_is_wrong_tells_nothing_of_its_person(
    make_person: MakePerson, hashes: list[str]
) -> None:
    said = {}
    for kind, link in links(make_person()).items():
        hashes.clear()
        answer = Client().get(link(), follow=True, headers=ENGLISH)
        said[kind] = (answer.status_code, plain(answer), len(hashes))
    assert len(set(said.values())) == 1, {kind: each[::2] for kind, each in said.items()}
    assert said["nobody's"][2] == 0


def test_the_door_of_passkeys_names_nobodys_keys(logins: dict[str, str]) -> None:
    asked = Client().get(reverse("mfa_login_webauthn"), headers={"x-requested-with": "XMLHttpRequest"})
    assert asked.status_code == 200
    options = asked.json()["request_options"]["publicKey"]
    assert not options.get("allowCredentials")
    refused = Client().post(reverse("mfa_login_webauthn"), {"credential": "{}"}, headers=ENGLISH)
    assert "aino" not in refused.content.decode()


def test_asking_for_a_link_hashes_nothing_for_anybody_and_its_limit_is_the_same(
    logins: dict[str, str], hashes: list[str]
) -> None:
    said = {}
    hashes.clear()
    for number, mailbox in enumerate(("aino.salmela@esimerkki.fi", "veikko.vanha@esimerkki.fi", "kukaan@esimerkki.fi")):
        client = Client(REMOTE_ADDR=f"192.0.2.{number + 50}")
        answers = [
            client.post(reverse("account_reset_password"), {"email": mailbox}, headers=ENGLISH) for _ in range(7)
        ]
        said[mailbox] = tuple((each.status_code, plain(each)) for each in answers)
    assert len(set(said.values())) == 1
    assert hashes == []


def test_no_page_of_sign_in_asks_the_database_more_for_one_name_than_for_another(logins: dict[str, str]) -> None:
    asked = {}
    for number, (kind, login) in enumerate(logins.items()):
        with CaptureQueriesContext(connection) as questions:
            tried(Client(REMOTE_ADDR=f"192.0.2.{number + 80}"), login)
        asked[kind] = sum("SAVEPOINT" not in each["sql"] for each in questions.captured_queries)
    assert max(asked.values()) - min(asked.values()) <= 1, asked
