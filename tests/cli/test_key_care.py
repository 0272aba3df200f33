"""`luvalla keys` and `luvalla backup`, as a person at the console meets them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger import vault
from luvalla.ledger.actors import OPERATOR, SUBJECT
from luvalla.ledger.errors import KeysAhead
from luvalla.ledger.keys import Keyring, write_keyring
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.rotation import rotate_key
from luvalla.ledger.vault import keyring
from luvalla.register.queries import find_contact, is_suppressed
from luvalla.register.stop import withdraw
from luvalla.rules.address import normalise
from tests.scenarios.test_g1 import tonight
from tests.support.pdf import is_tagged, text_of
from tests.support.world import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_else")]
MAIJA, VILLE = normalise("maija@esimerkki.fi"), normalise("ville@esimerkki.fi")


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Give a home with keys of its own, which a test may change."""
    place = tmp_path / "home"
    settings.LUVALLA_HOME = place
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    write_keyring(Keyring.fresh(), place)
    vault.forget_keys()
    yield place
    vault.forget_keys()


def type_in(kit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the kit on standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(kit.encode()), encoding="utf-8"))


def test_the_kit_brings_back_keys_that_were_lost(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_world()
    assert main(["keys", "kit"]) == 0
    printed = capsys.readouterr().out
    before, backup = keyring(), (home / "keys" / "backup.txt").read_text()
    assert LedgerRow.objects.filter(verb="ledger.print_kit").count() == 1
    type_in(printed, monkeypatch)
    assert main(["keys", "enter", "-"]) == 1
    assert "--replace" in capsys.readouterr().err

    for name in ("keyring.json", "backup.txt"):
        (home / "keys" / name).unlink()
    vault.forget_keys()
    assert main(["keys", "check"]) == 2
    type_in(printed.replace("token.1   ", "token.1   77", 1), monkeypatch)
    assert main(["keys", "enter", "-"]) == 1
    assert "token.1" in capsys.readouterr().err
    type_in(printed, monkeypatch)
    assert main(["keys", "enter", "-"]) == 0
    assert keyring() == before
    assert (home / "keys" / "backup.txt").read_text() == backup
    capsys.readouterr()
    assert main(["keys", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"token": 1, "seal": 1, "link": 1, "ledger": 1, "backup": 1}


def test_the_kit_is_a_page_to_print_that_brings_the_keys_back(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_world()
    page = tmp_path / "kit.pdf"
    assert main(["keys", "kit", "--pdf", str(page)]) == 0
    assert "then delete it" in capsys.readouterr().err
    assert (is_tagged(page.read_bytes()), oct(page.stat().st_mode & 0o777)) == (True, "0o600")
    assert main(["keys", "kit", "--pdf", str(page)]) == 1
    before, read = keyring(), text_of(page.read_bytes())
    assert "Esimerkki Energia Oy" in read
    typed = re.sub(r" (?=(?:token|seal|link|ledger|backup|use)[. ](?!of))", "\n", read)
    (home / "keys" / "keyring.json").unlink()
    vault.forget_keys()
    type_in(typed, monkeypatch)
    assert main(["keys", "enter", "-"]) == 0
    assert keyring() == before


def test_each_kind_of_key_can_be_changed_while_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    world = make_world()
    tonight(world, MAIJA.text, VILLE.text)
    withdraw(address=MAIJA, channel="link", actor=SUBJECT)
    for kind in ("token", "seal", "link"):
        assert main(["keys", "rotate", kind]) == 0
    assert "Print the recovery kit anew" in capsys.readouterr().err
    keys = keyring()
    assert (len(keys.token_keys), keys.seal_in_use, keys.link_in_use) == (2, 2, 2)
    assert find_contact(VILLE) is not None
    assert is_suppressed(MAIJA)
    assert main(["show", VILLE.text]) == 0


@pytest.mark.parametrize("kind", ["seal", "link", "ledger"])
def test_an_interrupted_change_of_the_token_key_is_finished_before_another_key_is_changed(
    kind: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tonight(make_world(), MAIJA.text, VILLE.text)
    write_keyring(keyring().with_new_token_key(), home)
    vault.forget_keys()
    before, rows = keyring(), LedgerRow.objects.count()
    assert main(["keys", "rotate", kind]) == 2
    assert "`luvalla keys rotate token`" in capsys.readouterr().err
    with pytest.raises(KeysAhead):
        rotate_key(kind=kind, home=home, actor=OPERATOR)
    vault.forget_keys()
    assert keyring() == before
    assert LedgerRow.objects.count() == rows

    assert main(["keys", "rotate", "token"]) == 0
    assert len(keyring().token_keys) == len(before.token_keys)
    assert find_contact(VILLE) is not None
    assert main(["keys", "rotate", kind]) == 0


def test_a_new_token_key_that_is_given_from_outside_is_taken_into_use_by_the_same_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tonight(make_world(), MAIJA.text, VILLE.text)
    monkeypatch.setenv("LUVALLA_KEYS", keyring().with_new_token_key().to_json())
    vault.forget_keys()
    assert main(["keys", "check"]) == 2
    assert main(["keys", "rotate", "token"]) == 0
    assert find_contact(VILLE) is not None
    assert main(["keys", "check"]) == 0
    capsys.readouterr()
    assert main(["keys", "rotate", "token"]) == 2
    assert "they are changed there" in capsys.readouterr().err


def test_a_backup_is_written_once_and_only_for_somebody(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_world()
    place = tmp_path / "nightly.backup"
    assert main(["backup", str(place)]) == 2
    assert "Nobody is named" in capsys.readouterr().err
    assert main(["keys", "kit"]) == 0
    capsys.readouterr()
    assert main(["backup", str(place), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bytes"] == place.stat().st_size
    assert oct(place.stat().st_mode & 0o777) == "0o600"
    assert main(["backup", str(place)]) == 1
    assert place.stat().st_size == told["bytes"]
    assert main(["restore", str(place)]) == 1
    assert "--replace" in capsys.readouterr().err


@pytest.mark.timeout(1800)
def test_a_backup_can_be_put_back_on_trial(
    home: Path, tmp_path: Path, process_environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """On PostgreSQL a second database is made and migrated for it, which takes minutes where others work too."""
    tonight(make_world(), MAIJA.text, VILLE.text)
    assert main(["keys", "kit"]) == 0
    place = tmp_path / "nightly.backup"
    assert main(["backup", str(place)]) == 0
    withdraw(address=MAIJA, channel="link", actor=SUBJECT)
    capsys.readouterr()
    assert main(["restore", str(place), "--drill", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lines"] == {"erase": 1, "suppress": 1}
    assert LedgerRow.objects.get(verb="ledger.drill_restore").facts == told
    assert not (home / "drill").exists()
    assert find_contact(VILLE) is not None

    place.write_bytes(place.read_bytes()[:-500])
    assert main(["restore", str(place), "--drill"]) == 1
    assert "no backup, or not a whole one" in capsys.readouterr().err
