"""Single sign-on with a real OpenID provider: it proves who somebody is; the account and its undertaking are ours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from luvalla.config.environment import ConfigurationError, read_environment
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.actions import declare_host
from luvalla.people.actions import revoke_undertaking
from luvalla.people.models import User
from tests.people.conftest import MakePerson

pytestmark = [pytest.mark.django_db, pytest.mark.needs_node]
NPM = Path(__file__).resolve().parents[1] / "npm"
CALLBACK = "http://testserver/accounts/oidc/directory/login/callback/"
Directory = Callable[..., str]


@pytest.fixture
def directory(settings: Settings, tmp_path: Path) -> Iterator[Directory]:
    """Start an OpenID provider that certifies one mailbox, and let Luvalla know it."""
    cache.clear()
    running: list[subprocess.Popen[str]] = []

    def start(email: str = "aino.salmela@esimerkki.fi", *, verified: bool = True, declared: bool = True) -> str:
        given = {"OIDC_CALLBACK": CALLBACK, "OIDC_EMAIL": email, "OIDC_VERIFIED": "1" if verified else "0"}
        process = subprocess.Popen(
            ["node", "oidc.mjs"],  # noqa: S607  # whichever Node the machine has
            cwd=NPM, env={**os.environ, **given}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        port = int(process.stdout.readline())
        if declared:
            declare_host(host="localhost", port=port, country="FI", what_for="Sign-in", is_inside=True, actor=OPERATOR)
        secret = tmp_path / "secret"
        secret.write_text("a-secret-of-the-test-client\n", encoding="utf-8")
        environment = read_environment({
            "LUVALLA_HOME": str(tmp_path), "LUVALLA_OIDC_ISSUER": f"http://localhost:{port}",
            "LUVALLA_OIDC_CLIENT_ID": "luvalla", "LUVALLA_OIDC_CLIENT_SECRET_FILE": str(secret),
            "LUVALLA_OIDC_NAME": "Esimerkin hakemisto",
        })  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [environment.oidc_client()]}}
        settings.BASE_URL = "http://testserver"
        return f"http://localhost:{port}"

    yield start
    for each in running:
        each.kill()
        each.communicate()


def go_through(client: Client) -> Any:
    """Go from our sign-in page through the provider, as a browser does, and back."""
    left = client.post("/accounts/oidc/directory/login/")
    assert left.status_code == 302, left.content
    with requests.Session() as browser:
        answer = browser.get(left.url, allow_redirects=False, timeout=10)
        while not answer.headers["Location"].startswith(CALLBACK):
            place = requests.compat.urljoin(answer.url, answer.headers["Location"])
            answer = browser.get(place, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    return client.get(f"{back.path}?{back.query}", follow=True)


def test_the_directory_signs_in_an_appointed_person(make_person: MakePerson, directory: Directory) -> None:
    make_person("Aino Salmela", "communications")
    directory()
    client = Client()
    assert "Esimerkin hakemisto" in client.get("/accounts/login/").content.decode()
    assert go_through(client).redirect_chain[-1][0] == "/staff/"
    assert client.get("/staff/").status_code == 200
    assert LedgerRow.objects.filter(verb="people.sign_in").count() == 1
    assert LedgerRow.objects.filter(verb="organisation.reach").count() >= 2
    client.logout()
    assert go_through(Client()).redirect_chain[-1][0] == "/staff/"
    assert list(SocialAccount.objects.values_list("extra_data", flat=True)) == [{}]


def test_whoever_reaches_addresses_needs_a_second_factor_there_too(
    make_person: MakePerson, directory: Directory
) -> None:
    make_person()
    directory()
    assert go_through(Client()).redirect_chain[-1][0] == reverse("mfa_activate_totp")


def test_without_an_undertaking_the_directory_opens_only_the_signing_page(
    make_person: MakePerson, directory: Directory
) -> None:
    make_person("Aino Salmela", "communications", signed=False)
    directory()
    client = Client()
    assert go_through(client).redirect_chain[-1][0] == reverse("account_inactive")
    assert client.get("/staff/").status_code == 302
    assert client.get(reverse("account_sign_undertaking")).status_code == 200


def test_a_revoked_undertaking_stays_revoked(make_person: MakePerson, directory: Directory) -> None:
    revoke_undertaking(user=make_person("Aino Salmela", "communications"), reason="x", actor=OPERATOR)
    directory()
    client = Client()
    assert go_through(client).redirect_chain[-1][0] == reverse("account_inactive")
    assert client.get(reverse("account_sign_undertaking")).status_code == 302


def test_nobody_gets_an_account_from_the_directory(make_person: MakePerson, directory: Directory) -> None:
    make_person("Aino Salmela", "communications")
    directory("somebody.else@esimerkki.fi")
    client = Client()
    assert go_through(client).status_code == 403
    assert client.get("/staff/").status_code == 302
    assert User.objects.count() == 1


def test_a_mailbox_the_directory_hasnt_verified_is_nobodys(make_person: MakePerson, directory: Directory) -> None:
    make_person("Aino Salmela", "communications")
    directory(verified=False)
    assert go_through(Client()).status_code == 403


def test_a_directory_that_isnt_on_the_list_of_hosts_isnt_asked(make_person: MakePerson, directory: Directory) -> None:
    make_person("Aino Salmela", "communications")
    directory(declared=False)
    answer = Client().post("/accounts/oidc/directory/login/")
    assert answer.status_code in {200, 401}
    assert "hakemist" in answer.content.decode() or "directory" in answer.content.decode()
    assert not LedgerRow.objects.filter(verb="organisation.reach").exists()


def test_a_missing_secret_is_said_at_the_start(tmp_path: Path) -> None:
    given = {"LUVALLA_HOME": str(tmp_path), "LUVALLA_OIDC_ISSUER": "https://directory.example"}
    with pytest.raises(ConfigurationError, match="CLIENT_SECRET_FILE"):
        read_environment(given).oidc_client()
    assert read_environment({"LUVALLA_HOME": str(tmp_path)}).oidc_client() is None
