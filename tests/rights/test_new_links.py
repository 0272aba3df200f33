"""A fresh link is sent where one waits, to the registered mailbox alone, and it delivers what the first one did."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.models import LedgerRow
from luvalla.register.models import Contact
from luvalla.rights import keeping
from luvalla.rights.actions.new_links import ask_by_address, link_due, send_asked_link, send_new_link
from luvalla.rights.actions.steps import mailbox_proved
from luvalla.rights.errors import NoLinkDue, StepRefused
from luvalla.rights.links import copy_of, token_of, use_link
from luvalla.rights.models import DataRequest, SecureLink
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right
from tests.rights.test_returned import answered
from tests.support.requests import MAIJA, Desk, ask, mails, work

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
