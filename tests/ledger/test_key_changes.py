"""A new ledger key: the chain goes on, what the old key sealed still verifies, and neither side can be changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger import vault
from luvalla.ledger.actions import record
from luvalla.ledger.actors import OPERATOR, SYSTEM
from luvalla.ledger.chain import Row, link, seal_rows
from luvalla.ledger.erasures import Entry, Operation, append, holds, ledger_place, read_lines
from luvalla.ledger.erasures_upkeep import MARGIN, prune
from luvalla.ledger.errors import ErasuresBroken
from luvalla.ledger.head import head_place
from luvalla.ledger.key_changes import announce_keys, announced_keys
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.keys import Keyring, changing_keys, write_keyring
from luvalla.ledger.models import LedgerRow, LedgerSeal
from luvalla.ledger.queries import BrokenLink, Fault, verify_chain
from luvalla.ledger.replaying import Replayed, lines_since, replay
from luvalla.ledger.rotation import rotate_key
from luvalla.ledger.vault import keyring
from luvalla.rules.retention import BACKUP
from tests.support.processes import racers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_else")]
CHANGES_A_KEY = """
from luvalla.cli.main import main
import contextlib, io
def change(kind):
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        return main(["keys", "rotate", kind])
"""
DONE, TRY_AGAIN = "0", "5"


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Give a home with keys of its own."""
    settings.LUVALLA_HOME = tmp_path / "home"
    settings.LUVALLA_ERASURES = ""
    write_keyring(Keyring.fresh(), tmp_path / "home")
    vault.forget_keys()
    check_keys()
    yield tmp_path / "home"
    vault.forget_keys()


def write_rows(count: int) -> list[LedgerRow]:
    with transaction.atomic():
        rows = [record("register.test", actor=SYSTEM, facts={"number": each}) for each in range(count)]
    seal_rows()
    return rows


def erase(count: int) -> None:
    with transaction.atomic():
        append([Entry(Operation.ERASE, (bytes(32),), str(each)) for each in range(count)])


def rows_over_a_change(home: Path) -> tuple[list[LedgerRow], list[LedgerRow]]:
    """Write rows with the old key, take a new one into use, and write more: the change is the fourth link."""
    before = write_rows(3)
    rotate_key(kind="ledger", home=home, actor=OPERATOR)
    return before, write_rows(3)


