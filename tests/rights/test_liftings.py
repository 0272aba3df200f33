"""The day on which a restriction is to be lifted is recalled to those who can lift it, and shown with the work."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import ServiceMessage
from luvalla.people.models import Role
from luvalla.people.queries import actor_of
from luvalla.register.errors import LiftingNotAnnounced
from luvalla.register.models import Contact
from luvalla.rights import liftings, reminding
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.restrictions import announce_lifting, lift_restriction
from luvalla.rights.actions.steps import collect, take_over, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.models import DataRequest
from luvalla.rights.tasks import follow_up
from luvalla.rules.case_states import Right
from luvalla.rules.due_dates import is_working_day, working_day_before
from tests.support.requests import Desk, answer_paper, ask, let_arrive, mails, make_staff, reminders, work

KIND = reminding.LIFTING_REMINDER


@pytest.fixture
def restricted(desk: Desk, maija: Contact) -> DataRequest:
    """Bring a restriction into force and have its end announced for a working day in two weeks."""
    request = ask(Right.RESTRICTION)
    triage(request=request, rights=[Right.RESTRICTION], actor=desk.clerk)
    take_over(request=request, actor=desk.handler)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    let_arrive()
    announce_lifting(request=DataRequest.objects.get(), lift_on=day_of_lifting(), actor=desk.handler)
    let_arrive()
    return DataRequest.objects.get()


def day_of_lifting() -> object:
    day = timezone.localdate() + timedelta(days=14)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def told(desk: Desk) -> tuple[int, int, int, int]:
    handler, owner, officer, clerk = (
        reminders(each, KIND) for each in (desk.handler, desk.owner, desk.officer, desk.clerk)
    )
    return handler, owner, officer, clerk


def test_it_is_recalled_before_the_day_on_it_and_a_week_after_to_more_people_each_time(
    desk: Desk, restricted: DataRequest
) -> None:
    (lifting,) = liftings.open_liftings()
    day = lifting.day
    reminding.remind(working_day_before(day, working_days=2))
    assert told(desk) == (0, 0, 0, 0)
    for at, expected in (
        (working_day_before(day, working_days=1), (1, 0, 0, 0)),
        (day, (2, 1, 0, 0)),
        (day + timedelta(days=2), (2, 1, 0, 0)),
        (day + timedelta(days=10), (2, 2, 1, 0)),
        (day + timedelta(days=60), (2, 2, 1, 0)),
    ):
        for _ in range(2):
            reminding.remind(at)
        assert told(desk) == expected, at
    rows = LedgerRow.objects.filter(verb="rights.remind", facts__lift_on=day.isoformat())
    assert [each.facts["role"] for each in rows.order_by("pk")] == [
        "handler", "register_owner", "data_protection_officer",
    ]  # fmt: skip
    mail = mails(KIND)[0]
    assert restricted.number in mail
    assert "@" not in mail.partition("\n\n")[0]
    assert f"{day.day}.{day.month}.{day.year}" in mail


def test_nothing_is_recalled_once_it_was_lifted_and_another_day_begins_anew(
    desk: Desk, restricted: DataRequest
) -> None:
    (lifting,) = liftings.open_liftings()
    reminding.remind(lifting.day)
    later = lifting.day + timedelta(days=30)
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        announce_lifting(request=restricted, lift_on=later, actor=desk.handler)
    assert [each.day for each in liftings.open_liftings()] == [later]
    assert liftings.liftings_due(lifting.day) == []
    reminding.remind(later)
    assert told(desk)[:2] == (2, 2)
    let_arrive()
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        lift_restriction(request=DataRequest.objects.get(), actor=desk.handler)
        assert liftings.open_liftings() == []
        assert reminding.remind() == 0


def test_a_notice_of_an_earlier_restriction_recalls_nothing_of_a_later_one(
    desk: Desk, restricted: DataRequest, maija: Contact
) -> None:
    Contact.objects.update(restricted_at=timezone.now() + timedelta(seconds=1))
    assert liftings.open_liftings() == []


def test_where_nobody_holds_the_case_every_handler_hears_of_it(desk: Desk, restricted: DataRequest) -> None:
    second = actor_of(make_staff("Siiri Kangas", Role.HANDLER))
    DataRequest.objects.update(handler="")
    reminding.remind(working_day_before(liftings.open_liftings()[0].day, working_days=1))
    assert (reminders(desk.handler, KIND), reminders(second, KIND)) == (1, 1)


def test_a_notice_that_comes_back_is_posted_and_only_then_can_be_lifted(desk: Desk, restricted: DataRequest) -> None:
    assert restricted.state == "closed"
    ServiceMessage.objects.filter(ref=restricted.letters.get(kind="lifting").message_ref).update(state="failed")
    follow_up()
    restricted.refresh_from_db()
    assert restricted.state == "replied", "a case with an open task isn't closed"
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        with pytest.raises(LiftingNotAnnounced):
            lift_restriction(request=restricted, actor=desk.handler)
        finish_task(task=restricted.tasks.get(kind="post", done_at=None), result="done", actor=desk.handler)
        follow_up()
        restricted.refresh_from_db()
        assert restricted.state == "closed"
        lift_restriction(request=restricted, actor=desk.handler)
