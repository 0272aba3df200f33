"""Who decides what, and what a decision needs: a part left out is no grant, and one person is never three."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.actors import OPERATOR, Actor
from luvalla.mailroom.models import ServiceMessage
from luvalla.paper.models import PaperSearch
from luvalla.paper.searches import answer_search
from luvalla.people.actions import set_roles
from luvalla.people.models import Role
from luvalla.people.queries import actor_of, user_of_ref
from luvalla.register.models import Contact
from luvalla.rights import keeping
from luvalla.rights.actions.decisions import (
    add_hold,
    close_unidentified,
    decide,
    end_hold,
    extend,
    give_opinion,
    grant,
    propose,
    propose_extension,
)
from luvalla.rights.actions.details import note_correction
from luvalla.rights.actions.fees import let_fee_off
from luvalla.rights.actions.moving import drop_tasks
from luvalla.rights.actions.steps import ask_about_identity, collect, reopen, take_back, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.cases import said
from luvalla.rights.clocks import clocks_of, was_late
from luvalla.rights.collecting import withhold
from luvalla.rights.errors import (
    NothingToCorrect,
    OpinionMissing,
    PartlyWithheld,
    SamePerson,
    StepRefused,
    TasksOpen,
    TaskUnknown,
)
from luvalla.rights.models import DataRequest, Decision, Hold, SecureLink, Task
from luvalla.rights.tasks import follow_up
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right, State
from luvalla.rules.due_dates import due_date
from tests.rights.test_keeping import closed
from tests.rights.test_returned import answered
from tests.support.requests import Desk, add_customer, answer_paper, ask, let_arrive, mails, make_staff, work
from tests.support.world import World


def drafted(desk: Desk, *rights: Right, **told: object) -> DataRequest:
    """Have a request searched for."""
    request = ask(*rights, **told)  # type: ignore[arg-type]  # fields of Said
    triage(request=request, rights=rights, actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    return DataRequest.objects.get()


def test_a_handler_does_not_grant_what_is_partly_left_out(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.ACCESS)
    withhold(search=request.searches.get(store="register"), number=0, note="Toisen tieto", actor=desk.handler)
    with pytest.raises(PartlyWithheld):
        grant(request=request, actor=desk.handler)
    request.refresh_from_db()
    assert request.state == State.DRAFTED


def test_what_the_custodian_has_answered_counts_at_once(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    with pytest.raises(TasksOpen):
        grant(request=request, actor=desk.handler)
    answer_search(search=PaperSearch.objects.get(), found=[], actor=desk.custodian)
    grant(request=request, actor=desk.handler)
    assert request.tasks.get(kind=Task.Kind.PAPER).result == "nothing"


def test_a_correction_without_its_right_address_is_not_granted(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.RECTIFICATION)
    with pytest.raises(NothingToCorrect):
        grant(request=request, actor=desk.handler)
    note_correction(request=request, to=normalise("uusi@esimerkki.fi"), what="", actor=desk.handler)
    request.refresh_from_db()
    assert said(request).new_address == "uusi@esimerkki.fi"
    grant(request=request, actor=desk.handler)
    work()
    assert not Contact.objects.filter(token=bytes(maija.token)).exists()


def test_an_opinion_that_was_never_given_does_not_extend_the_time(desk: Desk) -> None:
    request = ask(Right.ACCESS)
    propose_extension(request=request, reasons="Paljon.", actor=desk.handler)
    drop_tasks(request, desk.owner)
    with pytest.raises(OpinionMissing):
        extend(request=request, reasons="Paljon.", actor=desk.owner)


def test_an_answer_that_is_ready_does_not_wait_for_the_opinion_on_an_extension(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.ACCESS)
    propose_extension(request=request, reasons="Paljon kirjeitä.", actor=desk.handler)
    grant(request=request, actor=desk.handler)
    request.refresh_from_db()
    assert request.state == "decided_grant"
    assert request.tasks.get(kind="opinion").result == "not_needed"


def asked_who(desk: Desk, **told: object) -> DataRequest:
    """Have somebody asked who they are."""
    request = ask(Right.ACCESS, proved=False, **told)  # type: ignore[arg-type]  # fields of Said
    request = triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    return ask_about_identity(request=request, doubt="Ei vastaa.", question="Kuka?", actor=desk.handler)


def test_a_case_ends_unidentified_once_its_certificate_has_left(desk: Desk) -> None:
    request = asked_who(desk)
    for somebody in (desk.handler, desk.officer):
        with pytest.raises((StepRefused, SamePerson)):
            close_unidentified(request=request, facts="Ei vastausta.", reasons="Emme tiedä.", actor=somebody)
    close_unidentified(request=request, facts="Ei vastausta.", reasons="Emme tiedä.", actor=desk.owner)
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.replied_at) == ("awaiting_id", None)
    assert "77 artikla" in mails("rights_letter")[-1]
    let_arrive()
    request.refresh_from_db()
    assert (request.state, request.replied_at is not None) == ("closed_unidentified", True)


def test_a_certificate_that_comes_back_after_the_end_is_posted_and_then_the_case_ends_again(desk: Desk) -> None:
    request = asked_who(desk, name="Maija Malli", postal="Mallikuja 3\n00001 Mallila")
    close_unidentified(request=request, facts="Kysyttiin.", reasons="Ei vastattu.", actor=desk.owner)
    let_arrive()
    request.refresh_from_db()
    assert request.state == "closed_unidentified"
    certificate = request.letters.get(kind="certificate")
    ServiceMessage.objects.filter(ref=certificate.message_ref).update(state="failed", sealed=b"")
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.replied_at) == ("awaiting_id", None)
    waiting = request.tasks.get(kind="post", about="certificate", done_at=None)
    finish_task(task=waiting, result="done", actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.replied_at is not None) == ("closed_unidentified", True)


def test_a_certificate_on_paper_is_posted_before_the_case_ends(desk: Desk) -> None:
    request = asked_who(desk, address="", name="Veikko Vanha", postal="Mallikuja 3")
    finish_task(task=request.tasks.get(kind="post", about="question"), result="done", actor=desk.handler)
    close_unidentified(request=request, facts="Ei vastausta.", reasons="Emme tiedä.", actor=desk.owner)
    follow_up()
    request.refresh_from_db()
    assert request.state == "awaiting_id"
    finish_task(task=request.tasks.get(kind="post", done_at=None), result="done", actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    assert request.state == "closed_unidentified"
    assert not request.tasks.filter(done_at=None).exists()


def test_an_answered_case_that_opens_again_has_a_clock_and_is_searched_and_carried_out_anew(
    desk: Desk, maija: Contact
) -> None:
    request = answered(desk)
    first = request.replied_at
    with time_machine.travel(timezone.now() + timedelta(days=50), tick=False):
        request = reopen(request=request, note="Liite puuttui.", actor=desk.handler)
        assert (request.replied_at, request.first_replied_at, request.reopened_on) == (
            None,
            first,
            timezone.localdate(),
        )
        assert clocks_of(request).first == due_date(timezone.localdate())
        assert not clocks_of(request).is_overdue
        triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
        collect(request=DataRequest.objects.get(), actor=desk.handler)
        work()
        answer_paper(request, desk.custodian)
        grant(request=DataRequest.objects.get(), actor=desk.handler)
        work()
        assert SecureLink.objects.filter(kind="deliver").count() == 2
        request.refresh_from_db()
        assert (request.state, request.replied_at) == (State.REPLIED, None)
        let_arrive()
        request.refresh_from_db()
        assert (request.state, was_late(request)) == (State.CLOSED, False)


def test_an_opened_case_that_nobody_answers_is_late(desk: Desk, maija: Contact) -> None:
    request = reopen(request=answered(desk), note="Liite puuttui.", actor=desk.handler)
    with time_machine.travel(timezone.now() + timedelta(days=40), tick=False):
        assert clocks_of(request).is_overdue
        assert was_late(request)


def test_a_hold_that_has_ended_keeps_no_words_and_one_that_stands_keeps_its_case(desk: Desk, maija: Contact) -> None:
    request = closed(desk, Right.ACCESS)
    hold = add_hold(
        request=request,
        system="Asiakastietojärjestelmä",
        ground=Hold.Ground.CONTRACT_CONTACT,
        ends=Hold.Ends.END_OF_ROLE,
        actor=desk.handler,
    )
    later = timezone.now() + timedelta(days=3 * 365 + 2)
    assert (keeping.minimise(later), keeping.forget(later)) == (0, 0)
    request = end_hold(hold=hold, note="Tehtävä päättyi.", actor=desk.handler)
    DataRequest.objects.update(state="closed", closed_at=timezone.now())
    assert keeping.minimise(later) == 1


def test_cases_of_the_restricted_are_left_as_they_are(desk: Desk, maija: Contact) -> None:
    closed(desk, Right.RESTRICTION)
    assert keeping.minimise(timezone.now() + timedelta(days=31)) == 0


def test_a_request_taken_back_takes_its_question_to_the_custodian_along(desk: Desk, world: World) -> None:
    add_customer(world, "joku@esimerkki.fi")
    request = ask(Right.ACCESS)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    assert PaperSearch.objects.exists()
    take_back(request=DataRequest.objects.get(), note="Soitti", actor=desk.clerk)
    assert not PaperSearch.objects.exists()


def test_who_asks_to_be_forgotten_has_the_token_removed_whoever_sorts_the_words(desk: Desk) -> None:
    request = ask(text="Unohtakaa minut kokonaan.")
    triage(request=request, rights=[Right.FORGETTING], actor=desk.clerk)
    assert not said(DataRequest.objects.get()).keep_token


def officer_and(desk: Desk, *roles: Role) -> Actor:
    """Give the data protection officer further roles."""
    officer = user_of_ref(desk.officer.ref)
    assert officer is not None
    set_roles(user=officer, roles=[Role.DATA_PROTECTION_OFFICER.value, *roles], actor=OPERATOR)
    return desk.officer


def proposed(request: DataRequest, actor: Actor, **fee: object) -> None:
    propose(
        request=request, outcome=Decision.Outcome.PARTIAL, ground="excessive", facts="Sata pyyntöä päivässä.",
        reasons="Tarkoitus on haitata.", actor=actor, **fee,
    )  # type: ignore[arg-type]  # fmt: skip


def test_nobody_gives_an_opinion_on_a_proposal_of_their_own(desk: Desk, maija: Contact) -> None:
    both = officer_and(desk, Role.HANDLER)
    request = drafted(desk, Right.ACCESS)
    proposed(request, both)
    request.refresh_from_db()
    with pytest.raises(SamePerson):
        give_opinion(request=request, opinion="Puollan.", actor=both)
    task = request.tasks.get(kind="opinion")
    assert task.done_at is None
    with pytest.raises(OpinionMissing):
        decide(request=request, actor=desk.owner)
    for way_round in (both, desk.owner, desk.handler):
        with pytest.raises(TaskUnknown):
            finish_task(task=task, result="done", note="Puollan.", actor=way_round)
    other = actor_of(make_staff("Olavi Toinen", Role.DATA_PROTECTION_OFFICER))
    give_opinion(request=request, opinion="Puollan.", actor=other)
    assert decide(request=request, actor=desk.owner).decided_by == str(desk.owner)


def test_the_officer_decides_nothing_whatever_other_roles_they_have(desk: Desk, maija: Contact) -> None:
    every = officer_and(desk, Role.CLERK, Role.HANDLER, Role.REGISTER_OWNER)
    request = drafted(desk, Right.ACCESS)
    with pytest.raises(StepRefused):
        grant(request=request, actor=every)
    propose_extension(request=request, reasons="Paljon.", actor=desk.handler)
    give_opinion(request=request, opinion="Puollan.", actor=every)
    with pytest.raises(StepRefused):
        extend(request=request, reasons="Paljon.", actor=every)
    proposed(request, desk.handler, fee=Decimal(20), payment="Tilille.")
    give_opinion(request=request, opinion="Puollan.", actor=every)
    request.refresh_from_db()
    with pytest.raises((StepRefused, SamePerson)):
        decide(request=request, actor=every)
    other = actor_of(make_staff("Olavi Toinen", Role.DATA_PROTECTION_OFFICER))
    set_roles(user=user_of_ref(other.ref), roles=[Role.DATA_PROTECTION_OFFICER, Role.REGISTER_OWNER], actor=OPERATOR)  # type: ignore[arg-type]  # it is there
    with pytest.raises(StepRefused):
        decide(request=request, actor=other)
    decide(request=request, actor=desk.owner)
    with pytest.raises(StepRefused):
        let_fee_off(request=request, note="Kohtuullistettu.", actor=other)
    assert Decision.objects.get().fee_let_off_at is None


def test_pauses_from_before_a_case_was_opened_again_do_not_count(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS)
    request = triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    ask_about_identity(request=request, doubt="Ei vastaa.", question="Kuka?", actor=desk.handler)
    let_arrive()
    with time_machine.travel(timezone.now() + timedelta(days=6), tick=False):
        collect(request=DataRequest.objects.get(), actor=desk.handler)
        work()
        answer_paper(request, desk.custodian)
        assert clocks_of(DataRequest.objects.get()).second == request.due_on + timedelta(days=6)
        grant(request=DataRequest.objects.get(), actor=desk.handler)
        work()
        let_arrive()
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        clocks = clocks_of(reopen(request=DataRequest.objects.get(), note="Liite puuttui.", actor=desk.handler))
        assert clocks.second == clocks.first == due_date(timezone.localdate())
