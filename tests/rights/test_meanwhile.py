"""The restriction while a correction is looked into: told to others, outlived by a plain one, ended with its case."""

from __future__ import annotations

import time_machine
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT
from luvalla.mailroom.models import ServiceMessage
from luvalla.register.disclosee_notices import change_of, find_disclosees, untold
from luvalla.register.models import Contact, Restriction
from luvalla.rights.actions.decisions import close_unidentified, grant
from luvalla.rights.actions.steps import TO_DISAGREE, ask_about_identity, collect, mailbox_proved, take_back, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.tasks import follow_up
from luvalla.rules.case_states import Right, State
from tests.support.requests import MAIJA, Desk, add_disclosee, answer_paper, ask, let_arrive, mails, work

NEW = "maija.uusi@esimerkki.fi"


def contested(desk: Desk, *rights: Right, **details: object) -> DataRequest:
    """Have Maija's correction sorted, so that her data is restricted meanwhile."""
    asked = rights or (Right.RECTIFICATION,)
    request = ask(*asked, new_address=NEW, **details)  # type: ignore[arg-type]  # fields of Arrival and Said
    triage(request=request, rights=asked, actor=desk.clerk)
    request.refresh_from_db()
    return request


def answered(request: DataRequest, desk: Desk) -> DataRequest:
    """Grant it and have everything that follows done, as far as its closing."""
    collect(request=request, actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(pk=request.pk), actor=desk.handler)
    work()
    for task in Task.objects.filter(request=request, done_at=None):
        finish_task(task=task, result="done", actor=desk.owner)
    let_arrive()
    request.refresh_from_db()
    return request


def a_week_later() -> time_machine.travel:
    return time_machine.travel(timezone.now() + TO_DISAGREE, tick=False)


def is_restricted() -> bool:
    return Contact.objects.exclude(restricted_at=None).exists()


def told() -> list[tuple[str, str, str]]:
    find_disclosees()
    return [(each.to.name, each.kind, change_of(each).address) for each in untold()]


def test_whoever_was_given_the_data_is_told_of_it_once(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    contested(desk)
    assert told() == [("Vertailu Oy", "restriction", MAIJA)]
    mailbox_proved(request=DataRequest.objects.get(), actor=SUBJECT)
    assert len(told()) == 1


def test_a_stranger_s_word_is_told_to_nobody_until_the_mailbox_has_proved_itself(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    request = contested(desk, proved=False)
    assert (is_restricted(), told()) == (True, [])
    mailbox_proved(request=request, actor=SUBJECT)
    assert told() == [("Vertailu Oy", "restriction", MAIJA)]


def test_a_mailbox_that_was_restricted_before_is_not_told_of_again(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    contested(desk)
    contested(desk, name="Maija Malli")
    assert DataRequest.objects.count() == 2
    assert len(told()) == 1


def test_a_restriction_that_was_granted_stays_when_the_correction_was_answered(desk: Desk, maija: Contact) -> None:
    request = answered(contested(desk, Right.RECTIFICATION, Right.RESTRICTION), desk)
    assert request.state == State.CLOSED
    assert is_restricted()
    assert Restriction.objects.get(lifted_at=None).reason == "request"


def test_it_stays_while_another_correction_of_the_same_mailbox_is_looked_into(desk: Desk, maija: Contact) -> None:
    first = contested(desk)
    second = contested(desk, name="Maija Malli")
    take_back(request=first, note="Soitti.", actor=desk.clerk)
    let_arrive()
    assert is_restricted()
    take_back(request=second, note="Soitti.", actor=desk.clerk)
    let_arrive()
    with a_week_later():
        follow_up()
    assert not is_restricted()


def test_who_takes_the_request_back_is_told_first_and_then_it_is_lifted(desk: Desk, maija: Contact) -> None:
    request = take_back(request=contested(desk), note="Soitti.", actor=desk.clerk)
    assert f"Rajoitus puretaan {(timezone.localdate() + TO_DISAGREE).day}." in mails("rights_letter")[-1]
    with a_week_later():
        follow_up()
        assert is_restricted(), "the letter has not left"
    let_arrive()
    request.refresh_from_db()
    assert (request.state, is_restricted()) == (State.WITHDRAWN_BY_SUBJECT, True), "they may still disagree"
    with a_week_later():
        follow_up()
    request.refresh_from_db()
    assert (request.state, is_restricted()) == (State.CLOSED, False)


def test_its_end_goes_by_post_where_the_mailbox_takes_nothing(desk: Desk, maija: Contact) -> None:
    request = take_back(request=contested(desk), note="Soitti.", actor=desk.clerk)
    ServiceMessage.objects.update(state="failed", sealed=b"")
    follow_up()
    with a_week_later():
        follow_up()
        assert is_restricted()
        finish_task(task=request.tasks.get(kind="post", done_at=None), result="done", actor=desk.handler)
        follow_up()
    request.refresh_from_db()
    assert (request.state, is_restricted()) == (State.CLOSED, False)


def test_a_case_that_ends_unidentified_leaves_nobody_restricted(desk: Desk, maija: Contact) -> None:
    request = contested(desk, proved=False)
    ask_about_identity(request=request, doubt="Eri nimi.", question="Kuka olet?", actor=desk.handler)
    close_unidentified(request=DataRequest.objects.get(), facts="Kysyttiin.", reasons="Ei vastattu.", actor=desk.owner)
    assert "Rajoitus päättyy tähän kirjeeseen" in mails("rights_letter")[-1]
    assert is_restricted()
    let_arrive()
    request.refresh_from_db()
    assert (request.state, is_restricted()) == (State.CLOSED_UNIDENTIFIED, False)
