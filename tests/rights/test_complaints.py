"""Complaints to an authority: on answered and late cases, with the authority's clock, its reminders and its papers."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import ServiceMessage
from luvalla.organisation.errors import NoAuthority
from luvalla.register.models import Contact
from luvalla.rights import keeping
from luvalla.rights.actions.complaints import answer_complaint, end_complaint, keep_pack, record_complaint, set_deadline
from luvalla.rights.actions.steps import begin_at_once
from luvalla.rights.actions.tasks import give_task
from luvalla.rights.errors import StepRefused
from luvalla.rights.models import Complaint, DataRequest, Task
from luvalla.rights.queries import authority_waits, unanswered_complaints
from luvalla.rights.reading import show_pack
from luvalla.rights.reminding import remind
from luvalla.rules.case_states import Right, State, Who
from luvalla.rules.due_dates import working_day_before
from luvalla.rules.ports import Person, holdings
from luvalla.staff.requests.authority_pack import make_pack
from tests.rights.test_returned import answered
from tests.support.pdf import text_of
from tests.support.requests import MAIJA, Desk, ask, let_arrive, reminders, work

BY = date(2026, 12, 31)


def asked_by_authority(request: DataRequest, desk: Desk, *, answer_by: date | None = BY) -> Complaint:
    """Have the Finnish authority ask about a request."""
    return record_complaint(
        request=request,
        country="FI",
        reference="TSV/12/2026",
        received_on=timezone.localdate(),
        answer_by=answer_by,
        note="Kantelija sanoo, ettei saanut vastausta.",
        actor=desk.officer,
    )


def test_an_answered_case_waits_for_the_authority_s_decision_and_keeps_what_was_said(
    desk: Desk, maija: Contact
) -> None:
    request = answered(desk)
    asked_by_authority(request, desk)
    request.refresh_from_db()
    assert request.state == State.COMPLAINT
    answer_complaint(request=request, answered_on=timezone.localdate(), note="Lähetetty.", actor=desk.officer)
    assert authority_waits(request) is None
    with time_machine.travel(timezone.now() + timedelta(days=200), tick=False):
        assert keeping.minimise() == 0
        with pytest.raises(StepRefused):
            end_complaint(request=request, note="Ei toimenpiteitä.", actor=desk.officer)
        end_complaint(request=request, note="Ei toimenpiteitä.", actor=desk.owner)
        request.refresh_from_db()
        assert request.state == State.CLOSED
    with time_machine.travel(timezone.now() + timedelta(days=231), tick=False):
        assert keeping.minimise() == 1
        assert bytes(Complaint.objects.get().sealed) == b""


def test_a_late_case_takes_a_complaint_goes_on_to_its_answer_and_stands_as_a_complaint_then(
    desk: Desk, maija: Contact
) -> None:
    request = ask(Right.OBJECTION)
    asked_by_authority(request, desk)
    request.refresh_from_db()
    assert request.state == State.RECEIVED
    begin_at_once(request=request)
    work()
    let_arrive()
    request.refresh_from_db()
    assert request.state == State.COMPLAINT
    end_complaint(request=request, note="Ratkaistu.", actor=desk.owner)
    request.refresh_from_db()
    assert request.state == State.CLOSED


def test_only_the_owner_and_the_officer_deal_with_an_authority_of_the_eea(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS)
    for actor in (desk.clerk, desk.handler, desk.custodian):
        with pytest.raises(StepRefused):
            record_complaint(request=request, country="FI", reference="", received_on=BY, answer_by=None, actor=actor)
    with pytest.raises(NoAuthority):
        record_complaint(request=request, country="US", reference="", received_on=BY, answer_by=None, actor=desk.owner)
    assert not Complaint.objects.exists()


def test_the_authority_s_deadline_is_recalled_in_steps_and_by_mail_and_a_new_day_begins_anew(
    desk: Desk, maija: Contact
) -> None:
    complaint = asked_by_authority(ask(Right.ACCESS), desk)
    told = []
    for days in (30, 10, 5, 2, 0, 0):
        remind(working_day_before(BY, working_days=days) if days < 30 else BY - timedelta(days=60))
        told.append([reminders(each) for each in (desk.owner, desk.officer, desk.handler)])
    assert told == [[0, 0, 0], [1, 0, 0], [2, 1, 0], [3, 2, 0], [4, 3, 0], [4, 3, 0]]
    events = complaint.request.events.filter(kind="complaint_reminded").values_list("after", flat=True)
    assert list(events) == ["register_owner", *["data_protection_officer"] * 3]
    set_deadline(request=complaint.request, answer_by=BY + timedelta(days=90), note="Lisäaika.", actor=desk.owner)
    remind(BY)
    assert (reminders(desk.owner), reminders(desk.officer)) == (4, 3)
    assert unanswered_complaints().get().answer_by == BY + timedelta(days=90)


def test_nobody_is_reminded_of_what_was_answered_and_asking_more_makes_it_wait_again(
    desk: Desk, maija: Contact
) -> None:
    request = asked_by_authority(ask(Right.ACCESS), desk).request
    answer_complaint(request=request, answered_on=BY, note="", actor=desk.owner)
    remind(BY + timedelta(days=1))
    assert not ServiceMessage.objects.filter(kind="rights_reminder").exists()
    set_deadline(request=request, answer_by=BY, note="Lisäselvitys.", actor=desk.owner)
    assert authority_waits(request) is not None


def test_the_pack_holds_case_letters_and_ledger_and_is_sealed_until_the_case_s_words_go(
    desk: Desk, maija: Contact
) -> None:
    request = answered(desk)
    complaint = make_pack(asked_by_authority(request, desk), desk.owner)
    assert MAIJA.encode() not in bytes(complaint.sealed_pack)
    assert not bytes(complaint.sealed_pack).startswith(b"PK")
    with ZipFile(BytesIO(show_pack(complaint=complaint, actor=desk.owner))) as pack:
        names = pack.namelist()
        said = " ".join(text_of(pack.read(f"{request.number}.pdf")).split())
        rows = json.loads(pack.read("ledger.json"))
    assert [each for each in names if each.startswith("letters/")] == [
        "letters/01-acknowledgement.pdf", "letters/02-reply.pdf",
    ]  # fmt: skip
    for words in ("TSV/12/2026", MAIJA, "Määräajat", "31.12.2026", "Tapahtumat", "Lokista", "Vahvistus"):
        assert words in said, words
    assert rows[0]["verb"] == "rights.receive_request"
    assert {"number", "at", "actor", "verb", "link"} <= set(rows[0])
    verbs = set(LedgerRow.objects.filter(actor=str(desk.owner)).values_list("verb", flat=True))
    assert {"rights.show_request", "rights.show_letter", "rights.make_authority_pack"} <= verbs
    assert "rights.show_authority_pack" in verbs


def test_a_person_s_copy_names_the_complaints_of_their_requests(desk: Desk, maija: Contact) -> None:
    request = answered(desk)
    asked_by_authority(request, desk)
    holding = holdings.get("requests")
    assert holding is not None
    [found] = holding.find(Person(bytes(request.folded)))
    assert found.content["complaints"] == [{"authority": "FI", "received_on": f"{timezone.localdate()}"}]


def test_a_pack_is_made_anew_in_the_place_of_the_old_one(desk: Desk, maija: Contact) -> None:
    complaint = asked_by_authority(ask(Right.ACCESS), desk)
    first = keep_pack(complaint=complaint, content=b"PK one", actor=desk.owner).pack_hash
    second = keep_pack(complaint=complaint, content=b"PK two", actor=desk.officer)
    assert second.pack_hash != first
    assert show_pack(complaint=second, actor=desk.owner) == b"PK two"
    with pytest.raises(StepRefused):
        keep_pack(complaint=complaint, content=b"PK", actor=desk.handler)


@pytest.mark.parametrize("state", [State.COMPLAINT, State.REPLIED])
def test_the_same_wish_after_an_answer_is_a_case_of_its_own_with_a_clock_of_its_own(
    desk: Desk, maija: Contact, state: State
) -> None:
    first = answered(desk)
    if state == State.COMPLAINT:
        asked_by_authority(first, desk)
    else:
        give_task(first, Task.Kind.NOTICE, role=Who.HANDLER, about="Vertailu Oy", actor=SYSTEM)
    first.refresh_from_db()
    assert first.state == state
    with time_machine.travel(timezone.now() + timedelta(days=90), tick=False):
        again = ask(Right.ACCESS)
        assert again.pk != first.pk
        assert (again.state, again.receipt_date) == (State.RECEIVED, timezone.localdate())
        assert ask(Right.ACCESS).pk == again.pk, "a third time is the second case"
