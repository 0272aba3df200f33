from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, connections

from luvalla.ledger import rewriting
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.rewriting import VERB, is_due, rewrite_tables
from luvalla.organisation.models import OutgoingHost
from tests.support.database import ON_SQLITE
from tests.support.files import bytes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_else")]
NIGHT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
"""Half past three in Helsinki."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait out the tests that run beside this one: each is a transaction in a database of the same server."""
    monkeypatch.setattr(rewriting, "WAIT_FOR_READERS", 300.0)


def row(verb: str, at: datetime) -> None:
    LedgerRow.objects.create(actor="system", verb=verb, at=at)


def test_tables_are_rewritten_weekly_at_night_and_after_four_weeks_in_any_hour() -> None:
    assert not is_due(NIGHT)
    row("luvalla.first", NIGHT - timedelta(days=1))
    assert not is_due(NIGHT)
    assert is_due(NIGHT + timedelta(days=8))
    row(VERB, NIGHT)
    noon = NIGHT + timedelta(hours=9)
    assert [is_due(NIGHT + timedelta(days=days)) for days in (1, 7, 8)] == [False, False, True]
    assert [is_due(noon + timedelta(days=days)) for days in (8, 27, 28)] == [False, False, True]


def pages() -> bytes:
    """Give the bytes of the database's own files that hold the table."""
    if ON_SQLITE:
        place = Path(str(connection.settings_dict["NAME"]))
        connections.close_all()
        return b"".join(bytes_of(each) for each in place.parent.glob(place.name + "*"))
    with connection.cursor() as cursor:
        cursor.execute("checkpoint")
        cursor.execute("select pg_read_binary_file(pg_relation_filepath('organisation_outgoinghost'))")
        return bytes(cursor.fetchone()[0])


def delete_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    only = rewriting.DELETED_FROM.replace("where", "where relname = 'organisation_outgoinghost' and")
    monkeypatch.setattr(rewriting, "DELETED_FROM", only)  # the others take half a minute
    OutgoingHost.objects.create(host="poistettava.example.com")
    OutgoingHost.objects.create(host="pysyva.example.com")
    OutgoingHost.objects.filter(host="poistettava.example.com").delete()
    if not ON_SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("select pg_stat_force_next_flush()")


def rewritten_without_waiting() -> rewriting.Rewritten:
    with pytest.MonkeyPatch.context() as now:
        now.setattr(rewriting, "WAIT_FOR_READERS", 0.2)
        return rewrite_tables()


def test_a_deleted_row_leaves_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    delete_a_row(monkeypatch)
    done = rewrite_tables(actor=SYSTEM)
    assert (done.tables > 0, done.busy) == (True, 0)
    found = pages()
    assert b"pysyva.example.com" in found
    assert b"poistettava" not in found
    assert LedgerRow.objects.get(verb=VERB).facts["busy"] == 0


def test_a_reader_from_before_puts_the_rewriting_off_and_the_ledger_says_so(
    on_postgres: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(connection.copy()) as reader:
        with reader.cursor() as cursor:
            cursor.execute("begin isolation level repeatable read; select count(*) from organisation_outgoinghost")
        delete_a_row(monkeypatch)
        assert (rewritten_without_waiting().tables, b"poistettava" in pages()) == (0, True)
        assert LedgerRow.objects.get(verb=VERB).facts["busy"] > 0
    done = rewrite_tables()
    assert (done.tables > 0, done.busy, b"poistettava" in pages()) == (True, 0, False)


def test_a_writer_in_another_database_of_the_server_puts_the_rewriting_off_too(
    on_postgres: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = connection.copy()
    elsewhere.settings_dict["NAME"] = "postgres"
    with closing(elsewhere):
        with elsewhere.cursor() as cursor:
            cursor.execute("begin; select pg_current_xact_id()")
        delete_a_row(monkeypatch)
        assert (rewritten_without_waiting().tables, b"poistettava" in pages()) == (0, True)
    done = rewrite_tables()
    assert (done.tables > 0, done.busy, b"poistettava" in pages()) == (True, 0, False)
