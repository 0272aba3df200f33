from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from luvalla.ledger import vault
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.chain import Row, link, seal_rows
from luvalla.ledger.errors import LedgerError
from luvalla.ledger.head import head_place
from luvalla.ledger.keys import Keyring
from luvalla.ledger.models import LedgerRow, LedgerSeal
from luvalla.ledger.queries import BrokenLink, ChainReport, Fault, Unsealed, history, verify_chain

pytestmark = pytest.mark.django_db


def write_rows(count: int) -> list[LedgerRow]:
    with transaction.atomic():
        return [record("register.test", actor=SYSTEM, facts={"number": each}) for each in range(count)]


def remove_row(number: int) -> None:
    """Remove a seal and its row as somebody with the database in hands would."""
    seal = LedgerSeal.objects.get(pk=number)
    row = seal.row_id
    LedgerSeal.objects.filter(pk=number).delete()
    LedgerRow.objects.filter(pk=row).delete()


def test_every_row_gets_its_seal_once() -> None:
    write_rows(3)
    assert seal_rows() == 3
    assert seal_rows() == 0
    write_rows(2)
    assert seal_rows() == 2
    report = verify_chain()
    assert (report.sealed, report.unsealed.rows, report.broken) == (5, 0, None)


def test_many_rows_are_sealed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luvalla.ledger.chain.ROWS_AT_ONCE", 4)
    write_rows(11)
    assert seal_rows() == 11
    assert verify_chain().sealed == 11


def test_an_empty_ledger_holds() -> None:
    assert verify_chain() == ChainReport(0, Unsealed(0, None), None)


def test_a_changed_row_is_named() -> None:
    rows = write_rows(5)
    seal_rows()
    LedgerRow.objects.filter(pk=rows[2].pk).update(actor="person:somebody else")
    assert verify_chain().broken == BrokenLink(3, rows[2].pk, Fault.CHANGED)


def test_the_last_row_changed_is_named() -> None:
    rows = write_rows(3)
    seal_rows()
    LedgerRow.objects.filter(pk=rows[2].pk).update(facts={"number": 77})
    assert verify_chain().broken == BrokenLink(3, rows[2].pk, Fault.CHANGED)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", timezone.now() - timedelta(days=1)),
        ("verb", "register.other"),
        ("subject_kind", "contact"),
        ("subject_ref", "x"),
        ("purpose", "x"),
        ("reason", "x"),
        ("facts", {"number": 0, "more": []}),
    ],
)
def test_no_column_of_a_row_can_change_unseen(field: str, value: object) -> None:
    rows = write_rows(2)
    seal_rows()
    LedgerRow.objects.filter(pk=rows[0].pk).update(**{field: value})
    assert verify_chain().broken == BrokenLink(1, rows[0].pk, Fault.CHANGED)


def test_a_removed_row_is_noticed() -> None:
    write_rows(5)
    seal_rows()
    remove_row(3)
    assert verify_chain().broken == BrokenLink(3, None, Fault.REMOVED)


def test_a_removed_row_is_noticed_when_the_seals_after_it_are_renumbered() -> None:
    write_rows(4)
    seal_rows()
    moved = LedgerSeal.objects.get(pk=3).row_id
    remove_row(2)
    LedgerSeal.objects.filter(pk=3).update(id=2)
    LedgerSeal.objects.filter(pk=4).update(id=3)
    assert verify_chain().broken == BrokenLink(2, moved, Fault.PUT_IN)


def test_a_row_put_in_is_noticed() -> None:
    write_rows(3)
    seal_rows()
    forged = write_rows(1)[0]
    LedgerSeal.objects.create(pk=4, row=forged, link=bytes(32))
    assert verify_chain().broken == BrokenLink(4, forged.pk, Fault.PUT_IN)


def test_a_chain_made_with_another_key_is_noticed() -> None:
    rows = write_rows(1)
    seal_rows()
    other = Keyring.fresh().ledger_key
    row = Row(*LedgerRow.objects.values_list(*Row._fields).get())
    LedgerSeal.objects.update(link=link(b"", 1, row, other))
    assert verify_chain().broken == BrokenLink(1, rows[0].pk, Fault.PUT_IN)


