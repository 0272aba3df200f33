from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.actors import SUBJECT, SYSTEM, person
from luvalla.ledger.erasures import Operation
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import keyring, sealer
from luvalla.organisation.models import DeclaredField
from luvalla.register import actions, stop
from luvalla.register.columns import DECLARED_VALUE
from luvalla.register.errors import Suppressed
from luvalla.register.links import make_stop_token, read_stop_token
from luvalla.register.models import Audience, Contact, DeclaredValue, Permission, Source, SourceNotice
from luvalla.register.proofs import given_proof
from luvalla.register.queries import contact_of_link, find_contact, is_suppressed, open_address, prohibited_kinds
from luvalla.register.rectification import opened_correction, rectify
from luvalla.register.source_notices import address_of, corrected_address_of, fetch_notices
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind, Prohibited
from tests.register.conftest import PatientBarrier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("barrier")]
Bring = Callable[[str], Contact]
WRONG, RIGHT = normalise("maija.virtanen@esimerkki.fi"), normalise("maija.meri@esimerkki.fi")


def test_a_correction_keeps_the_contact_with_all_that_hangs_on_it(
    register_address: Bring, sign_up: Source, customers: Audience
) -> None:
    contact = register_address(WRONG.text)
    permission = actions.add_permission(
        address=WRONG, kind=PermissionKind.CONSENT, source=sign_up, audience=customers, proof={"wording": "Yes"},
        actor=SUBJECT,
    )  # fmt: skip
    field = DeclaredField.objects.create(key="area", reason="r", name_fi="Alue", name_sv="Område", name_en="Area")
    sealed = sealer().seal(b"North", column=DECLARED_VALUE, token=bytes(contact.token))
    value = DeclaredValue.objects.create(contact=contact, field=field, sealed=sealed)

    answer = rectify(address=WRONG, to=RIGHT, channel="desk", actor=person("clerk"))

    assert (answer.was_known, answer.finished) == (True, True)
    assert find_contact(WRONG) is None
    corrected = find_contact(RIGHT)
    assert corrected == contact
    assert corrected is not None
    assert open_address(corrected) == RIGHT.text
    permission.refresh_from_db()
    value.refresh_from_db()
    assert given_proof(permission, corrected) == {"wording": "Yes"}
    assert sealer().open(bytes(value.sealed), column=DECLARED_VALUE, token=bytes(corrected.token)) == b"North"
    assert LedgerRow.objects.get(verb="register.rectify").facts == {"channel": "desk", "contacts": 1}


def test_letters_under_way_to_the_wrong_address_are_waited_for(
    register_address: Bring, barrier: PatientBarrier
) -> None:
    contact = register_address(WRONG.text)
    barrier.answer = False
    assert not rectify(address=WRONG, to=RIGHT, channel="desk", actor=SYSTEM).finished
    assert barrier.asked == [(contact.pk,)]


def test_the_wrong_address_does_not_come_back_and_the_source_is_told(register_address: Bring) -> None:
    register_address(WRONG.text)
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=SYSTEM)
    with pytest.raises(Suppressed):
        register_address(WRONG.text)
    notice = SourceNotice.objects.get()
    assert (notice.kind, address_of(notice), corrected_address_of(notice)) == ("rectified", WRONG.text, RIGHT.text)
    fetched = fetch_notices(source=notice.source, reason="for the customer system", actor=SYSTEM).splitlines()
    assert fetched[1].endswith(f",{RIGHT.text}")


def test_what_was_forbidden_follows_the_person(register_address: Bring) -> None:
    register_address(WRONG.text)
    stop.prohibit(address=WRONG, kinds=Prohibited.RESEARCH, channel="desk", actor=SYSTEM)
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=SYSTEM)
    assert prohibited_kinds(sealer().folded_token(RIGHT)) == Prohibited.RESEARCH


