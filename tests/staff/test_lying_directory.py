"""Attacks on single sign-on: forged, swapped and replayed answers, and mailboxes that changed hands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from luvalla.config.environment import read_environment
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.actions import declare_host
from luvalla.organisation.models import OutgoingHost
from luvalla.people.actions import close_account, forget_directory
from luvalla.people.models import User
from tests.people.conftest import MakePerson
from tests.support.directory import LyingDirectory, lying_directory, new_key

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/oidc/directory/login/"
HERE = "http://testserver"


@pytest.fixture
def aino(make_person: MakePerson) -> User:
    return make_person("Aino Salmela", "communications")


@pytest.fixture
def directory(settings: Settings, tmp_path: Path) -> Iterator[LyingDirectory]:
    cache.clear()
    with lying_directory() as found:
        declare_host(
            host="localhost", port=found.port, country="FI", what_for="Sign-in", is_inside=True, actor=OPERATOR
        )
        secret = tmp_path / "secret"
        secret.write_text("a-secret\n", encoding="utf-8")
        environment = read_environment({
            "LUVALLA_HOME": str(tmp_path), "LUVALLA_OIDC_ISSUER": found.issuer, "LUVALLA_OIDC_CLIENT_ID": "luvalla",
            "LUVALLA_OIDC_CLIENT_SECRET_FILE": str(secret),
        })  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [environment.oidc_client()]}}
        settings.BASE_URL = HERE
        yield found


def leave(client: Client, query: str = "", **more: Any) -> dict[str, str]:
    """Go from the sign-in page to the directory; gives what it is asked with."""
    answer = client.post(f"{LOGIN}{query}", **more)
    assert answer.status_code == 302, answer.content
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def come_back(client: Client, asked: dict[str, str], **changed: str) -> Any:
    """Come back from the directory. The code carries the nonce, so that the token can repeat it."""
    given = {"state": asked["state"], "code": f"code-{asked['state']}|{asked.get('nonce', '')}", **changed}
    return client.get(f"{LOGIN}callback/?{urlencode(given)}", follow=True)


def is_in(client: Client) -> bool:
    return client.get("/staff/").status_code == 200


def sign_in(client: Client) -> bool:
    come_back(client, leave(client))
    return is_in(client)


def test_an_honest_answer_signs_in(aino: User, directory: LyingDirectory) -> None:
    assert sign_in(Client())
    assert SocialAccount.objects.get().user == aino


def test_what_is_asked_has_a_nonce_of_its_own_and_our_own_address(aino: User, directory: LyingDirectory) -> None:
    first, second = leave(Client()), leave(Client(), HTTP_HOST="localhost")
    assert first["nonce"] != second["nonce"]
    assert first["redirect_uri"] == second["redirect_uri"] == f"{HERE}{LOGIN}callback/"
    assert first["code_challenge_method"] == "S256"


def confuse_keys(directory: LyingDirectory) -> None:
    """Sign with a keyed hash whose key is the public half (RFC 8725, 2.1)."""
    public = directory.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    directory.algorithm, directory.signing_key = "HS256", public  # type: ignore[assignment]  # it is to be no key pair


FORGED: list[tuple[str, Callable[[LyingDirectory], object]]] = [
    ("no ID token", lambda it: setattr(it, "has_id_token", False)),
    ("no signature", lambda it: setattr(it, "algorithm", "none")),
    ("a key nobody published", lambda it: setattr(it, "signing_key", new_key())),
    ("a key of another name", lambda it: setattr(it, "kid", "two")),
    ("the published key as a shared secret", confuse_keys),
    ("another issuer", lambda it: it.claims.update(iss="http://localhost:1")),
    ("another audience", lambda it: it.claims.update(aud="somebody-else")),
    ("several audiences and no azp", lambda it: it.claims.update(aud=["luvalla", "somebody-else"])),
    ("another azp", lambda it: it.claims.update(azp="somebody-else")),
    ("its time is over", lambda it: it.claims.update(exp=int(time.time()) - 120)),
    ("made in the future", lambda it: it.claims.update(iat=int(time.time()) + 600)),
    ("no end", lambda it: it.claims.update(exp=None)),
    ("no nonce", lambda it: it.claims.update(nonce=None)),
    ("the nonce of another sign-in", lambda it: it.claims.update(nonce="another")),
    ("nobody", lambda it: it.claims.update(sub="")),
    ("a name without end", lambda it: it.claims.update(sub="x" * 200)),
    ("user info of another person", lambda it: setattr(it, "user_info", {"sub": "person-2"})),
    ("user info of nobody", lambda it: setattr(it, "user_info", {"email": "x@esimerkki.fi"})),
    ("a document of another issuer", lambda it: it.document.update(issuer="https://directory.example")),
    ("a document without keys", lambda it: it.document.update(jwks_uri=None)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "forge"), FORGED, ids=[name for name, _ in FORGED])
def test_a_forged_answer_signs_nobody_in(
    aino: User, directory: LyingDirectory, name: str, forge: Callable[[LyingDirectory], object]
) -> None:
    client = Client()
    asked = leave(client)
    forge(directory)
    answer = come_back(client, asked)
    assert answer.status_code in {200, 401, 403}, name
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("document", [{"issuer": "https://directory.example"}, {"token_endpoint": 7}])
def test_nobody_is_sent_to_a_directory_whose_document_is_wrong(
    aino: User, directory: LyingDirectory, document: dict[str, Any]
) -> None:
    directory.document = document
    answer = Client().post(LOGIN)
    assert answer.status_code in {200, 401}
    assert "Location" not in answer


@pytest.mark.parametrize("said", ["false", "true", 1, None])
def test_a_mailbox_is_verified_by_the_value_true_alone(aino: User, directory: LyingDirectory, said: object) -> None:
    directory.claims = {"email_verified": said}
    client = Client()
    assert come_back(client, leave(client)).status_code == 403
    assert not SocialAccount.objects.exists()


def test_a_state_that_is_another_browsers_or_spent_signs_nobody_in(aino: User, directory: LyingDirectory) -> None:
    victim, attacker = Client(), Client()
    asked = leave(attacker)
    come_back(victim, asked)
    assert not is_in(victim)
    come_back(victim, asked, state="guessed")
    assert not is_in(victim)
    come_back(attacker, asked)
    assert is_in(attacker)
    attacker.logout()
    come_back(attacker, asked, code=f"fresh|{asked['nonce']}")
    assert not is_in(attacker)


def test_a_code_that_was_used_before_signs_nobody_in(aino: User, directory: LyingDirectory) -> None:
    first, second = Client(), Client()
    asked = leave(first)
    come_back(first, asked)
    assert is_in(first)
    come_back(second, leave(second), code=directory.codes[0])
    assert not is_in(second)


def test_an_id_token_that_was_stolen_from_another_sign_in_opens_nothing(aino: User, directory: LyingDirectory) -> None:
    first, second = Client(), Client()
    stolen, asked = leave(first)["nonce"], leave(second)
    come_back(second, asked, code=f"fresh|{stolen}")
    assert not is_in(second)


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_to_no_other_site(aino: User, directory: LyingDirectory, place: str) -> None:
    client = Client()
    answer = come_back(client, leave(client, "?" + urlencode({"next": place})))
    assert answer.redirect_chain[-1][0] == "/staff/"


@pytest.mark.parametrize("process", ["connect", "redirect", "nonsense"])
def test_nothing_but_a_sign_in_can_be_asked_for(
    aino: User, make_person: MakePerson, directory: LyingDirectory, process: str
) -> None:
    other = make_person("Otso Halla", "communications")
    client = Client()
    client.force_login(other)
    come_back(client, leave(client, "?" + urlencode({"process": process, "next": "/staff/"})))
    assert not SocialAccount.objects.filter(user=other).exists()
    assert client.session["_auth_user_id"] == str(aino.pk)


def test_a_request_adds_no_words_to_the_question(aino: User, directory: LyingDirectory) -> None:
    wish = urlencode({"auth_params": "redirect_uri=https://evil.example&prompt=none", "scope": "offline_access"})
    asked = leave(Client(), f"?{wish}")
    assert asked["redirect_uri"].startswith(HERE)
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert "prompt" not in asked


def test_whoever_gets_a_leavers_mailbox_gets_no_account_with_it(aino: User, directory: LyingDirectory) -> None:
    assert sign_in(Client())
    directory.claims = {"sub": "person-2"}
    directory.user_info = {"sub": "person-2"}
    client = Client()
    answer = come_back(client, leave(client))
    assert answer.status_code == 403
    assert not is_in(client)
    assert SocialAccount.objects.count() == 1


def test_a_directory_that_names_its_people_anew_is_known_again_once_somebody_says_so(
    aino: User, directory: LyingDirectory
) -> None:
    assert sign_in(Client())
    directory.claims = directory.user_info = {"sub": "person-2"}
    assert forget_directory(user=aino, actor=OPERATOR)
    assert LedgerRow.objects.filter(verb="people.forget_directory").count() == 1
    assert not forget_directory(user=aino, actor=OPERATOR)
    assert sign_in(Client())


def test_another_mailbox_in_the_directory_leads_to_the_same_account_only(
    aino: User, make_person: MakePerson, directory: LyingDirectory
) -> None:
    make_person("Otso Halla", "communications")
    assert sign_in(Client())
    directory.claims = {"email": "otso.halla@esimerkki.fi"}
    client = Client()
    assert sign_in(client)
    assert client.session["_auth_user_id"] == str(aino.pk)


def test_a_leaver_is_nobody_however_they_sign_in(aino: User, directory: LyingDirectory) -> None:
    client = Client()
    assert sign_in(client)
    close_account(user=aino, reason="left", actor=OPERATOR)
    assert not is_in(client)
    other = Client()
    assert come_back(other, leave(other)).redirect_chain[-1][0] == reverse("account_inactive")
    assert not is_in(other)


def test_an_unknown_directory_is_not_there(directory: LyingDirectory) -> None:
    assert Client().get("/accounts/oidc/another/login/callback/?code=x&state=y").status_code == 404


def test_a_directory_that_went_away_meanwhile_is_said_to_have(aino: User, directory: LyingDirectory) -> None:
    client = Client()
    asked = leave(client)
    OutgoingHost.objects.update(closed_at=timezone.now())
    answer = come_back(client, asked)
    assert answer.status_code in {200, 401}
    assert not is_in(client)