def test_the_chain_goes_on_under_a_new_key(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(2)
    for number in (2, 3):
        assert main(["keys", "rotate", "ledger"]) == 0
        write_rows(2)
        assert (announced_keys(), len(keyring().ledger_keys)) == (number, number)
    report = verify_chain()
    assert (report.broken, report.unsealed.rows) == (None, 0)
    assert report.sealed == LedgerRow.objects.count()
    assert main(["ledger", "verify"]) == 0
    kit = [line.split()[0] for line in _kit(capsys)]
    assert {"ledger", "ledger.2", "ledger.3", "use.ledger"} <= set(kit)


def _kit(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert main(["keys", "kit"]) == 0
    return [line for line in capsys.readouterr().out.splitlines() if line]


def test_rows_before_and_after_the_change_are_sealed_with_different_keys(home: Path) -> None:
    _, after = rows_over_a_change(home)
    old, new = keyring().ledger_keys
    links = {seal.pk: bytes(seal.link) for seal in LedgerSeal.objects.all()}
    rows = {each.seal.pk: each for each in LedgerRow.objects.select_related("seal")}

    def made(number: int, key: bytes) -> bytes:
        row = Row(*LedgerRow.objects.values_list(*Row._fields).get(pk=rows[number].pk))
        return link(links.get(number - 1, b""), number, row, key)

    assert links[3] == made(3, old)
    assert rows[4].verb == "ledger.rotate_key"
    assert links[4] == made(4, new) != made(4, old)
    assert links[7] == made(7, new)
    assert rows[7].pk == after[-1].pk


@pytest.mark.parametrize("number", [2, 3, 4, 5, 7])
def test_a_row_tampered_with_on_either_side_of_the_change_is_named(home: Path, number: int) -> None:
    rows_over_a_change(home)
    row = LedgerSeal.objects.get(pk=number).row_id
    LedgerRow.objects.filter(pk=row).update(facts={"number": 77})
    assert verify_chain().broken == BrokenLink(number, row, Fault.CHANGED)


def test_who_has_the_old_key_alone_cannot_rewrite_what_it_sealed(home: Path) -> None:
    before, _ = rows_over_a_change(home)
    LedgerRow.objects.filter(pk=before[2].pk).update(actor="person:somebody else")
    row = Row(*LedgerRow.objects.values_list(*Row._fields).get(pk=before[2].pk))
    second = bytes(LedgerSeal.objects.get(pk=2).link)
    LedgerSeal.objects.filter(pk=3).update(link=link(second, 3, row, keyring().ledger_keys[0]))
    change = LedgerSeal.objects.get(pk=4).row_id
    assert verify_chain().broken == BrokenLink(4, change, Fault.CHANGED)


def test_who_has_the_old_key_alone_cannot_cut_the_change_off_and_go_on(home: Path) -> None:
    rows_over_a_change(home)
    rows = list(LedgerSeal.objects.filter(pk__gt=3).values_list("row_id", flat=True))
    LedgerSeal.objects.filter(pk__gt=3).delete()
    LedgerRow.objects.filter(pk__in=rows).delete()
    head_place().unlink()
    assert verify_chain().broken == BrokenLink(4, None, Fault.CUT_OFF)


def test_a_forged_announcement_takes_no_key_into_use(home: Path) -> None:
    with transaction.atomic():
        record("ledger.rotate_key", actor=OPERATOR, facts={"kind": "ledger", "number": 2, "proof": "00" * 32})
    seal_rows()
    rows_over_a_change(home)
    assert verify_chain().broken is None


def test_a_change_cut_off_after_the_keyring_was_written_is_told_and_gone_on_with(home: Path) -> None:
    write_rows(2)
    write_keyring(keyring().with_new_ledger_key(), home)
    vault.forget_keys()
    write_rows(1)
    assert verify_chain().broken == BrokenLink(4, None, Fault.CUT_OFF)
    rotate_key(kind="ledger", home=home, actor=OPERATOR)
    assert len(keyring().ledger_keys) == 2
    assert verify_chain().broken is None


def test_an_older_database_that_was_brought_back_goes_on_with_the_key_in_use(home: Path) -> None:
    write_rows(2)
    write_keyring(keyring().with_new_ledger_key().with_new_ledger_key(), home)
    vault.forget_keys()
    with transaction.atomic():
        assert announce_keys(actor=SYSTEM) == 2
        assert announce_keys(actor=SYSTEM) == 0
    write_rows(1)
    assert verify_chain().broken is None


def test_the_ledger_of_erasures_goes_on_under_the_new_key(home: Path) -> None:
    erase(2)
    rotate_key(kind="ledger", home=home, actor=OPERATOR)
    erase(2)
    lines = list(read_lines())
    assert [(line.entry.operation.value, line.mac_key) for line in lines] == [
        ("erase", 1), ("erase", 1), ("key", 2), ("erase", 2), ("erase", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "old", "new"), [(2, b'"1"', b'"9"'), (4, b'"0"', b'"9"'), (4, b'key": 2', b'key": 1')]
)
def test_a_line_of_erasures_tampered_with_on_either_side_is_named(
    home: Path, number: int, old: bytes, new: bytes
) -> None:
    erase(2)
    rotate_key(kind="ledger", home=home, actor=OPERATOR)
    erase(2)
    raw = ledger_place().read_bytes().splitlines(keepends=True)
    assert old in raw[number - 1]
    raw[number - 1] = raw[number - 1].replace(old, new)
    ledger_place().write_bytes(b"".join(raw))
    with pytest.raises(ErasuresBroken) as broken:
        list(read_lines())
    assert broken.value.line == number


def test_a_restored_backup_replays_over_the_change(home: Path) -> None:
    rotate_key(kind="ledger", home=home, actor=OPERATOR)
    assert replay(lines_since(0, ""), began_at=datetime.now(UTC)) == Replayed({"key": 1}, 0, 1)


def test_old_lines_go_on_either_side_of_the_change_and_the_rest_still_holds(home: Path) -> None:
    erase(2)
    rotate_key(kind="ledger", home=home, actor=OPERATOR)
    for kept in ([2, 3, 4], [4]):
        erase(1)
        raw = ledger_place().read_bytes()
        cut = next(line.at for line in read_lines() if line.seq == kept[0]) + timedelta(microseconds=1)
        assert prune(cut + BACKUP + MARGIN) > 0
        assert len(ledger_place().read_bytes()) < len(raw)
        assert [line.seq for line in read_lines()][: len(kept)] == kept
        with transaction.atomic():
            append([Entry(Operation.ERASE, (bytes(32),))])
    assert holds(ledger_place())


def test_an_older_keyring_document_is_still_read() -> None:
    document = keyring().to_json().replace('"ledger_keys": [', '"ledger_key": ').replace("]\n}", "\n}")
    assert '"ledger_key": ' in document
    assert Keyring.from_json(document) == keyring()


@pytest.mark.parametrize("kind", ["seal", "token", "ledger"])
def test_two_changes_at_the_same_time_make_one_key_each_or_none(
    kind: str, home: Path, process_environment: dict[str, str]
) -> None:
    write_rows(2)
    connection.close()
    environment = {**process_environment, "LUVALLA_HOME": str(home)}
    with racers(2, preparation=CHANGES_A_KEY, act="change(given)", environment=environment) as two:
        answers = [each for _ in range(3) for each in two.together(kind)]
    vault.forget_keys()
    made = {"seal": keyring().seal_keys, "token": keyring().token_keys, "ledger": keyring().ledger_keys}[kind]
    assert set(answers) <= {DONE, TRY_AGAIN}
    assert len(made) == 1 + answers.count(DONE)
    check_keys()
    assert verify_chain().broken is None


def test_who_comes_while_the_keys_are_being_changed_is_told_so_and_changes_nothing(
    home: Path, process_environment: dict[str, str]
) -> None:
    before = (home / "keys" / "keyring.json").read_bytes()
    environment = {**process_environment, "LUVALLA_HOME": str(home), "LUVALLA_LANGUAGE": "en"}
    command = [sys.executable, "-m", "luvalla", "keys", "rotate", "seal"]
    with changing_keys(home):
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == int(TRY_AGAIN)
    assert "Another process is changing the keys. Nothing was changed" in told.stderr
    assert (home / "keys" / "keyring.json").read_bytes() == before
    connection.close()
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == int(DONE)
