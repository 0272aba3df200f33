"""While a restored backup is closed, no command sends, serves or works; opened, each does."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NoReturn

import pytest

from luvalla.cli import serving
from luvalla.cli.main import main
from luvalla.jobs.runner import Runner
from luvalla.ledger import quarantine
from luvalla.ledger.quarantine import Quarantine, Stage
from luvalla.mailroom.background import BACKGROUND
from luvalla.mailroom.crew import Crew
from tests.support.campaigns import approved_campaign
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
COMMANDS = (["run", "--receiver", ""], ["worker"], ["send", "1"])


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def closed(world: World) -> Iterator[None]:
    """Close the installation as a restored backup is."""
    now = datetime.now(UTC)
    quarantine.close(Quarantine(Stage.REPLAYING, now, now, 0, ""))
    yield
    quarantine.leave()


@pytest.fixture
def began(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what begins to serve, work or send, and let it end at once."""
    done: list[str] = []

    def look(_: Crew) -> NoReturn:
        done.append("worker")
        raise KeyboardInterrupt

    for name in ("start", "stop"):
        monkeypatch.setattr(Runner, name, lambda _: None)
    monkeypatch.setattr(type(BACKGROUND), "stand_back", lambda _: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(serving, "serve", lambda **_: done.append("run"))
    monkeypatch.setattr("luvalla.cli.installation.make_database", lambda: done.append("migrations"))
    monkeypatch.setattr(Crew, "look", look)
    monkeypatch.setattr("luvalla.mailroom.sender.send_campaign", lambda *_, **__: done.append("send"))
    return done


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each[0])
def test_nothing_begins_in_quarantine(
    world: World, began: list[str], command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    approved_campaign(world)
    assert main(command) == 1
    assert "quarantine" in capsys.readouterr().err
    assert began == []


@pytest.mark.parametrize("command", [["run", "--receiver", ""], ["worker"]], ids=lambda each: each[0])
def test_the_same_begins_once_it_is_open(world: World, began: list[str], command: list[str]) -> None:
    assert main(command) == 0
    assert began[-1] == command[0]
