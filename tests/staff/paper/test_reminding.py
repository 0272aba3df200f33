"""Reminders of paper by mail: who hears of what, when, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import ServiceMessage
from luvalla.mailroom.service_messages import BETWEEN, COLUMN
from luvalla.paper.actions import check_out, enter_item, give_up_as_lost, lock_away
from luvalla.paper.models import PaperItem, Place
from luvalla.paper.searches import ask_custodian
from luvalla.paper.stock import finish_stock_take, start_stock_take
from luvalla.people.models import User
from luvalla.people.queries import actor_of
from luvalla.staff.paper.reminding import remind_of_paper
from tests.paper.conftest import EnterItem, cabinet, custodian, enter, liisa
from tests.people.conftest import MakePerson, controller, make_person

__all__ = ["cabinet", "controller", "custodian", "enter", "liisa", "make_person"]
pytestmark = pytest.mark.django_db
TUESDAY = datetime.fromisoformat("2026-12-01T09:00+02:00")


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    """Let it be a Tuesday morning without holidays in sight."""
    with time_machine.travel(TUESDAY, tick=False):
        yield


def mails() -> list[tuple[str, str]]:
    """Open the reminders that wait, the oldest first: name of the mailbox and text; then take them away."""
    opened = []
    for row in ServiceMessage.objects.filter(kind="reminder_of_paper").order_by("pk"):
        plain = sealer().open(bytes(row.sealed), column=COLUMN, token=bytes(row.folded))
        address, _, message = plain.partition(BETWEEN)
        parsed = message_from_bytes(message, policy=default)
        body = parsed.get_body(("plain",))
        assert body is not None
        opened.append((address.decode().partition("@")[0], str(body.get_content())))
    ServiceMessage.objects.all().delete()
    return opened


def after(**time: int) -> int:
    """Remind so much later; tell how many mails were written, and that a second run writes none."""
    with time_machine.travel(TUESDAY + timedelta(**time), tick=False):
        written = remind_of_paper()
        assert remind_of_paper() == 0
    return written


def test_paper_in_hand_is_recalled_on_its_last_day_to_who_has_it_and_then_to_the_custodians(
    enter: EnterItem, make_person: MakePerson, liisa: Actor
) -> None:
    handler = make_person("Hanna Halla", "handler")
    User.objects.filter(pk=handler.pk).update(language="en")
    items = [
        enter_item(kind=PaperItem.Kind.CASE, origin=PaperItem.Origin.RECEIVED, actor=actor_of(handler))
        for _ in range(2)
    ]
    assert after(days=3) == 0
    assert after(days=6, hours=-4) == 0  # in the night
    assert after(days=6) == 1
    ((name, text),) = mails()
    assert name == "hanna.halla"
    assert f"Lock away what you have in hand by 7 Dec 2026: P {items[0].pk}, P {items[1].pk}." in text
    assert "/staff/paper/" in text
    assert after(days=7) == 1
    ((name, text),) = mails()
    assert (name, "7.12.2026" in text, f"P {items[0].pk}" in text) == ("liisa.aalto", True, True)


def test_missing_and_old_paper_is_recalled_once_a_week(enter: EnterItem, cabinet: Place, liisa: Actor) -> None:
    item = lock_away(item=enter(), place=cabinet, actor=liisa)
    PaperItem.objects.update(keep_until=timezone.localdate() - timedelta(days=1))
    start_stock_take(actor=liisa)
    finish_stock_take(actor=liisa)
    assert [after(days=days) for days in (0, 1, 5, 6, 7)] == [1, 0, 0, 1, 0]
    text = mails()[0][1]
    assert text.count(f"P {item.pk}") == 2
    assert "inventaario" in text.lower()


def test_a_loss_is_told_at_once_to_those_who_see_to_breaches(
    enter: EnterItem, cabinet: Place, make_person: MakePerson, liisa: Actor
) -> None:
    officer = make_person("Outi Ora", "data_protection_officer")
    User.objects.filter(pk=officer.pk).update(language="en")
    item = lock_away(item=enter(), place=cabinet, actor=liisa)
    give_up_as_lost(item=item, reason="Looked for in all cabinets.", actor=liisa)
    assert after(minutes=1) == 1
    ((name, text),) = mails()
    assert name == "outi.ora"
    assert f"Given up as lost on 1 Dec 2026: P {item.pk}." in text
    assert "72 hours" in text


def test_searches_and_stock_takes_are_recalled_before_they_are_late(
    enter: EnterItem, cabinet: Place, liisa: Actor
) -> None:
    lock_away(item=enter(), place=cabinet, actor=liisa)
    due = timezone.localdate() + timedelta(days=10)
    ask_custodian(case_ref="a-case", sought="Aili Aaltonen", due_on=due, actor=SYSTEM)
    assert [after(days=days) for days in (0, 6, 7, 8)] == [0, 0, 1, 0]
    text = mails()[0][1]
    assert "11.12.2026" in text
    assert "Aili" not in text
    assert [after(days=days) for days in (152, 153, 154, 175, 176, 190)] == [0, 1, 0, 0, 1, 0]
    assert "2.6.2027" in mails()[-1][1]


def test_who_has_nothing_in_hand_and_keeps_no_paper_hears_nothing(
    enter: EnterItem, cabinet: Place, make_person: MakePerson, liisa: Actor
) -> None:
    make_person("Veikko Virta", "communications")
    item = lock_away(item=enter(), place=cabinet, actor=liisa)
    check_out(item=item, actor=liisa)
    assert after(days=1) == 1
    assert [name for name, _ in mails()] == ["liisa.aalto"]
