"""The day on which a restriction is to be lifted is recalled to those who can lift it, and shown with the work."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import ServiceMessage
from luvalla.paper.changes import answer_change
from luvalla.paper.models import PaperChange, PaperItem
from luvalla.people.models import Role
from luvalla.people.queries import actor_of
from luvalla.register.errors import LiftingNotAnnounced, NotRestricted
from luvalla.register.models import Contact
from luvalla.register.queries import open_address
from luvalla.register.rectification import rectify
from luvalla.rights import keeping, liftings, reminding
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.restrictions import announce_lifting, lift_restriction
from luvalla.rights.actions.steps import answer_without_data, collect, note_identity, take_over, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.cases import Said
from luvalla.rights.errors import StepRefused
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.tasks import follow_up
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right
from luvalla.rules.due_dates import is_working_day, working_day_before
from tests.rights.test_paper import answered as found
from tests.rights.test_paper import paper
from tests.support.pdf import text_of
from tests.support.requests import (
    MAIJA,
    Desk,
    add_customer,
    answer_paper,
    ask,
    let_arrive,
    mails,
    make_staff,
    reminders,
    work,
)
from tests.support.world import World

KIND = reminding.LIFTING_REMINDER
NEW = "maija.uusi@esimerkki.fi"


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


def corrected_in_another_case(desk: Desk) -> None:
    """Have the address corrected by a request of its own, answered and closed."""
    carried_out(desk, Right.RECTIFICATION, new_address=NEW)


def carried_out(desk: Desk, *rights: Right, **told: object) -> DataRequest:
    request = ask(*rights, **told)
    triage(request=request, rights=rights, actor=desk.clerk)
    take_over(request=DataRequest.objects.get(pk=request.pk), actor=desk.handler)
    collect(request=DataRequest.objects.get(pk=request.pk), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(pk=request.pk), actor=desk.handler)
    work()
    for task in Task.objects.filter(request=request, done_at=None):
        finish_task(task=task, result="done", actor=desk.owner)
    let_arrive()
    return DataRequest.objects.get(pk=request.pk)


@pytest.mark.parametrize("where", ["in the same case", "in another case", "in another case, into a known mailbox"])
def test_a_restriction_whose_address_was_corrected_is_told_recalled_and_lifted_at_the_right_one(
    desk: Desk, world: World, maija: Contact, where: str
) -> None:
    if where == "in the same case":
        request = carried_out(desk, Right.RESTRICTION, Right.RECTIFICATION, new_address=NEW)
    else:
        request = carried_out(desk, Right.RESTRICTION)
        if where.endswith("known mailbox"):
            add_customer(world, NEW)
        corrected_in_another_case(desk)
    contact = Contact.objects.get()
    assert (open_address(contact), contact.restricted_at is not None) == (NEW, True)
    ServiceMessage.objects.all().delete()

    announce_lifting(request=request, lift_on=timezone.localdate(), actor=desk.handler)
    notice = ServiceMessage.objects.get(kind="rights_letter")
    assert bytes(notice.folded) == sealer().folded_token(normalise(NEW))
    assert [each.request for each in liftings.liftings_due()] == [request]
    assert reminding.remind() > 0
    with pytest.raises(LiftingNotAnnounced):
        lift_restriction(request=request, actor=desk.handler)
    let_arrive()
    lift_restriction(request=request, actor=desk.handler)
    assert not Contact.objects.exclude(restricted_at=None).exists()
    assert liftings.open_liftings() == []
    with pytest.raises(NotRestricted):
        lift_restriction(request=request, actor=desk.handler)


def test_the_mark_on_paper_follows_the_corrected_address_too(desk: Desk, maija: Contact) -> None:
    known = paper(desk, folded=sealer().folded_token(normalise(MAIJA)))
    request = ask(Right.RESTRICTION)
    triage(request=request, rights=[Right.RESTRICTION], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_change(change=PaperChange.objects.get(), result="done", actor=desk.custodian)
    let_arrive()
    rectify(address=normalise(MAIJA), to=normalise(NEW), channel="staff", actor=desk.owner)
    follow_up()
    assert not Task.objects.filter(kind="unmarking").exists(), "the restriction stands at the new address"
    request.refresh_from_db()
    announce_lifting(request=request, lift_on=timezone.localdate(), actor=desk.handler)
    let_arrive()
    lift_restriction(request=request, actor=desk.handler)
    assert Task.objects.get(kind="unmarking").about == str(known)


def test_the_case_of_a_restriction_is_not_minimised_while_it_stands_at_a_corrected_address(
    desk: Desk, maija: Contact
) -> None:
    request = carried_out(desk, Right.RESTRICTION)
    rectify(address=normalise(MAIJA), to=normalise(NEW), channel="staff", actor=desk.owner)
    later = timezone.now() + timedelta(days=365 * 4)
    assert not keeping.wordy_cases(later).exists()
    assert not keeping.old_cases(later).exists()
    announce_lifting(request=request, lift_on=timezone.localdate(), actor=desk.handler)
    let_arrive()
    lift_restriction(request=request, actor=desk.handler)
    assert keeping.wordy_cases(later).get() == request


def on_paper(desk: Desk) -> tuple[DataRequest, PaperItem]:
    """Restrict what is on paper about somebody without a mailbox: found, marked, answered by post."""
    said = Said(name="Veikko Vanha", postal="Mallikuja 1\n00001 Mallila")
    arrival = Arrival(channel=DataRequest.Channel.LETTER, language="fi", said=said, rights=[Right.RESTRICTION])
    request = receive_request(arrival=arrival, address=None, actor=desk.clerk)
    triage(request=request, rights=[Right.RESTRICTION], actor=desk.clerk)
    note_identity(request=DataRequest.objects.get(), level=1, how="Kävi", actor=desk.handler)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    item = paper(desk)
    answer_without_data(request=found(request, desk, item), actor=desk.handler)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_change(change=PaperChange.objects.get(), result="done", actor=desk.custodian)
    post_all(desk)
    return DataRequest.objects.get(), item


def post_all(desk: Desk) -> None:
    for task in Task.objects.filter(kind="post", done_at=None):
        finish_task(task=task, result="done", actor=desk.handler)
    follow_up()


def test_somebody_on_paper_only_is_told_by_post_and_then_the_mark_comes_off(desk: Desk) -> None:
    request, item = on_paper(desk)
    assert request.state == "closed"
    assert not keeping.wordy_cases(timezone.now() + timedelta(days=365)).exists(), "it knows where to post the notice"
    with pytest.raises(LiftingNotAnnounced):
        lift_restriction(request=request, actor=desk.handler)
    with pytest.raises(StepRefused):
        announce_lifting(request=request, lift_on=timezone.localdate(), actor=desk.clerk)
    announce_lifting(request=request, lift_on=timezone.localdate(), actor=desk.handler)
    assert [each.request for each in liftings.liftings_due()] == [request]
    letter = request.letters.get(kind="lifting")
    assert (letter.by_post, "Veikko Vanha" in text_of(pdf_of(letter))) == (True, True)
    with pytest.raises(LiftingNotAnnounced):
        lift_restriction(request=request, actor=desk.handler)
    post_all(desk)
    assert not Task.objects.filter(kind="unmarking").exists()
    lift_restriction(request=request, actor=desk.handler)
    task = Task.objects.get(kind="unmarking")
    assert (task.about, liftings.open_liftings()) == (str(item), [])
    assert LedgerRow.objects.filter(verb="rights.lift_restriction").count() == 1
    answer_change(change=PaperChange.objects.get(what="unmarked"), result="done", actor=desk.custodian)
    follow_up()
    request.refresh_from_db()
    assert request.state == "closed"
    with pytest.raises(NotRestricted):
        lift_restriction(request=request, actor=desk.handler)
    with pytest.raises(StepRefused):
        announce_lifting(request=request, lift_on=timezone.localdate(), actor=desk.handler)


def test_whose_paper_was_not_restricted_has_nothing_to_lift(desk: Desk) -> None:
    on_paper(desk)
    said = Said(name="Toinen Henkilö", postal="Mallikuja 2\n00001 Mallila")
    arrival = Arrival(channel=DataRequest.Channel.LETTER, language="fi", said=said, rights=[Right.ACCESS])
    other = receive_request(arrival=arrival, address=None, actor=desk.clerk)
    with pytest.raises(StepRefused):
        announce_lifting(request=other, lift_on=timezone.localdate(), actor=desk.handler)
