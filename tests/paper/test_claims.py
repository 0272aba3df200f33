"""Both checks, on a system that is in order, and on one that was broken on purpose (the negative controls)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject
from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow
from luvalla.paper.actions import check_out, give_up_as_lost, lock_away, record_print, set_lock
from luvalla.paper.claims import CLAIMS, broken_claims, paper_is_handled_by_custodians, paper_is_locked_away
from luvalla.paper.days import working_day_after
from luvalla.paper.errors import PrintingClosed
from luvalla.paper.models import CustodyEvent, PaperItem, Place
from luvalla.paper.queries import items_missing
from luvalla.paper.stock import count_item, finish_stock_take, start_stock_take
from luvalla.people.actions import revoke_undertaking
from luvalla.people.models import Undertaking, User
from luvalla.rules.ports import Verdict
from tests.paper.conftest import EnterItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(enter: EnterItem, cabinet: Place, liisa: Actor) -> Iterator[PaperItem]:
    """Give an item that lies in its cabinet; both promises hold before and the check isn't blind."""
    item = lock_away(item=enter(), place=cabinet, actor=liisa)
    assert [each.check().verdict for each in CLAIMS] == [Verdict.HOLDS, Verdict.HOLDS]
    yield item
    assert Verdict.BROKEN in [each.check().verdict for each in CLAIMS]


def test_paper_that_lies_open_after_its_handling_breaks_s21(item: PaperItem, liisa: Actor) -> None:
    check_out(item=item, actor=liisa)
    assert paper_is_locked_away().verdict is Verdict.HOLDS
    PaperItem.objects.update(lock_by=timezone.localdate() - timedelta(days=1))
    assert paper_is_locked_away().figures["in_the_open"] == 1
    with pytest.raises(PrintingClosed):
        record_print(kind=PaperItem.Kind.LETTER, about=Subject("campaign", "x"), purpose="x", reason="x", actor=liisa)


def test_a_lock_that_broke_breaks_s21(item: PaperItem, cabinet: Place, liisa: Actor) -> None:
    PaperItem.objects.update(lock_by=timezone.localdate() - timedelta(days=1))
    assert broken_claims() == ()
    set_lock(place=cabinet, is_locked=False, actor=liisa)
    assert broken_claims() == ("S21",)


def test_an_item_the_ledger_does_not_know_breaks_s21(item: PaperItem) -> None:
    LedgerRow.objects.filter(verb="paper.enter_item").delete()
    assert paper_is_locked_away().figures["without_ledger_row"] == 1


def test_a_stock_that_was_not_counted_for_six_months_breaks_s21(item: PaperItem, cabinet: Place, liisa: Actor) -> None:
    PaperItem.objects.update(made_at=timezone.now() - timedelta(days=190))
    assert paper_is_locked_away().figures["stock_take_late"] == 1
    start_stock_take(actor=liisa)
    count_item(item=item, place=cabinet, actor=liisa)
    stock_take = finish_stock_take(actor=liisa)
    assert paper_is_locked_away().verdict is Verdict.HOLDS
    stock_take.finished_at = timezone.now() - timedelta(days=190)
    stock_take.save()


def test_paper_that_a_stock_take_does_not_find_breaks_s21_until_it_is_found(
    item: PaperItem, cabinet: Place, liisa: Actor
) -> None:
    start_stock_take(actor=liisa)
    finish_stock_take(actor=liisa)
    assert paper_is_locked_away().figures["missing"] == 1
    assert list(items_missing()) == [item]
    with pytest.raises(PrintingClosed):
        record_print(kind=PaperItem.Kind.LETTER, about=Subject("campaign", "x"), purpose="x", reason="x", actor=liisa)
    lock_away(item=item, place=cabinet, actor=liisa)
    assert broken_claims() == ()
    start_stock_take(actor=liisa)
    finish_stock_take(actor=liisa)


def test_paper_given_up_as_lost_is_no_longer_missing_and_stays_in_the_evidence(
    item: PaperItem, cabinet: Place, liisa: Actor
) -> None:
    start_stock_take(actor=liisa)
    finish_stock_take(actor=liisa)
    give_up_as_lost(item=item, reason="Looked for in all cabinets.", actor=liisa)
    found = paper_is_locked_away()
    assert (found.verdict, found.figures["missing"], found.figures["lost"]) == (Verdict.HOLDS, 0, 1)
    lock_away(item=item, place=cabinet, actor=liisa)
    set_lock(place=cabinet, is_locked=False, actor=liisa)
    PaperItem.objects.update(lock_by=timezone.localdate() - timedelta(days=1))


def test_paper_in_the_hands_of_somebody_who_left_breaks_s22(item: PaperItem, custodian: User, liisa: Actor) -> None:
    check_out(item=item, actor=liisa)
    assert paper_is_handled_by_custodians().verdict is Verdict.HOLDS
    revoke_undertaking(user=custodian, reason="Left.", actor=liisa)
    assert paper_is_handled_by_custodians().figures["in_wrong_hands"] == 1


def test_an_event_outside_its_undertaking_breaks_s22(item: PaperItem) -> None:
    Undertaking.objects.update(valid_until=timezone.now() - timedelta(minutes=1), signed_at=timezone.now())
    assert paper_is_handled_by_custodians().figures["without_undertaking"] == CustodyEvent.objects.count() > 0


def test_the_database_refuses_an_event_without_an_undertaking(enter: EnterItem, custodian: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CustodyEvent.objects.create(item=enter(), what="counted", person=custodian, undertaking_id=None)


def test_working_days_leave_out_weekends_and_finnish_holidays() -> None:
    assert working_day_after(date(2026, 12, 4)) == date(2026, 12, 7)  # Independence Day is a Sunday
    assert working_day_after(date(2026, 12, 23)) == date(2026, 12, 28)  # Christmas Eve isn't free by law, but is here
    assert working_day_after(date(2027, 4, 30), 2) == date(2027, 5, 4)