def test_a_known_right_address_takes_the_permissions_over(register_address: Bring) -> None:
    wrong, right = register_address(WRONG.text), register_address(RIGHT.text)
    actions.restrict_contact(contact=wrong, reason="accuracy", actor=SYSTEM)
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=SYSTEM)
    right.refresh_from_db()
    assert list(Contact.objects.all()) == [right]
    assert Permission.objects.filter(contact=right).count() == 2
    assert right.restricted_at is not None


def test_only_the_tag_of_a_mailbox_can_be_corrected(register_address: Bring) -> None:
    contact = register_address("maija+vanha@esimerkki.fi")
    old, new = normalise("maija+vanha@esimerkki.fi"), normalise("maija+uusi@esimerkki.fi")
    rectify(address=old, to=new, channel="desk", actor=SYSTEM)
    assert find_contact(new) == contact
    assert not is_suppressed(new)


def test_a_stop_link_sent_to_the_wrong_address_still_stops_the_person(register_address: Bring) -> None:
    contact = register_address(WRONG.text)
    token = make_stop_token(contact_id=contact.pk, exact_token=bytes(contact.token), campaign_id=1, keyring=keyring())
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=SYSTEM)
    link = read_stop_token(token, keyring())
    assert link is not None
    assert contact_of_link(link) == contact
    stop.withdraw(link=link, channel="link", actor=SUBJECT)
    assert is_suppressed(RIGHT)


def test_a_correction_stands_sealed_in_the_ledger_of_erasures(register_address: Bring) -> None:
    register_address(WRONG.text)
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=SYSTEM)
    first, second = erasures.read_lines()
    assert (first.entry.operation, second.entry.operation) == (Operation.RECTIFY, Operation.SUPPRESS)
    assert opened_correction(first.entry) == (WRONG, RIGHT)
    assert b"maija" not in erasures.ledger_place().read_bytes()


def test_a_stopped_right_address_stays_stopped_and_nobody_can_tell(register_address: Bring) -> None:
    register_address(WRONG.text)
    stop.withdraw(address=RIGHT, channel="link", actor=SUBJECT)
    answer = rectify(address=WRONG, to=RIGHT, channel="desk", actor=SYSTEM)
    assert (answer.was_known, answer.finished) == (True, True)
    assert not Contact.objects.exists()
    assert is_suppressed(WRONG)
    assert is_suppressed(RIGHT)
    notice = SourceNotice.objects.get()
    assert (notice.kind, corrected_address_of(notice)) == ("rectified", RIGHT.text)
    row = LedgerRow.objects.get(verb="register.rectify")
    assert row.facts == {"channel": "desk", "contacts": 1}


def test_a_source_cannot_correct_onto_a_stopped_address(register_address: Bring) -> None:
    contact = register_address(WRONG.text)
    stop.withdraw(address=RIGHT, channel="link", actor=SUBJECT)
    with pytest.raises(Suppressed):
        rectify(address=WRONG, to=RIGHT, channel="source", actor=SYSTEM)
    assert find_contact(WRONG) == contact
    assert not is_suppressed(WRONG)


def test_an_unknown_address_gets_the_same_answer_and_changes_nothing() -> None:
    answer = rectify(address=WRONG, to=RIGHT, channel="web", actor=SUBJECT)
    assert (answer.was_known, answer.finished) == (False, True)
    assert not is_suppressed(WRONG)
    assert list(erasures.read_lines()) == []


def test_a_correction_made_just_now_is_not_stopped_again_later(register_address: Bring) -> None:
    """The task that finishes stops finds nothing of the old mailbox, and leaves the corrected contact alone."""
    from luvalla.register.tasks import finish_stops  # noqa: PLC0415  # registers its tasks

    contact = register_address(WRONG.text)
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=SYSTEM)
    stop.Stop.objects.update(answered_at=None, requested_at=timezone.now() - timedelta(hours=1))
    finish_stops()
    assert find_contact(RIGHT) == contact
