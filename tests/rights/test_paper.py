"""Paper that an erasure takes: a custodian's task for each item, until it is destroyed before a witness."""

from __future__ import annotations

import pytest
from django.utils import timezone

from luvalla.ledger.vault import sealer
from luvalla.paper.actions import enter_item, give_up_as_lost
from luvalla.paper.changes import answer_change, show_change
from luvalla.paper.days import OF_A_CASE
from luvalla.paper.destruction import begin_destruction, confirm_destruction
from luvalla.paper.errors import ReasonMissing
from luvalla.paper.models import CustodyEvent, PaperChange, PaperItem, PaperSearch
from luvalla.paper.queries import items_past_their_time
from luvalla.paper.searches import answer_search
from luvalla.people.models import Role
from luvalla.people.queries import actor_of
from luvalla.register import restriction
from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import decide, give_opinion, grant, propose
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.restrictions import announce_lifting, lift_restriction
from luvalla.rights.actions.steps import answer_without_data, collect, note_identity, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.cases import Said
from luvalla.rights.clocks import clocks_of
from luvalla.rights.errors import PaperNotChanged, PaperNotDestroyed, ReasonsMissing
from luvalla.rights.models import DataRequest, Decision, Task
from luvalla.rights.tasks import follow_up
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right
from tests.support.requests import MAIJA, Desk, ask, let_arrive, make_staff, work

pytestmark = pytest.mark.django_db
METHOD = "shredded"
NEW = "uusi.maija@esimerkki.fi"


def paper(desk: Desk, *, folded: bytes = b"") -> PaperItem:
    """Enter a letter that came by post."""
    return enter_item(
        kind=PaperItem.Kind.CORRESPONDENCE, origin=PaperItem.Origin.RECEIVED, description="Kirje Kuusitieltä",
        folded=folded, actor=desk.custodian,
    )  # fmt: skip


def answered(request: DataRequest, desk: Desk, *found: PaperItem) -> DataRequest:
    """Have the case's search answered with what was found."""
    answer_search(
        search=PaperSearch.objects.get(case_ref=str(request.ref), answered_at=None), found=found, actor=desk.custodian
    )
    follow_up()
    return DataRequest.objects.get()


