"""`luvalla user`: accounts, undertakings, and what is refused."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from luvalla.cli import user as command
from luvalla.cli.main import main
from luvalla.ledger.models import LedgerRow
from luvalla.people.models import User
from luvalla.people.queries import Closed, user_named, why_closed
from luvalla.people.texts import shipped_text
from tests.people.conftest import controller

__all__ = ["controller"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("controller")]
ADD = ["user", "add", "liisa", "liisa.aalto@esimerkki.fi", "--full-name", "Liisa Aalto"]


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


def test_an_account_is_added_shut_with_a_password_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ADD, "--role", "auditor", "--role", "approver", "--json"]) == 0
    told = document(capsys)
    assert (told["open"], told["closed_by"], told["roles"]) == (False, "no_undertaking", ["approver", "auditor"])
    liisa = user_named("liisa")
    assert liisa is not None
    assert liisa.check_password(told["password"])
    assert LedgerRow.objects.get(verb="people.add_user").actor == "operator"


def test_an_account_is_added_with_who_appoints_for_what_and_until_when() -> None:
    named = ["--appointed-by", "Katariina Holm", "--work", "Kirjeiden kirjoittaminen", "--until", "2027-06-30"]
    assert main([*ADD, *named, "--json"]) == 0
    liisa = user_named("liisa")
    assert liisa is not None
    assert (liisa.appointed_by, liisa.appointed_for) == ("Katariina Holm", "Kirjeiden kirjoittaminen")
    assert liisa.appointed_until == date(2027, 6, 30)


def test_without_json_the_password_stands_on_a_line_and_the_rest_is_said_aside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(ADD) == 0
    said = capsys.readouterr()
    assert "Its password, shown only now:" in said.out
    assert "It opens nothing before an undertaking" in said.err


def test_an_account_with_a_signed_undertaking_is_open(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "add", "liisa", "liisa@esimerkki.fi", "--undertaking-signed", "Liisa Aalto", "--json"]) == 0
    told = document(capsys)
    assert (told["open"], told["full_name"]) == (True, "Liisa Aalto")
    assert told["until"]


@pytest.mark.parametrize(("arguments", "said"), [
    (["user", "add", "info", "liisa@esimerkki.fi"], "info stands for an office"),
    (["user", "add", "liisa", "tuki@esimerkki.fi"], "tuki stands for an office"),
    ([*ADD, "--role", "emperor"], "There is no such role: emperor"),
    ([*ADD, "--undertaking-signed", "Maija Malli"], "own full name"),
])  # fmt: skip
def test_what_is_refused_adds_nothing_and_says_why(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert said in capsys.readouterr().err
    assert not User.objects.exists()


def test_a_second_account_of_the_same_mailbox_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ADD) == 0
    assert main(["user", "add", "liisa2", "LIISA.aalto@esimerkki.fi"]) == 1
    assert "already has an account" in capsys.readouterr().err


def test_a_password_is_asked_for_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "may_ask", lambda: True)
    monkeypatch.setattr(command.click, "prompt", lambda *_, **__: "kevät-tulee-kohisten")
    assert main(ADD) == 0
    assert "kevät" not in capsys.readouterr().out
    liisa = user_named("liisa")
    assert liisa is not None
    assert liisa.check_password("kevät-tulee-kohisten")


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "may_ask", lambda: True)
    monkeypatch.setattr(command.click, "prompt", lambda *_, **__: "salasana")
    assert main(ADD) == 1
    assert "Nothing was added." in capsys.readouterr().err
    assert not User.objects.exists()


def test_an_undertaking_is_recorded_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    main(ADD)
    assert main(["user", "undertaking", "liisa", "--signed-as", "Liisa Aalto"]) == 0
    assert "the account is open" in capsys.readouterr().out
    assert main(["user", "undertaking", "LIISA", "--revoke", "työ päättyi", "--json"]) == 0
    assert document(capsys)["closed_by"] == "undertaking_revoked"
    assert LedgerRow.objects.get(verb="people.revoke_undertaking").reason == "työ päättyi"
    assert main(["user", "undertaking", "liisa", "--revoke", "x"]) == 1
    assert "no undertaking in force" in capsys.readouterr().err


def test_the_text_to_be_signed_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main(ADD)
    capsys.readouterr()
    assert main(["user", "undertaking", "liisa", "--text", "--language", "sv"]) == 0
    assert capsys.readouterr().out.strip() == shipped_text("sv").strip()
    liisa = user_named("liisa")
    assert liisa is not None
    assert why_closed(liisa) is not None


def test_an_undertaking_of_nobody_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "undertaking", "kukaan", "--signed-as", "X"]) == 3
    assert "There is no account kukaan." in capsys.readouterr().err


def test_neither_or_both_ways_at_once_is_a_usage_error() -> None:
    main(ADD)
    assert main(["user", "undertaking", "liisa"]) == 2
    assert main(["user", "undertaking", "liisa", "--signed-as", "Liisa Aalto", "--revoke", "x"]) == 2


def test_accounts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    main([*ADD, "--role", "auditor"])
    capsys.readouterr()
    assert main(["user", "list", "--json"]) == 0
    assert [each["username"] for each in document(capsys)["accounts"]] == ["liisa"]
    assert main(["user", "list"]) == 0
    assert "Liisa Aalto" in capsys.readouterr().out


def test_the_list_says_who_employs_whom_and_why_an_account_is_shut(capsys: pytest.CaptureFixture[str]) -> None:
    main([*ADD, "--undertaking-signed", "Liisa Aalto"])
    main(["user", "add", "onni", "onni.kallio@esimerkki.fi"])
    main(["user", "undertaking", "liisa", "--revoke", "Työ päättyi."])
    capsys.readouterr()
    assert main(["user", "list"]) == 0
    said = capsys.readouterr().out
    for words in ("Esimerkki Energia Oy", "no: the undertaking was revoked", "no: not signed yet"):
        assert words in said


def test_every_reason_of_a_shut_account_has_its_words() -> None:
    assert all(command._standing(each.value).startswith("no: ") for each in Closed)


def test_roles_are_given_and_taken_away(capsys: pytest.CaptureFixture[str]) -> None:
    main([*ADD, "--role", "auditor"])
    capsys.readouterr()
    assert main(["user", "roles", "liisa", "--role", "clerk", "--role", "custodian", "--json"]) == 0
    assert document(capsys)["roles"] == ["clerk", "custodian"]
    assert main(["user", "roles", "liisa"]) == 0
    assert "has no role now" in capsys.readouterr().out
    assert main(["user", "roles", "liisa", "--role", "emperor"]) == 1
    assert "There is no such role: emperor" in capsys.readouterr().err
    rows = LedgerRow.objects.filter(verb="people.set_roles").order_by("pk")
    assert [(each.actor, each.facts["roles"]) for each in rows] == [
        ("operator", ["clerk", "custodian"]), ("operator", []),
    ]  # fmt: skip


def test_another_name_of_the_directory_is_let_in_only_once_somebody_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main([*ADD, "--undertaking-signed", "Liisa Aalto"])
    SocialAccount.objects.create(user=User.objects.get(username="liisa"), provider="directory", uid="one")
    capsys.readouterr()
    assert main(["user", "directory", "liisa", "--json"]) == 0
    assert document(capsys)["forgotten"] is True
    assert not SocialAccount.objects.exists()
    assert main(["user", "directory", "liisa"]) == 0
    assert "never opened from the directory" in capsys.readouterr().out
    assert LedgerRow.objects.filter(verb="people.forget_directory").count() == 1
    assert main(["user", "directory", "nobody"]) == 3


def test_whoever_leaves_is_closed_for_good_and_their_sessions_end(
    capsys: pytest.CaptureFixture[str], client: Client
) -> None:
    main([*ADD, "--undertaking-signed", "Liisa Aalto"])
    client.force_login(User.objects.get(username="liisa"))
    capsys.readouterr()
    assert main(["user", "close", "liisa", "--reason", "Työ päättyi.", "--json"]) == 0
    told = document(capsys)
    assert (told["open"], told["closed_by"], told["sessions_ended"]) == (False, "left", 1)
    row = LedgerRow.objects.get(verb="people.close_account")
    assert (row.actor, row.reason) == ("operator", "Työ päättyi.")
    assert main(["user", "close", "liisa", "--reason", "x"]) == 1
    assert "has left already" in capsys.readouterr().err
    assert main(["user", "undertaking", "liisa", "--signed-as", "Liisa Aalto"]) == 1
    assert main(["user", "close", "kukaan", "--reason", "x"]) == 3


def test_a_day_to_come_shuts_the_account_then(capsys: pytest.CaptureFixture[str]) -> None:
    main([*ADD, "--undertaking-signed", "Liisa Aalto"])
    day = timezone.localdate() + timedelta(days=9)
    assert main(["user", "close", "liisa", "--reason", "Eläkkeelle.", "--on", day.isoformat()]) == 0
    assert f"shuts for good on {day}" in capsys.readouterr().out
    liisa = user_named("liisa")
    assert liisa is not None
    assert why_closed(liisa) is None
    assert why_closed(liisa, timezone.now() + timedelta(days=9)) is Closed.LEFT