def test_the_end_cut_off_is_noticed() -> None:
    write_rows(5)
    seal_rows()
    remove_row(5)
    remove_row(4)
    assert verify_chain().broken == BrokenLink(4, None, Fault.CUT_OFF)


def test_an_end_cut_off_stays_noticed_when_new_rows_are_sealed(caplog: pytest.LogCaptureFixture) -> None:
    write_rows(5)
    seal_rows()
    remove_row(5)
    write_rows(1)
    seal_rows()
    assert "does not have the link" in caplog.text
    assert verify_chain().broken == BrokenLink(5, LedgerSeal.objects.get(pk=5).row_id, Fault.PUT_IN)
    write_rows(2)
    seal_rows()
    assert verify_chain().broken == BrokenLink(5, LedgerSeal.objects.get(pk=5).row_id, Fault.PUT_IN)


def test_an_emptied_ledger_is_noticed() -> None:
    write_rows(2)
    seal_rows()
    LedgerSeal.objects.all().delete()
    assert verify_chain().broken == BrokenLink(1, None, Fault.CUT_OFF)


def test_a_rewritten_chain_that_holds_in_itself_is_noticed() -> None:
    write_rows(2)
    seal_rows()
    LedgerSeal.objects.all().delete()
    LedgerRow.objects.all().delete()
    rows = write_rows(3)
    known = head_place().read_bytes()
    seal_rows()
    head_place().write_bytes(known)
    assert verify_chain().broken == BrokenLink(2, rows[1].pk, Fault.PUT_IN)


def test_a_lost_head_is_no_fault() -> None:
    write_rows(1)
    seal_rows()
    head_place().write_text("not json")
    assert verify_chain().broken is None
    head_place().unlink()
    assert verify_chain().broken is None


def test_a_head_that_cannot_be_written_does_not_stop_the_sealer(monkeypatch: pytest.MonkeyPatch) -> None:
    head_place().parent.parent.mkdir(exist_ok=True)
    head_place().parent.write_text("a file where the folder should be")
    write_rows(1)
    assert seal_rows() == 1


def test_rows_without_a_seal_are_told_and_not_broken() -> None:
    write_rows(2)
    old = timezone.now() - timedelta(minutes=1)
    LedgerRow.objects.filter(pk=write_rows(1)[0].pk).update(at=old)
    report = verify_chain()
    assert report == ChainReport(0, Unsealed(3, old), None)
    assert report.unsealed.is_late()
    seal_rows()
    assert not verify_chain().unsealed.is_late()


def test_a_row_committed_late_is_sealed_by_the_look_at_everything() -> None:
    late, soon = write_rows(2)
    LedgerSeal.objects.create(
        pk=1, row=soon, link=link(b"", 1, Row(*LedgerRow.objects.values_list(*Row._fields).get(pk=soon.pk)), key())
    )
    assert seal_rows() == (0 if connection.vendor == "sqlite" else 1)
    seal_rows(everything=True)
    assert LedgerSeal.objects.filter(row=late).exists()
    assert verify_chain().broken is None


def key() -> bytes:
    return vault.keyring().ledger_key


def test_facts_read_the_same_whatever_their_order() -> None:
    at = timezone.now()
    one = Row(1, at, "system", "a.b", "", "", "", "", {"a": 1, "b": 2})
    other = Row(1, at, "system", "a.b", "", "", "", "", {"b": 2, "a": 1})
    assert one.said() == other.said()
    assert one.said() != one._replace(reason="x").said()


@pytest.mark.django_db(transaction=True)
def test_a_row_outside_a_transaction_is_refused() -> None:
    with pytest.raises(LedgerError):
        record("register.test", actor=SYSTEM)


def test_the_history_of_a_thing_is_newest_first() -> None:
    with transaction.atomic():
        record("register.first", actor=SYSTEM, subject=Subject("contact", "a"))
        record("register.other", actor=SYSTEM, subject=Subject("contact", "b"))
        record("register.second", actor=SYSTEM, subject=Subject("contact", "a"))
    assert [each.verb for each in history("contact", "a")] == ["register.second", "register.first"]
