"""A fresh link is sent where one waits, to the registered mailbox alone, and it delivers what the first one did."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.bounces import take_report
from luvalla.mailroom.models import ServiceMessage
from luvalla.register.models import Contact
from luvalla.rights import keeping
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.new_links import ask_by_address, link_due, send_asked_link, send_new_link
from luvalla.rights.actions.steps import mailbox_proved
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.errors import NoLinkDue, StepRefused
from luvalla.rights.finishing import post_to
from luvalla.rights.letters.writing import Kind
from luvalla.rights.links import copy_of, token_of, use_link
from luvalla.rights.models import DataRequest, SecureLink
from luvalla.rights.queries import authority_waits
from luvalla.rights.tasks import follow_up
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right, State
from tests.rights.test_complaints import asked_by_authority
from tests.rights.test_returned import answered, message_of, report
from tests.support.pdf import text_of
from tests.support.requests import MAIJA, Desk, ask, let_arrive, mails, work

DELIVER = SecureLink.Kind.DELIVER


def newest(request: DataRequest) -> SecureLink:
    return request.links.latest("pk")


def test_a_copy_whose_link_expired_is_delivered_by_a_new_one_and_the_old_one_stays_dead(
    desk: Desk, maija: Contact
) -> None:
    request = answered(desk)
    first, content = newest(request), copy_of(request)
    assert content.startswith(b"PK")
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        send_new_link(request=request, actor=desk.handler)
        assert use_link(token=token_of(first), kind=DELIVER) is None
        delivered = use_link(token=token_of(newest(request)), kind=DELIVER)
    assert delivered is not None
    assert delivered[1] == content
    assert bytes(SecureLink.objects.get(pk=first.pk).sealed) == b""


def test_a_copy_that_was_fetched_can_be_fetched_again_by_a_new_link(desk: Desk, maija: Contact) -> None:
    request = answered(desk)
    fetched = use_link(token=token_of(newest(request)), kind=DELIVER)
    send_asked_link(request)
    assert use_link(token=token_of(newest(request)), kind=DELIVER) == fetched


def test_the_handler_s_new_link_is_a_letter_of_the_case_and_a_row_under_their_name(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, proved=False)
    letter = send_new_link(request=request, actor=desk.handler)
    row = LedgerRow.objects.filter(verb="rights.make_link").latest("pk")
    assert (letter.kind, row.actor, row.facts) == ("link", str(desk.handler), {"kind": "prove"})
    [text] = mails("rights_link")
    assert text.count("/r/p/") == 1
    assert "Uusi linkkisi" not in text  # the title is its subject; the text begins with the greeting
    with pytest.raises(StepRefused):
        send_new_link(request=request, actor=desk.custodian)


def test_no_link_is_due_once_the_mailbox_has_answered_or_where_the_answer_goes_by_post(
    desk: Desk, maija: Contact
) -> None:
    request = ask(Right.ACCESS, proved=False)
    assert link_due(request) == SecureLink.Kind.PROVE
    request.by_post = True
    assert link_due(request) is None
    mailbox_proved(request=request, actor=SUBJECT)
    request.refresh_from_db()
    assert link_due(request) is None
    with pytest.raises(NoLinkDue):
        send_new_link(request=request, actor=desk.handler)


def test_a_mailbox_that_is_asked_for_in_vain_hears_it_in_its_language(desk: Desk) -> None:
    ask(Right.ACCESS)
    ask_by_address(address=normalise(MAIJA), language="sv")
    work()
    [text] = mails("rights_link")
    assert "väntar på en länk" in text
    assert "/sv/egna-uppgifter/" in text


def test_when_what_was_said_goes_the_copy_goes_and_no_link_is_due(desk: Desk, maija: Contact) -> None:
    request = answered(desk)
    assert link_due(request) == DELIVER
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        keeping.minimise()
        assert link_due(request) is None
        assert copy_of(request) == b""
        send_asked_link(request)
    assert "Mikään tästä osoitteesta" in mails("rights_link")[0]


def test_a_new_link_is_no_answer_and_keeps_the_answer_as_the_proof(desk: Desk, maija: Contact) -> None:
    request = answered(desk)
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        send_new_link(request=request, actor=desk.handler)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        keeping.minimise()
    kept = [each.kind for each in request.letters.exclude(sealed_pdf=b"")]
    assert kept == ["reply"]


def test_a_letter_with_a_new_link_that_comes_back_has_the_copy_posted_once(desk: Desk, maija: Contact) -> None:
    request = answered(desk)
    send_new_link(request=request, actor=desk.handler)
    let_arrive()
    assert take_report(*report(message_of(request, "link")))
    follow_up()
    work()
    request.refresh_from_db()
    reply = request.letters.filter(kind="reply").latest("pk")
    assert (request.state, request.by_post, reply.by_post, reply.state) == (State.REPLIED, True, True, "issued")
    assert "Jäljennös tiedoistasi on liitteenä paperilla" in text_of(pdf_of(reply))
    posts = request.tasks.filter(kind="post", done_at=None).order_by("about")
    assert list(posts.values_list("about", flat=True)) == ["copy", "reply"]
    follow_up()
    work()
    assert request.letters.filter(kind="reply").count() == 2
    assert link_due(request) is None, "the link goes to the mailbox or nowhere"


def test_a_link_to_prove_the_mailbox_that_comes_back_is_answered_by_an_acknowledgement_on_paper(desk: Desk) -> None:
    request = ask(Right.ACCESS, proved=False, name="Maija Malli", postal="Mallikuja 3\n00001 Mallila")
    let_arrive()
    send_new_link(request=request, actor=desk.handler)
    ServiceMessage.objects.filter(ref=request.letters.get(kind="link").message_ref).update(state="failed", sealed=b"")
    follow_up()
    follow_up()
    on_paper = request.letters.get(kind="acknowledgement", by_post=True)
    assert "Mallikuja 3" in text_of(pdf_of(on_paper))
    assert "/r/p/" not in text_of(pdf_of(on_paper))
    assert request.tasks.filter(kind="post", about=Kind.ACKNOWLEDGEMENT, done_at=None).count() == 1


def test_without_a_postal_address_the_acknowledgement_is_written_once_one_is_noted(desk: Desk) -> None:
    request = ask(Right.ACCESS, proved=False)
    let_arrive()
    assert post_to(request=request, name="", postal="Mallikuja 1\n00001 Mallila", actor=desk.handler)
    assert not request.letters.filter(by_post=True).exists(), "the mailbox has taken its letter"
    other = ask(Right.ACCESS, address="toinen@esimerkki.fi", proved=False)
    ServiceMessage.objects.filter(ref=other.letters.get().message_ref).update(state="failed", sealed=b"")
    follow_up()
    assert not other.letters.filter(by_post=True).exists()
    post_to(request=other, name="", postal="Mallikuja 3\n00001 Mallila", actor=desk.handler)
    assert other.letters.get(by_post=True).kind == "acknowledgement"


def test_a_copy_that_comes_back_while_an_authority_looks_into_a_complaint_is_posted_by_itself(
    desk: Desk, maija: Contact
) -> None:
    request = answered(desk)
    asked_by_authority(request, desk)
    send_new_link(request=request, actor=desk.handler)
    let_arrive()
    assert take_report(*report(message_of(request, "link")))
    follow_up()
    work()
    request.refresh_from_db()
    assert (request.state, request.by_post, authority_waits(request) is not None) == (State.REPLIED, True, True)
    for task in request.tasks.filter(kind="post", done_at=None):
        finish_task(task=task, result="done", actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    assert request.state == State.COMPLAINT, "the authority has not decided yet"
