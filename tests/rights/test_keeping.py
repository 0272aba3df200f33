"""Reminding in time, keeping no longer than needed, and nothing of a case in plain text anywhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from luvalla.ledger.actions import Subject
from luvalla.ledger.models import LedgerRow
from luvalla.paper.actions import enter_item
from luvalla.paper.days import OF_A_CASE
from luvalla.paper.models import PaperItem
from luvalla.paper.queries import items_past_their_time
from luvalla.people.models import Role, User
from luvalla.people.queries import actor_of
from luvalla.register.catalogue import columns
from luvalla.register.errors import LiftingNotAnnounced
from luvalla.register.models import Contact
from luvalla.rights import keeping, reminding
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.restrictions import announce_lifting, black_out, lift_restriction
from luvalla.rights.actions.steps import collect, take_back, triage
from luvalla.rights.cases import said
from luvalla.rights.clocks import workload
from luvalla.rights.copies.gathering import BLACK, gather
from luvalla.rights.files import check_file, keep_file
from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right, State
from luvalla.rules.due_dates import working_day_before
from luvalla.rules.ports import Person, holdings, keepings
from tests.support.files import bytes_of
from tests.support.requests import MAIJA, Desk, answer_paper, ask, let_arrive, mails, make_staff, reminders, work
from tests.support.world import World

DUE = reminding.DUE_REMINDER
TEXT = "Salainen-sana-jota-ei-pidä-löytyä"


def closed(desk: Desk, *rights: Right, **told: object) -> DataRequest:
    """Have a request arrive and be answered."""
    request = ask(*rights, **told)
    triage(request=request, rights=rights, actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    if request.tasks.filter(done_at=None).exists():
        answer_paper(request, desk.custodian)
    request.refresh_from_db()
    grant(request=request, actor=desk.handler)
    work()
    let_arrive()
    request.refresh_from_db()
    return request


def _overdue(at: datetime) -> dict[str, int]:
    """Ask the retention schedule, which claim S17 goes by."""
    return {each.name: each.overdue(at) for each in keepings if each.name in {"case_details", "cases", "canaries"}}


def test_each_step_before_the_due_date_is_recalled_once(desk: Desk) -> None:
    with time_machine.travel(datetime.fromisoformat("2026-12-01T09:00+02:00"), tick=False):
        request = ask(Right.ACCESS)
    assert request.due_on == date(2027, 1, 1) or request.due_on == date(2027, 1, 4)
    days = [request.due_on - timedelta(days=n) for n in range(25, -2, -1)]
    told = [sum(reminding.remind(day) for _ in range(2)) for day in days]
    assert sum(told) == 4
    assert told.index(1) > 5
    assert LedgerRow.objects.filter(verb="rights.remind").count() == 4


def test_each_step_is_mailed_to_those_whom_it_concerns_without_a_word_of_what_was_asked(desk: Desk) -> None:
    request = ask(Right.ACCESS, text=TEXT)
    told = []
    for days in (10, 5, 2, 0):
        reminding.remind(working_day_before(request.due_on, working_days=days))
        told.append([reminders(each, DUE) for each in (desk.handler, desk.owner, desk.officer, desk.clerk)])
    assert told == [[1, 0, 0, 0], [2, 1, 0, 0], [2, 2, 1, 0], [2, 3, 2, 0]]
    mail = mails(DUE)[0]
    assert request.number in mail
    assert f"/staff/requests/{request.ref}/" in mail
    assert TEXT not in mail


def test_the_first_step_goes_to_the_handler_of_the_case_while_that_account_opens(desk: Desk) -> None:
    account = make_staff("Heli Toinen", Role.HANDLER)
    second, request = actor_of(account), ask(Right.ACCESS)
    DataRequest.objects.update(handler=str(second))
    reminding.remind(working_day_before(request.due_on, working_days=10))
    assert (reminders(second, DUE), reminders(desk.handler, DUE)) == (1, 0)
    User.objects.filter(pk=account.pk).update(is_active=False)
    reminding.remind(working_day_before(request.due_on, working_days=5))
    assert (reminders(second, DUE), reminders(desk.handler, DUE)) == (1, 1)


def test_what_was_said_goes_after_thirty_days_and_the_case_after_three_years(desk: Desk, maija: Contact) -> None:
    request = closed(desk, Right.ACCESS, text=TEXT)
    assert request.state == State.CLOSED
    assert (keeping.minimise(), keeping.forget()) == (0, 0)
    later = timezone.now() + timedelta(days=31)
    assert _overdue(later) == {"case_details": 1, "cases": 0, "canaries": 0}
    assert keeping.minimise(later) == 1
    assert _overdue(later)["case_details"] == 0
    request.refresh_from_db()
    assert said(request).text == ""
    assert request.searches.count() == request.links.count() == request.attachments.count() == 0
    assert request.letters.exclude(sealed_pdf=b"").count() == 1
    assert keeping.forget(timezone.now() + timedelta(days=3 * 365 + 1)) == 1
    assert not DataRequest.objects.exists()


def test_paper_of_a_case_is_to_be_destroyed_when_what_was_said_goes(desk: Desk, maija: Contact) -> None:
    request = closed(desk, Right.ACCESS, text=TEXT)
    about = Subject(OF_A_CASE, str(request.ref))
    paper = enter_item(kind=PaperItem.Kind.CASE, origin=PaperItem.Origin.RECEIVED, about=about, actor=desk.custodian)
    late = timezone.now() + timedelta(days=1000)
    assert not items_past_their_time(late.date())
    keeping.minimise(timezone.now() + timedelta(days=31))
    assert list(items_past_their_time()) == [paper]
    PaperItem.objects.update(keep_until=None)
    keeping.forget(timezone.now() + timedelta(days=3 * 365 + 1))
    assert list(items_past_their_time()) == [paper]


def test_erasing_the_person_leaves_the_case_and_takes_its_copies(desk: Desk, maija: Contact) -> None:
    request = closed(desk, Right.ACCESS)
    holding = holdings.get("requests")
    assert holding is not None
    person = Person(bytes(request.folded))
    assert [each.kind for each in holding.find(person)] == ["request"]
    assert holding.erase(person) > 0
    assert request.searches.count() == 0
    assert DataRequest.objects.filter(pk=request.pk).exists()


def test_nothing_of_a_case_stands_in_plain_text_in_the_database_or_the_home(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, text=TEXT, name="Maija Salainen-sana", postal="Salainen-sana 1")
    keep_file(request, check_file("Salainen-sana.pdf", b"%PDF-1.7 Salainen-sana"), actor=desk.clerk)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    black_out(request=request, words=["Salainen-sana"], actor=desk.handler)
    found = []
    with connection.cursor() as cursor:
        for each in columns():
            table, name = each.quoted()
            cursor.execute(f"SELECT {name} FROM {table}")  # noqa: S608  # names of the catalogue
            values = [value for (value,) in cursor.fetchall() if value is not None]
            texts = (bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in values)
            found += [
                f"{each.table}.{each.name}" for text in texts if b"Salainen-sana" in text or MAIJA.encode() in text
            ]
    assert found == []
    files = [each for each in Path(settings.LUVALLA_HOME).rglob("*") if each.is_file()]
    assert [each.name for each in files if b"Salainen-sana" in bytes_of(each)] == []


def test_words_about_others_are_black_in_the_copy(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    black_out(request=request, words=["ESIMERKKI.fi"], actor=desk.handler)
    request.refresh_from_db()
    copy = str(gather(request)["stores"])
    assert "esimerkki.fi" not in copy
    assert BLACK in copy


def test_a_restriction_is_lifted_only_after_its_person_was_told(desk: Desk, maija: Contact) -> None:
    request = closed(desk, Right.RESTRICTION)
    maija.refresh_from_db()
    assert maija.restricted_at is not None
    with pytest.raises(LiftingNotAnnounced):
        lift_restriction(request=request, actor=desk.handler)
    announce_lifting(request=request, lift_on=timezone.localdate(), actor=desk.handler)
    assert "Rajoitus puretaan" in mails("rights_letter")[-1]
    let_arrive()
    lift_restriction(request=request, actor=desk.handler)
    maija.refresh_from_db()
    assert maija.restricted_at is None


def test_a_request_taken_back_ends_with_its_tasks_and_what_was_stopped_stays_stopped(desk: Desk) -> None:
    request = ask(Right.ERASURE, proved=False)
    triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    take_back(request=request, note="Soitti", actor=desk.clerk)
    request.refresh_from_db()
    assert (request.state, request.blocked_at is not None) == (State.CLOSED, True)


def test_the_workload_counts_open_requests_by_handler(desk: Desk, world: World) -> None:
    ask(Right.ACCESS)
    ask(Right.ACCESS, address="toinen@esimerkki.fi")
    DataRequest.objects.filter(number__endswith="0001").update(handler=str(desk.handler))
    assert workload() == {str(desk.handler): (1, 0), "": (1, 0)}
