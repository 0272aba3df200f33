"""Letters to those who were given the data, outside a case: gathered, mailed, posted where a mail comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import ServiceMessage
from luvalla.organisation.models import Disclosee
from luvalla.register import stop
from luvalla.register.disclosee_notices import find_disclosees, untold
from luvalla.register.models import DiscloseeNotice
from luvalla.rights import claims, telling
from luvalla.rights.errors import NothingToTell, StepRefused
from luvalla.rights.tasks import tell_disclosees
from luvalla.rules.address import normalise
from luvalla.rules.ports import Verdict
from tests.support.pdf import is_tagged, text_of
from tests.support.requests import Desk, add_customer, add_disclosee, mails
from tests.support.world import World

pytestmark = pytest.mark.django_db
ADDRESSES = ("maija.malli@esimerkki.fi", "matti.malli@esimerkki.fi")


def stopped(world: World, *addresses: str) -> None:
    for address in addresses:
        add_customer(world, address)
        stop.withdraw(address=normalise(address), channel="page", actor=SUBJECT)
    find_disclosees()


def with_mail(name: str = "Vertailu Oy") -> Disclosee:
    to = add_disclosee(name)
    Disclosee.objects.filter(pk=to.pk).update(notice_email="tietosuoja@vertailu.example")
    to.refresh_from_db()
    return to


def test_what_has_changed_goes_to_a_disclosee_in_one_mail_and_is_told_once_it_has_not_come_back(world: World) -> None:
    with_mail()
    stopped(world, *ADDRESSES)
    assert tell_disclosees() == 1
    assert tell_disclosees() == 0, "nothing goes twice"
    [letter] = mails("rights_notice")
    for said in (*ADDRESSES, "Poistaminen:", "19 artiklaan", "Viite "):
        assert said in letter
    ServiceMessage.objects.update(state="sent", sent_at=timezone.now(), sealed=b"")
    tell_disclosees()
    assert untold().count() == 2
    with time_machine.travel(timezone.now() + telling.COMES_BACK_WITHIN + timedelta(minutes=1), tick=False):
        tell_disclosees()
    assert not untold().exists()
    assert set(DiscloseeNotice.objects.values_list("result", "told_by")) == {("mail", str(SYSTEM))}
    assert LedgerRow.objects.get(verb="rights.tell_disclosee").facts["notices"] == 2


def test_a_mail_that_comes_back_is_posted_by_people_and_told_only_as_far_as_it_was_printed(
    world: World, desk: Desk
) -> None:
    to = with_mail()
    stopped(world, ADDRESSES[0])
    tell_disclosees()
    with pytest.raises(NothingToTell):
        telling.show_letter(to=to, actor=desk.handler)
    ServiceMessage.objects.update(state="failed", sealed=b"")
    assert tell_disclosees() == 0, "a dead address gets nothing again"
    with pytest.raises(NothingToTell):
        telling.note_posted(to=to, posted_on=timezone.localdate(), actor=desk.handler)
    with pytest.raises(StepRefused):
        telling.show_letter(to=to, actor=desk.officer)
    pdf = telling.show_letter(to=to, actor=desk.handler)
    assert is_tagged(pdf)
    for said in ("Vertailu Oy", ADDRESSES[0], "Poistaminen", "Jari Koskela"):
        assert said in text_of(pdf)
    assert LedgerRow.objects.get(verb="rights.show_disclosee_letter").purpose == "request"
    assert telling.note_posted(to=to, posted_on=timezone.localdate(), actor=desk.handler) == 1
    assert not telling.to_post(to).exists()


def test_without_an_address_for_notices_people_post_them_or_say_why_not(world: World, desk: Desk) -> None:
    to = add_disclosee("Vertailu Oy")
    stopped(world, ADDRESSES[0])
    assert tell_disclosees() == 0
    telling.show_letter(to=to, actor=desk.handler)
    stopped(world, ADDRESSES[1])
    assert telling.note_posted(to=to, posted_on=timezone.localdate(), actor=desk.clerk) == 1
    assert telling.to_post(to).count() == 1, "what came after the letter waits for the next"
    assert telling.note_impossible(to=to, why="Yhtiö on purettu.", actor=desk.handler) == 1
    assert DiscloseeNotice.objects.get(result="impossible").why


def test_an_address_that_is_recorded_later_gets_what_nobody_has_printed(world: World, desk: Desk) -> None:
    to = add_disclosee("Vertailu Oy")
    stopped(world, ADDRESSES[0])
    telling.show_letter(to=to, actor=desk.handler)
    stopped(world, ADDRESSES[1])
    Disclosee.objects.filter(pk=to.pk).update(notice_email="tietosuoja@vertailu.example")
    to.refresh_from_db()
    assert telling.to_post(to).count() == 1, "what was printed is posted"
    assert tell_disclosees() == 1
    assert ADDRESSES[1] in mails("rights_notice")[0]
    assert ADDRESSES[0] not in mails("rights_notice")[0]


def test_a_change_outside_a_case_that_nobody_tells_breaks_s40(world: World) -> None:
    add_disclosee("Vertailu Oy")
    stopped(world, ADDRESSES[0])
    assert claims.corrections_are_told().verdict is Verdict.HOLDS
    DiscloseeNotice.objects.update(created_at=timezone.now() - claims.TOLD_WITHIN - timedelta(days=1))
    finding = claims.corrections_are_told()
    assert (finding.verdict, finding.figures["untold_outside_cases"]) == (Verdict.BROKEN, 1)
