"""A copy from another controller waits sealed for somebody's decision, and gives nobody a letter by itself."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT, SYSTEM, Actor
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.register.models import Contact, PendingSignUp, Permission, Source
from luvalla.register.restriction import restrict
from luvalla.register.sign_up import confirm
from luvalla.register.stop import object_to
from luvalla.rights.actions import taking_in
from luvalla.rights.actions.taking_in import accept_copy, keep_copy, refuse_copy, show_copy
from luvalla.rights.copies.portability import NotPortable, Portable, as_json
from luvalla.rights.errors import CopyDecided, NobodyCanJoin, ReasonsMissing, StepRefused, TooManyWaiting
from luvalla.rights.holdings import REQUESTS
from luvalla.rights.keeping import COPIES, let_copies_go
from luvalla.rights.models import IncomingCopy
from luvalla.rules.address import normalise
from luvalla.rules.ports import Person
from luvalla.rules.retention import INCOMING_COPY
from tests.support.requests import Desk, mails
from tests.support.world import World

LIISA = "liisa.lahtija@esimerkki.fi"
SENDER = Actor("program", str(uuid.uuid4()))
PERMISSION = {"kind": "consent", "source": "x", "audience": "y", "purposes": ["direct_marketing"], "since": None}


def document(address: str = LIISA, language: str = "sv") -> bytes:
    made = Portable("Sen Oy", "2026-11-29T12:00:00+00:00", address, language, (PERMISSION,), {"meter": "7"}, ())
    return as_json(made)


def brought(number: uuid.UUID | None = None, content: bytes | None = None) -> IncomingCopy:
    return keep_copy(
        document=content or document(), sender="Toinen Energia", number=number or uuid.uuid4(), actor=SENDER
    )


def person_of(address: str) -> Person:
    parsed = normalise(address)
    return Person(sealer().folded_token(parsed), sealer().exact_token(parsed), (), address)


def test_a_copy_waits_sealed_and_brought_again_is_the_same(desk: Desk) -> None:
    number = uuid.uuid4()
    copy = brought(number)
    assert brought(number) == copy
    assert IncomingCopy.objects.count() == 1
    assert LIISA.encode() not in bytes(copy.sealed)
    assert not Contact.objects.exists()
    assert mails() == []
    assert LedgerRow.objects.filter(verb="rights.keep_copy").count() == 1
    assert show_copy(copy=copy, actor=desk.handler).address == LIISA
    assert LedgerRow.objects.filter(verb="rights.show_copy").count() == 1
    with pytest.raises(StepRefused):
        show_copy(copy=copy, actor=desk.clerk)


def test_an_accepted_person_is_a_contact_for_service_messages_by_their_own_request(world: World, desk: Desk) -> None:
    copy = brought()
    contact = accept_copy(copy=copy, actor=desk.handler)
    assert contact is not None
    permission = Permission.objects.get()
    assert (permission.contact, permission.kind, permission.purposes) == (contact, "service_message", "")
    proof = json.loads(
        sealer().open(bytes(permission.proof or b""), column="register.Permission.proof", token=bytes(contact.token))
    )
    assert (proof["sender"], proof["transmission"]) == ("Toinen Energia", str(copy.number))
    copy.refresh_from_db()
    assert (copy.state, bytes(copy.sealed), bytes(copy.folded)) == ("accepted", b"", b"")
    [mail] = mails("rights_taken_in")
    assert "Avsändare: Toinen Energia" in mail
    assert "/sv/dataskyddsbeskrivning/" in mail
    assert confirm(token=mail.partition("/bekrafta/")[2].split()[0], actor=SUBJECT) is not None
    assert set(Permission.objects.values_list("kind", flat=True)) == {"service_message", "consent"}
    with pytest.raises(CopyDecided):
        accept_copy(copy=copy, actor=desk.handler)
    with pytest.raises(CopyDecided):
        show_copy(copy=copy, actor=desk.handler)


def test_whoever_objected_here_is_asked_and_not_taken_in(world: World, desk: Desk) -> None:
    object_to(address=normalise(LIISA), channel="link", actor=SUBJECT)
    assert accept_copy(copy=brought(), actor=desk.handler) is None
    assert not Contact.objects.exists()
    [mail] = mails("rights_taken_in")
    assert "dataskyddsbeskrivning" not in mail
    assert confirm(token=mail.partition("/bekrafta/")[2].split()[0], actor=SUBJECT) is not None


def test_a_restricted_contact_is_left_alone(world: World, desk: Desk) -> None:
    assert accept_copy(copy=brought(), actor=desk.handler) is not None
    restrict(address=normalise(LIISA), reason="accuracy", channel="desk", actor=SYSTEM)
    assert accept_copy(copy=brought(), actor=desk.handler) is None
    assert Permission.objects.count() == 1


def test_a_refused_copy_is_erased_with_a_reason_in_the_ledger(desk: Desk) -> None:
    copy = brought()
    with pytest.raises(ReasonsMissing):
        refuse_copy(copy=copy, reason=" ", actor=desk.handler)
    with pytest.raises(StepRefused):
        refuse_copy(copy=copy, reason="no customer", actor=desk.clerk)
    refuse_copy(copy=copy, reason="no customer", actor=desk.handler)
    copy.refresh_from_db()
    assert (copy.state, bytes(copy.sealed)) == ("refused", b"")
    assert LedgerRow.objects.get(verb="rights.refuse_copy").reason == "no customer"
    assert not PendingSignUp.objects.exists()
    assert mails() == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, None])
def test_what_is_no_such_document_is_not_kept(desk: Desk, content: bytes | None) -> None:
    content = document().replace(b"liisa", b"li isa") if content is None else content
    with pytest.raises(NotPortable):
        keep_copy(document=content, sender="Toinen Energia", number=uuid.uuid4(), actor=SENDER)
    assert not IncomingCopy.objects.exists()


def test_a_sender_can_not_fill_the_desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking_in, "MOST_WAITING", 2)
    brought(), brought()
    with pytest.raises(TooManyWaiting):
        brought()
    refuse_copy(copy=IncomingCopy.objects.first() or IncomingCopy(), reason="no customer", actor=desk.handler)
    brought()


def test_a_strange_language_is_answered_in_the_houses(world: World, desk: Desk) -> None:
    accept_copy(copy=brought(content=document(language="../../x")), actor=desk.handler)
    assert "/vahvista/" in mails("rights_taken_in")[0]


def test_without_a_source_for_them_nobody_is_taken_in_and_the_copy_still_waits(world: World, desk: Desk) -> None:
    Source.objects.filter(is_sign_up=True).delete()
    copy = brought()
    with pytest.raises(NobodyCanJoin):
        accept_copy(copy=copy, actor=desk.handler)
    copy.refresh_from_db()
    assert copy.state == "waiting"


def test_what_waits_is_found_for_its_person_and_erased_with_them(world: World, desk: Desk) -> None:
    copy = brought()
    liisa = person_of(LIISA)
    [found] = REQUESTS.export(liisa)
    assert (found["kind"], found["ref"]) == ("incoming copy", str(copy.ref))
    assert LIISA in str(found["content"])
    object_to(address=normalise(LIISA), channel="link", actor=SUBJECT)
    assert not IncomingCopy.objects.exists()
    brought()
    assert REQUESTS.erase(liisa) == 1


def test_a_copy_nobody_decides_on_goes_after_its_time_and_the_decision_after_as_long(desk: Desk) -> None:
    copy, now = brought(), timezone.now()
    assert (COPIES.overdue(now), let_copies_go(now)) == (0, 0)
    later = now + INCOMING_COPY + timedelta(minutes=1)
    assert (COPIES.overdue(later), let_copies_go(later)) == (1, 1)
    copy.refresh_from_db()
    assert (copy.state, bytes(copy.sealed), bytes(copy.folded)) == ("expired", b"", b"")
    assert let_copies_go(later + INCOMING_COPY + timedelta(minutes=1)) == 1
    assert not IncomingCopy.objects.exists()
