"""Several processes may try to seal at once; rows may commit out of their order on PostgreSQL."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.models import LedgerSeal
from luvalla.ledger.queries import verify_chain

pytestmark = pytest.mark.django_db(transaction=True)


def in_thread(work: object) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_sealers_at_the_same_time_make_one_chain() -> None:
    with transaction.atomic():
        for each in range(300):
            record("register.test", actor=SYSTEM, facts={"number": each})
    counts: list[int] = []
    threads = [in_thread(lambda: counts.append(seal_rows())) for _ in range(4)]
    for each in threads:
        each.join()
    seal_rows()
    assert sum(counts) <= 300
    assert LedgerSeal.objects.count() == 300
    assert verify_chain().broken is None


def test_rows_that_commit_out_of_order_are_all_sealed(on_postgres: None) -> None:
    begun, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record("register.slow", actor=SYSTEM)
            begun.set()
            may_commit.wait(10)

    thread = in_thread(slow)
    assert begun.wait(10)
    with transaction.atomic():
        record("register.quick", actor=SYSTEM)
    assert seal_rows() == 1
    may_commit.set()
    thread.join()
    assert seal_rows() == 1
    assert [each.row.verb for each in LedgerSeal.objects.order_by("pk").select_related("row")] == [
        "register.quick",
        "register.slow",
    ]
    assert verify_chain().broken is None
    assert connection.vendor == "postgresql"
