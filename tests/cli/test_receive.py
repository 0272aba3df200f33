"""`luvalla receive`: a stop by mail through a pipe, and a message is never lost."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest

from luvalla.cli.main import main
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.ledger.keycheck import check_keys
from luvalla.public import mail_stop
from luvalla.register.actions import add_permission
from luvalla.register.models import Contact
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.public.conftest import stop_path
from tests.support.outside import outside
from tests.support.world import make_world

__all__ = ["outside"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def recipient() -> str:
    """Give the stop address of a customer."""
    world = make_world()
    check_keys()
    permission = add_permission(
        address=normalise("maija@esimerkki.fi"),
        kind=PermissionKind.CUSTOMER,
        source=world.crm,
        audience=world.customers,
        actor=SYSTEM,
    )
    return f"stop+{stop_path(permission.contact).removeprefix('/s/')}@esimerkkienergia.example"


def receive(monkeypatch: pytest.MonkeyPatch, raw: bytes, *arguments: str) -> int:
    """Give the command a message on standard input."""
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw), isatty=lambda: False))
    return main(["receive", *arguments])


def test_a_stop_comes_through_the_pipe(
    recipient: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert receive(monkeypatch, f"To: {recipient}\r\n\r\nstop\r\n".encode(), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"taken_by": ["stop"]}
    assert not Contact.objects.exists()


def test_the_envelopes_recipient_counts(recipient: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert receive(monkeypatch, b"To: list@example.com\r\n\r\nx\r\n", "--recipient", recipient) == 0
    assert not Contact.objects.exists()


def test_what_is_nobodys_here_is_no_fault(
    recipient: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for raw in (b"", b"\xff\xfe", b"To: somebody@example.com\r\n\r\nHi\r\n"):
        assert receive(monkeypatch, raw, "--json") == 0
        assert json.loads(capsys.readouterr().out) == {"taken_by": []}
    assert Contact.objects.exists()


def test_a_stop_that_could_not_be_written_stays_with_the_mail_server(
    recipient: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise ErasuresUnwritable

    monkeypatch.setattr(mail_stop, "withdraw", fail)
    assert receive(monkeypatch, f"To: {recipient}\r\n\r\n".encode()) == 75
    said = capsys.readouterr().err
    assert "Not dealt with (ErasuresUnwritable)" in said
    assert "maija" not in said
