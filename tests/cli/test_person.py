from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from luvalla.cli.addresses import _said
from luvalla.cli.main import main
from luvalla.ledger import erasures, vault
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.keys import Keyring
from luvalla.ledger.models import KeyCheck, LedgerRow
from luvalla.register import stop
from luvalla.register.actions import add_permission
from luvalla.register.models import Contact, SourceNotice
from luvalla.register.queries import is_suppressed
from luvalla.rules.address import Fault, normalise
from luvalla.rules.ports import Barrier, Registry
from luvalla.rules.purposes import PermissionKind
from tests.register.conftest import PatientBarrier, crm, customers

__all__ = ["crm", "customers"]
pytestmark = pytest.mark.django_db
MAIJA = "maija@esimerkki.fi"


@pytest.fixture(autouse=True)
def maija(crm: Any, monkeypatch: pytest.MonkeyPatch) -> Contact:
    """Bring Maija into an installation whose keys are in order."""
    registry: Registry[Barrier] = Registry("barrier")
    monkeypatch.setattr(stop, "barriers", registry)
    registry.register("test", PatientBarrier())
    check_keys()
    return add_permission(
        address=normalise(MAIJA),
        kind=PermissionKind.CUSTOMER,
        source=crm,
        audience=crm.default_audience,
        actor=SYSTEM,
    ).contact


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


def test_show_prints_everything_that_is_kept_and_leaves_a_row(
    maija: Contact, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "MAIJA+x@esimerkki.fi", "--json", "--reason", "asked by phone"]) == 0
    rows = document(capsys)["stores"]["register"]
    assert all(each["at"] is None or "T" in each["at"] for each in rows), "dates are written in ISO 8601"
    kept = {each["kind"]: each["content"] for each in rows}
    assert kept["contact"] == {"address": MAIJA, "restricted_since": None}
    assert kept["permission"]["source"] == "crm"
    row = LedgerRow.objects.get(verb="register.show_person")
    assert (row.actor, row.purpose, row.reason) == ("operator", "request", "asked by phone")
    assert row.facts["contacts"] == [str(maija.ref)]


def test_show_prints_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", MAIJA]) == 0
    assert "permission" in capsys.readouterr().out


def test_show_of_an_unknown_address_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "nobody@esimerkki.fi", "--json"]) == 3
    assert document(capsys)["error"]["kind"] == "not_found"
    assert LedgerRow.objects.filter(verb="register.show_person").count() == 1


@pytest.mark.parametrize("command", ["withdraw", "erase"])
def test_a_stop_tells_what_went_from_each_store(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, MAIJA, "--json"]) == 0
    said = document(capsys)
    assert said["known"] is True
    assert said["erased"]["register"] == 2
    assert not Contact.objects.exists()
    assert is_suppressed(normalise(MAIJA))


def test_a_stop_of_an_unknown_address_is_done_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["withdraw", "nobody@esimerkki.fi"]) == 0
    assert "No letter goes to this address" in capsys.readouterr().out
    assert is_suppressed(normalise("nobody@esimerkki.fi"))


def test_an_address_can_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{MAIJA}\n"))
    assert main(["erase", "-"]) == 0
    assert not Contact.objects.exists()


def test_what_is_no_address_is_refused_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["withdraw", "maija.esimerkki.fi"]) == 2
    said = capsys.readouterr().err
    assert "has no @ sign" in said
    assert "maija" not in said


def test_a_stop_that_has_to_wait_asks_to_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = PatientBarrier()
    waiting.answer = False
    registry: Registry[Barrier] = Registry("barrier")
    registry.register("test", waiting)
    monkeypatch.setattr(stop, "barriers", registry)
    assert main(["withdraw", MAIJA]) == 5
    assert is_suppressed(normalise(MAIJA))
    waiting.answer = True
    assert main(["withdraw", MAIJA]) == 0
    assert not Contact.objects.exists()
    assert SourceNotice.objects.count() == 1


def test_nothing_is_changed_when_the_ledger_of_erasures_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(erasures, "_put", full)
    assert main(["erase", MAIJA]) == 1
    assert "nothing was changed" in capsys.readouterr().err
    assert Contact.objects.exists()


def test_a_restriction_is_set_and_lifted_only_after_the_person_was_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restrict", MAIJA, "--reason", "accuracy contested"]) == 0
    assert Contact.objects.exclude(restricted_at=None).count() == 1
    assert main(["restrict", MAIJA, "--lift"]) == 1
    assert "has to be told before" in capsys.readouterr().err
    assert main(["restrict", MAIJA, "--lift", "--informed", "--json"]) == 0
    assert document(capsys) == {"kind": "lifting", "contacts": 1}
    assert Contact.objects.exclude(restricted_at=None).count() == 0
    assert main(["restrict", MAIJA, "--lift"]) == 3


def test_a_lost_key_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    KeyCheck.objects.create(name="seal.2", value=bytes(32))
    assert main(["show", MAIJA]) == 2
    assert "lacks the key seal.2" in capsys.readouterr().err


def test_a_missing_keyring_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LUVALLA_KEYS_FILE", str(tmp_path / "nothing"))
    vault.forget_keys()
    try:
        assert main(["show", MAIJA]) == 2
    finally:
        vault.forget_keys()
    assert "There is no keyring" in capsys.readouterr().err


def test_a_database_that_forgot_its_keys_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    KeyCheck.objects.all().delete()
    assert main(["show", MAIJA]) == 2
    assert "remembers no keys" in capsys.readouterr().err


def test_an_unknown_address_cannot_be_restricted() -> None:
    assert main(["restrict", "nobody@esimerkki.fi"]) == 3


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_of_an_address_has_its_sentence(fault: Fault) -> None:
    assert _said(fault.value).endswith(".")


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (Keyring.fresh().to_json(), "The key token.1 is not the one"),
        ("{}", "can't be read"),
    ],
)
def test_the_wrong_keys_are_said_before_anything_is_read(
    keys: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LUVALLA_KEYS", keys)
    vault.forget_keys()
    try:
        assert main(["show", MAIJA]) == 2
    finally:
        vault.forget_keys()
    assert sentence in capsys.readouterr().err
