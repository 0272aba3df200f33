"""The list of outgoing hosts at the console."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from luvalla.cli.host import command
from luvalla.organisation.queries import outgoing_hosts
from tests.support.world import make_world

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, arguments)
    return result.exit_code, result.output


def test_a_host_is_declared_listed_and_closed() -> None:
    make_world()
    code, said = run("add", "hooks.example.com", "--country", "fi", "--for", "Webhooks", "--json")
    assert (code, json.loads(said)["host"]) == (0, "hooks.example.com:443")
    owner = "Pohjolan Postipalvelu Oy"
    assert run("add", "b.example.com", "--country", "FI", "--for", "Webhooks", "--processor", owner)[0] == 0
    assert [each["processor"] for each in json.loads(run("list", "--json")[1])["hosts"]] == [owner, None]
    assert "hooks.example.com:443" in run("list")[1]
    assert run("close", "hooks.example.com")[0] == 0
    assert [each.host for each in outgoing_hosts()] == ["b.example.com"]


def test_what_isnt_there_is_said() -> None:
    assert run("close", "nowhere.example")[0] != 0
    assert run("add", "a.example.com", "--country", "FI", "--for", "x", "--processor", "Nobody")[0] != 0
    assert run("add", "a.example.com", "--country", "Finland", "--for", "x")[0] != 0
    assert not outgoing_hosts()
