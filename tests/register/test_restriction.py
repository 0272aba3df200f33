from __future__ import annotations

from collections.abc import Callable

import pytest

from luvalla.ledger.actors import SYSTEM, person
from luvalla.register.errors import LiftingNotAnnounced, NotRestricted
from luvalla.register.models import Audience, Contact
from luvalla.register.queries import exportable_contacts, find_contact, visible_contacts
from luvalla.register.restriction import lift, may_be_lifted, note_notice_sent, open_restrictions, restrict
from luvalla.rules.address import normalise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("barrier")]
Bring = Callable[[str], Contact]
MAIJA = normalise("maija@esimerkki.fi")


def test_a_restriction_is_lifted_only_after_its_person_was_told(register_address: Bring, customers: Audience) -> None:
    contact = register_address(MAIJA.text)
    assert restrict(address=MAIJA, reason="accuracy", channel="desk", actor=person("clerk")).was_known
    assert list(visible_contacts()) == list(exportable_contacts(customers)) == []
    assert not may_be_lifted(address=MAIJA)
    with pytest.raises(LiftingNotAnnounced):
        lift(address=MAIJA, actor=SYSTEM)
    assert open_restrictions(address=MAIJA).count() == 1

    note_notice_sent(address=MAIJA, actor=SYSTEM)
    assert may_be_lifted(address=MAIJA)
    lift(address=MAIJA, actor=SYSTEM)
    assert list(visible_contacts()) == [contact]
    assert not open_restrictions(address=MAIJA).exists()


def test_every_spelling_of_a_mailbox_is_restricted_and_lifted_together(register_address: Bring) -> None:
    register_address(MAIJA.text)
    register_address("maija+uutiset@esimerkki.fi")
    restrict(address=MAIJA, reason="objection", channel="desk", actor=SYSTEM)
    assert not visible_contacts().exists()
    assert len(note_notice_sent(address=MAIJA, actor=SYSTEM)) == 2
    assert len(lift(address=MAIJA, actor=SYSTEM)) == 2
    found = find_contact(MAIJA)
    assert found is not None
    assert found.restricted_at is None


def test_what_is_not_restricted_cannot_be_announced_or_lifted(register_address: Bring) -> None:
    register_address(MAIJA.text)
    for step in (note_notice_sent, lift):
        with pytest.raises(NotRestricted):
            step(address=MAIJA, actor=SYSTEM)
