"""Two instances, each with a home, keys and a database of its own: a copy goes over HTTP from one to the other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.keys import Keyring, write_keyring
from luvalla.organisation.actions import declare_host
from luvalla.rights.actions.transmitting import record_receiver, transmit
from luvalla.rights.models import DataRequest, Transmission
from tests.rights.test_transmitting import request_  # noqa: F401  # a fixture
from tests.support.requests import MAIJA, Desk, work

PATIENCE: Final = 60
OTHER: Final = """
import django; django.setup()
import threading
from datetime import timedelta
from wsgiref.simple_server import WSGIRequestHandler, make_server
from django.utils import timezone
from luvalla.api.scopes import Scope
from luvalla.api.tokens import make_token
from luvalla.config.wsgi import application
from luvalla.ledger.actors import OPERATOR
from luvalla.register.models import Contact, Permission
from luvalla.rights.actions.taking_in import accept_copy, show_copy
from luvalla.rights.models import IncomingCopy
from tests.support.requests import make_desk
from tests.support.world import make_world

make_world()
_, key = make_token(name="Luvalla", scopes=[Scope.BRING_COPIES], controller="Esimerkki Energia",
                    expires_at=timezone.now() + timedelta(days=9), actor=OPERATOR)
server = make_server("127.0.0.1", 0, application)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, key, flush=True)
input()
copy, desk = IncomingCopy.objects.get(), make_desk()
print(copy.ref, copy.sender, Contact.objects.count(), show_copy(copy=copy, actor=desk.handler).address, flush=True)
contact = accept_copy(copy=copy, actor=desk.handler)
print(Permission.objects.get(contact=contact).kind, bytes(IncomingCopy.objects.get().sealed), flush=True)
server.shutdown()
"""
"""The other instance: it makes its token, serves, and once it is told decides on what has come."""


class Instance:
    """The other instance's process; nothing is shared with this one but the machine."""

    def __init__(self, home: Path, database: str) -> None:
        (home / "static").mkdir(parents=True, exist_ok=True)
        write_keyring(Keyring.fresh(), home)
        own = {name: value for name, value in os.environ.items() if not name.startswith("LUVALLA_")}
        environment = {
            **own,
            "LUVALLA_HOME": str(home),
            "LUVALLA_DATABASE_URL": database,
            "LUVALLA_ERASURES": str(home / "erasures" / "ledger.jsonl"),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        port, self.key = self.line().split()
        self.port = int(port)

    def line(self) -> str:
        """Give the next line it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def decide(self) -> tuple[str, str]:
        """Have it decide on what came, and give what it tells of it."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.line(), self.line()


@pytest.fixture
def other(tmp_path: Path, second_database: str) -> Iterator[Instance]:
    made = Instance(tmp_path / "other", second_database)
    yield made
    made.process.kill()
    made.process.communicate(timeout=PATIENCE)


@pytest.mark.usefixtures("db")
def test_a_copy_goes_from_one_instance_into_the_other(
    other: Instance,
    request_: DataRequest,  # noqa: F811  # a fixture
    desk: Desk,
) -> None:
    declare_host(host="127.0.0.1", port=other.port, country="FI", what_for="tests", is_inside=True, actor=OPERATOR)
    url = f"http://127.0.0.1:{other.port}"
    receiver = record_receiver(name="Toinen Energia", url=url, country="FI", key=other.key, actor=desk.owner)
    transmit(request=request_, to=receiver, actor=desk.handler)
    work()
    made = Transmission.objects.get()
    request_.refresh_from_db()
    assert (made.state, request_.state) == ("sent", "closed")
    first, second = other.decide()
    assert first == f"{made.answer} Esimerkki Energia 0 {MAIJA}"
    assert second == "service_message b''"