def searched(desk: Desk, right: Right, *found: PaperItem) -> DataRequest:
    """Bring Maija's request as far as its decision, the paper searched by hand."""
    request = ask(right)
    triage(request=request, rights=[right], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    return answered(request, desk, *found)


def open_destructions() -> list[str]:
    return list(Task.objects.filter(kind="destruction", done_at=None).values_list("about", flat=True))


def finish_the_others(desk: Desk) -> None:
    for task in Task.objects.filter(done_at=None).exclude(kind="destruction"):
        finish_task(task=task, result="done", actor=desk.owner)
    let_arrive()


@pytest.mark.parametrize("right", [Right.ERASURE, Right.ANONYMISATION, Right.FORGETTING])
def test_paper_found_by_hand_is_a_custodians_task_until_it_is_destroyed_before_a_witness(
    desk: Desk, maija: Contact, right: Right
) -> None:
    found, other = paper(desk), paper(desk)
    request = searched(desk, right, found)
    assert open_destructions() == [], "nothing is destroyed before the decision"
    grant(request=request, actor=desk.handler)
    work()
    assert open_destructions() == [str(found)]
    assert list(items_past_their_time()) == [found], "it waits on the custodians' front page"
    finish_the_others(desk)
    assert DataRequest.objects.get().state == "replied", "the case can't close while its paper is there"

    witness = make_staff("Onni Kallio", Role.CUSTODIAN)
    waiting = begin_destruction(items=[found], method=METHOD, witness=witness, actor=desk.custodian)
    follow_up()
    assert DataRequest.objects.get().state == "replied", "nobody has confirmed yet that the paper is gone"
    confirm_destruction(destruction=waiting, actor=actor_of(witness))
    follow_up()
    assert DataRequest.objects.get().state == "closed"
    task = Task.objects.get(kind="destruction")
    assert (task.result, task.role) == ("done", "custodian")
    events = CustodyEvent.objects.filter(item=found, what__in=("destroyed", "witnessed"))
    assert {(each.what, each.method) for each in events} == {("destroyed", METHOD), ("witnessed", METHOD)}
    assert PaperItem.objects.get(pk=other.pk).destroyed_at is None


def test_paper_about_the_mailbox_is_destroyed_too_whether_anybody_found_it_or_not(desk: Desk, maija: Contact) -> None:
    known = paper(desk, folded=sealer().folded_token(normalise(MAIJA)))
    request = searched(desk, Right.ERASURE)
    known.refresh_from_db()
    assert bytes(known.folded) == b"", "the erasure at once has forgotten whom it is about"
    grant(request=request, actor=desk.handler)
    work()
    assert open_destructions() == [str(known)]


def test_the_task_is_not_done_by_a_tick_and_impossible_only_with_a_reason(desk: Desk, maija: Contact) -> None:
    found = paper(desk)
    grant(request=searched(desk, Right.ERASURE, found), actor=desk.handler)
    work()
    task = Task.objects.get(kind="destruction")
    for result in ("done", "nothing", "found"):
        with pytest.raises(PaperNotDestroyed):
            finish_task(task=task, result=result, note="Silputtu.", actor=desk.custodian)
    with pytest.raises(ReasonsMissing):
        finish_task(task=task, result="impossible", actor=desk.custodian)
    give_up_as_lost(item=found, reason="Etsitty kaikista kaapeista.", actor=desk.custodian)
    follow_up()
    assert open_destructions() == [str(found)]
    finish_task(task=task, result="impossible", note="Kadonnut; ilmoitettu loukkauksena.", actor=desk.custodian)
    finish_the_others(desk)
    assert DataRequest.objects.get().state == "closed"


def test_somebody_known_on_paper_only_has_it_destroyed(desk: Desk) -> None:
    found = paper(desk)
    arrival = Arrival(
        channel=DataRequest.Channel.LETTER, language="fi", rights=[Right.ERASURE], by_post=True,
        said=Said(name="Veikko Vanha", postal="Mallikuja 3\n00001 Mallila", text="Poistakaa tietoni."),
    )  # fmt: skip
    request = receive_request(arrival=arrival, address=None, actor=desk.clerk)
    triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    request = answer_without_data(request=DataRequest.objects.get(), actor=desk.handler)
    note_identity(request=request, level=2, how="Kirjeen tiedot", actor=desk.handler)
    grant(request=answered(request, desk, found), actor=desk.handler)
    work()
    assert open_destructions() == [str(found)]


@pytest.mark.parametrize("right", [Right.ACCESS, Right.RECTIFICATION])
def test_a_copy_or_a_correction_destroys_nothing(desk: Desk, maija: Contact, right: Right) -> None:
    found = paper(desk)
    told = {"new_address": "uusi.maija@esimerkki.fi"} if right is Right.RECTIFICATION else {}
    request = ask(right, **told)
    triage(request=request, rights=[right], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    grant(request=answered(request, desk, found), actor=desk.handler)
    work()
    assert not Task.objects.filter(kind="destruction").exists()
    assert not items_past_their_time().exists()


def test_a_refusal_destroys_nothing(desk: Desk, maija: Contact) -> None:
    request = searched(desk, Right.ANONYMISATION, paper(desk))
    propose(
        request=request, outcome=Decision.Outcome.REFUSE, ground="legal_claims", facts="Riita on kesken.",
        reasons="Kirje on todiste.", actor=desk.handler,
    )  # fmt: skip
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    decide(request=request, actor=desk.owner)
    work()
    assert (DataRequest.objects.get().state, open_destructions()) == ("replied", [])


def test_the_letter_a_request_came_in_is_kept_as_long_as_its_case(desk: Desk, maija: Contact) -> None:
    own, found = paper(desk), paper(desk)
    request = ask(Right.ERASURE)
    PaperItem.objects.filter(pk=own.pk).update(about_kind=OF_A_CASE, about_ref=str(request.ref))
    triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    grant(request=answered(request, desk, own, found), actor=desk.handler)
    work()
    assert open_destructions() == [str(found)]


def corrected(desk: Desk, *found: PaperItem) -> DataRequest:
    """Grant Maija's correction, with paper that was found by hand."""
    request = ask(Right.RECTIFICATION, new_address=NEW)
    triage(request=request, rights=[Right.RECTIFICATION], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    grant(request=answered(request, desk, *found), actor=desk.handler)
    work()
    return DataRequest.objects.get()


def finish_all_but_paper(desk: Desk) -> None:
    for task in Task.objects.filter(done_at=None).exclude(kind__in=("correction", "marking")):
        finish_task(task=task, result="done", actor=desk.owner)
    let_arrive()


def test_a_correction_reaches_paper_by_its_custodian_and_the_case_waits_for_it(desk: Desk, maija: Contact) -> None:
    known, found = paper(desk, folded=sealer().folded_token(normalise(MAIJA))), paper(desk)
    corrected(desk, found)
    tasks = Task.objects.filter(kind="correction", done_at=None)
    assert sorted(tasks.values_list("about", "role")) == [(str(known), "custodian"), (str(found), "custodian")]
    finish_all_but_paper(desk)
    assert DataRequest.objects.get().state == "replied", "the case can't close while its paper is uncorrected"
    for change in PaperChange.objects.order_by("pk"):
        assert bytes(change.sealed).find(MAIJA.encode()) == -1
        assert show_change(change=change, actor=desk.custodian) == f"{MAIJA}\n→ {NEW}"
        answer_change(change=change, result="done", actor=desk.custodian)
    follow_up()
    assert DataRequest.objects.get().state == "closed"
    assert set(CustodyEvent.objects.filter(what="corrected").values_list("item", flat=True)) == {known.pk, found.pk}
    assert not PaperItem.objects.exclude(destroyed_at=None).exists()
    assert all(bytes(each.sealed) == bytes(each.folded) == b"" for each in PaperChange.objects.all())


def test_a_restriction_marks_paper_and_what_cannot_be_marked_is_explained(desk: Desk, maija: Contact) -> None:
    known = paper(desk, folded=sealer().folded_token(normalise(MAIJA)))
    grant(request=searched(desk, Right.RESTRICTION), actor=desk.handler)
    work()
    finish_all_but_paper(desk)
    change = PaperChange.objects.get()
    assert (change.item, change.what) == (known, "marked")
    with pytest.raises(ReasonMissing):
        answer_change(change=change, result="impossible", why=" ", actor=desk.custodian)
    answer_change(change=change, result="impossible", why="Sidottu vuosikirjaan.", actor=desk.custodian)
    follow_up()
    task = Task.objects.get(kind="marking")
    assert (DataRequest.objects.get().state, task.result, bool(task.sealed)) == ("closed", "impossible", True)
    assert b"vuosikirja" not in bytes(task.sealed)
    assert not CustodyEvent.objects.filter(what="marked").exists()


def test_a_change_of_paper_is_not_done_by_a_tick_and_an_impossible_one_is_asked_no_more(
    desk: Desk, maija: Contact
) -> None:
    found = paper(desk)
    corrected(desk, found)
    task = Task.objects.get(kind="correction")
    with pytest.raises(PaperNotChanged):
        finish_task(task=task, result="done", actor=desk.custodian)
    with pytest.raises(ReasonsMissing):
        finish_task(task=task, result="impossible", actor=desk.custodian)
    assert PaperChange.objects.exists()
    finish_task(task=task, result="impossible", note="Kadonnut.", actor=desk.owner)
    assert not PaperChange.objects.exists()


def test_an_erasure_beside_a_correction_destroys_the_paper_and_corrects_none(desk: Desk, maija: Contact) -> None:
    found = paper(desk)
    request = ask(Right.RECTIFICATION, Right.ERASURE, new_address=NEW, proved=False)
    triage(request=request, rights=[Right.RECTIFICATION, Right.ERASURE], actor=desk.clerk)
    note_identity(request=DataRequest.objects.get(), level=1, how="Soitto", actor=desk.handler)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    grant(request=answered(request, desk, found), actor=desk.handler)
    work()
    assert open_destructions() == [str(found)]
    assert not PaperChange.objects.exists()


@pytest.mark.parametrize("by_command", [False, True])
def test_once_a_restriction_is_lifted_its_mark_comes_off_the_paper_and_the_case_waits_for_that(
    desk: Desk, maija: Contact, *, by_command: bool
) -> None:
    known = paper(desk, folded=sealer().folded_token(normalise(MAIJA)))
    request = searched(desk, Right.RESTRICTION)
    grant(request=request, actor=desk.handler)
    work()
    finish_all_but_paper(desk)
    answer_change(change=PaperChange.objects.get(), result="done", actor=desk.custodian)
    follow_up()
    request.refresh_from_db()
    replied_at = request.replied_at
    assert (request.state, replied_at is not None) == ("closed", True)

    announce_lifting(request=request, lift_on=timezone.localdate(), actor=desk.handler)
    let_arrive()
    assert not Task.objects.filter(kind="unmarking").exists(), "the mark stays as long as the restriction"
    if by_command:
        restriction.note_notice_sent(address=normalise(MAIJA), actor=desk.handler)
        restriction.lift(address=normalise(MAIJA), actor=desk.handler)
        follow_up()
    else:
        lift_restriction(request=request, actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.replied_at, clocks_of(request).is_overdue) == ("replied", replied_at, False)
    task = Task.objects.get(kind="unmarking")
    assert (task.role, task.about, task.done_at) == ("custodian", str(known), None)
    change = PaperChange.objects.get(what="unmarked")
    assert show_change(change=change, actor=desk.custodian) == MAIJA
    with pytest.raises(PaperNotChanged):
        finish_task(task=task, result="done", actor=desk.custodian)
    answer_change(change=change, result="done", actor=desk.custodian)
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.replied_at) == ("closed", replied_at)
    assert list(CustodyEvent.objects.filter(item=known).order_by("pk").values_list("what", flat=True))[-2:] == [
        "marked", "unmarked",
    ]  # fmt: skip
    follow_up()
    assert Task.objects.filter(kind="unmarking").count() == 1
