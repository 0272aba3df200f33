from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.ledger import erasures, vault
from luvalla.ledger.actors import SUBJECT, SYSTEM, person
from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import keyring, sealer
from luvalla.register import actions, stop
from luvalla.register.errors import WhomToStop
from luvalla.register.links import make_stop_token, read_stop_token
from luvalla.register.models import (
    Audience,
    Contact,
    PendingSignUp,
    Permission,
    PermissionProof,
    Prohibition,
    Restriction,
    Source,
    SourceNotice,
    Stop,
    Suppression,
)
from luvalla.register.proofs import kept_proof
from luvalla.register.queries import is_suppressed, prohibited_kinds
from luvalla.register.source_notices import address_of
from luvalla.register.tasks import finish_stops
from luvalla.rules.address import Address, normalise
from luvalla.rules.ports import Found, Holding, Person, Registry
from luvalla.rules.purposes import PermissionKind, Prohibited
from tests.register.conftest import PatientBarrier

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]
MAIJA = normalise("maija@esimerkki.fi")


class Shelf(Holding):
    """A store of another room, which may fail."""

    name = "shelf"
    models: tuple[str, ...] = ()
    retention = ""

    def __init__(self) -> None:
        self.asked: list[Person] = []
        self.fails = False

    def find(self, person: Person) -> list[Found]:
        """Find nothing."""
        del person
        return []

    def erase(self, person: Person) -> int:
        """Note whom it was asked for, or fail."""
        if self.fails:
            raise OSError
        self.asked.append(person)
        return 1


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    registry: Registry[Holding] = Registry("holding")
    registry.register("register", stop.REGISTER)
    monkeypatch.setattr(stop, "holdings", registry)
    made = Shelf()
    registry.register("shelf", made)
    return made


@pytest.fixture(autouse=True)
def _only_our_parts(barrier: PatientBarrier, shelf: Shelf) -> None:
    """Leave the other rooms out."""


def link_of(contact: Contact) -> str:
    return make_stop_token(contact_id=contact.pk, exact_token=bytes(contact.token), campaign_id=1, keyring=keyring())


@pytest.mark.parametrize("how", [stop.withdraw, stop.object_to, stop.erase])
def test_a_stop_erases_the_address_and_leaves_its_token(
    register_address: Bring, how: Callable[..., stop.StopAnswer], barrier: PatientBarrier
) -> None:
    contact = register_address("Maija@esimerkki.fi")
    answer = how(address=MAIJA, channel="desk", actor=SUBJECT)
    assert answer.was_known
    assert answer.finished
    assert not Contact.objects.exists()
    assert not Permission.objects.exists()
    assert is_suppressed(MAIJA)
    assert Suppression.objects.get().reason == answer.kind
    assert barrier.asked == [(contact.pk,)]


@pytest.mark.parametrize("how", [stop.withdraw, stop.object_to, stop.erase])
def test_a_contact_whose_seal_is_broken_is_stopped_and_erased_by_its_token(
    register_address: Bring, how: Callable[..., stop.StopAnswer]
) -> None:
    """Damage to a row keeps nobody in the register; its sources can't be told an address that nobody can read."""
    damaged, whole = register_address("maija@esimerkki.fi"), register_address("matti@esimerkki.fi")
    Contact.objects.filter(pk=damaged.pk).update(sealed=b"damaged")
    Permission.objects.filter(contact=damaged).update(proof=b"damaged")
    assert how(contact_id=damaged.pk, channel="desk", actor=SUBJECT).finished
    assert list(Contact.objects.all()) == [whole]
    assert is_suppressed(MAIJA)
    assert not Stop.objects.filter(answered_at=None).exists()
    assert not SourceNotice.objects.exists()
    (permission,) = kept_proof(PermissionProof.objects.get())["permissions"]  # type: ignore[misc]  # a list of one
    assert (permission["kind"], permission["proof"]) == ("customer", None)


def test_a_prohibition_of_a_contact_whose_seal_is_broken_stands(register_address: Bring) -> None:
    damaged = register_address("maija@esimerkki.fi")
    Contact.objects.filter(pk=damaged.pk).update(sealed=b"damaged")
    answer = stop.prohibit(contact_id=damaged.pk, kinds=Prohibited.DIRECT_MARKETING, channel="desk", actor=SUBJECT)
    assert answer.finished
    assert prohibited_kinds(bytes(damaged.folded)) == Prohibited.DIRECT_MARKETING


def test_a_stop_whose_own_seal_is_broken_is_finished_by_its_token(
    register_address: Bring, barrier: PatientBarrier
) -> None:
    register_address("maija@esimerkki.fi")
    barrier.meanwhile = lambda: Stop.objects.update(sealed=b"damaged")
    assert stop.withdraw(address=MAIJA, channel="desk", actor=SUBJECT).finished
    assert not Contact.objects.exists()


def test_every_spelling_of_the_mailbox_goes(register_address: Bring) -> None:
    for each in ("maija@esimerkki.fi", "maija+uutiset@esimerkki.fi", "MAIJA+x@Esimerkki.fi"):
        register_address(each)
    other = register_address("matti@esimerkki.fi")
    stop.withdraw(address=normalise("Maija+anything@esimerkki.fi"), channel="desk", actor=SUBJECT)
    assert list(Contact.objects.all()) == [other]


def test_the_block_is_committed_before_the_wait_and_the_erasure_after_it(
    register_address: Bring, barrier: PatientBarrier, shelf: Shelf
) -> None:
    register_address("maija@esimerkki.fi")
    seen: list[object] = []

    def look() -> None:
        seen.append((is_suppressed(MAIJA), Contact.objects.count(), len(list(erasures.read_lines())), shelf.asked))

    barrier.meanwhile = look
    stop.withdraw(address=MAIJA, channel="desk", actor=SUBJECT)
    assert seen == [(True, 1, 2, shelf.asked)]
    assert len(shelf.asked) == 1


def test_other_stores_are_told_everything_that_leads_to_the_person(register_address: Bring, shelf: Shelf) -> None:
    ids = {register_address(each).pk for each in ("maija@esimerkki.fi", "maija+x@esimerkki.fi")}
    stop.withdraw(address=MAIJA, channel="desk", actor=SUBJECT)
    (asked,) = shelf.asked
    assert asked.folded == sealer().folded_token(MAIJA)
    assert asked.exact == sealer().exact_token(MAIJA)
    assert asked.address == "maija@esimerkki.fi"
    assert set(asked.contact_ids) == ids


def test_the_source_is_told_once(register_address: Bring, crm: Source) -> None:
    register_address("maija@esimerkki.fi")
    stop.withdraw(address=MAIJA, channel="desk", actor=SUBJECT)
    stop.withdraw(address=MAIJA, channel="desk", actor=SUBJECT)
    notice = SourceNotice.objects.get()
    assert (notice.source, notice.kind, address_of(notice)) == (crm, "withdrawal", "maija@esimerkki.fi")
    assert b"maija" not in bytes(notice.sealed)


def test_the_sites_own_sign_up_is_not_told(sign_up: Source, customers: Audience) -> None:
    actions.add_permission(
        address=MAIJA, kind=PermissionKind.CONSENT, source=sign_up, audience=customers, actor=SUBJECT,
        proof={"wording": "Yes, please", "language": "en"},
    )  # fmt: skip
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    assert not SourceNotice.objects.exists()


def test_the_proof_of_the_permission_is_kept_sealed_with_an_end(sign_up: Source, customers: Audience) -> None:
    actions.add_permission(
        address=MAIJA, kind=PermissionKind.CONSENT, source=sign_up, audience=customers, actor=SUBJECT,
        proof={"wording": "Yes, please", "language": "en"},
    )  # fmt: skip
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    proof = PermissionProof.objects.get()
    assert timezone.now() + timedelta(days=3 * 365 - 1) < proof.expires_at
    kept = kept_proof(proof)
    assert kept["ended_by"] == "withdrawal"
    assert kept["permissions"][0]["proof"] == {"wording": "Yes, please", "language": "en"}
    assert "maija" not in str(kept)


def test_the_ledger_speaks_of_the_stop_in_random_references_only(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    answer = stop.withdraw(address=MAIJA, channel="one_click", actor=SUBJECT)
    begun, answered = LedgerRow.objects.filter(subject_ref=answer.ref).order_by("pk")
    assert (begun.verb, answered.verb) == ("register.stop", "register.answer_stop")
    assert begun.facts == {"kind": "withdrawal", "channel": "one_click", "contacts": [str(contact.ref)]}
    assert answered.facts["erased"] == {"shelf": 1, "register": 2}
    assert answered.actor == "subject"
    everything = str(list(LedgerRow.objects.values()))
    assert "maija" not in everything
    assert bytes(contact.folded).hex() not in everything


def test_the_person_who_carries_it_out_stands_in_both_rows(register_address: Bring) -> None:
    register_address("maija@esimerkki.fi")
    answer = stop.erase(address=MAIJA, channel="desk", actor=person("0b1d"))
    assert set(LedgerRow.objects.filter(subject_ref=answer.ref).values_list("actor", flat=True)) == {"person:0b1d"}


def test_a_finished_stop_forgets_whom_it_was_for(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    stop.withdraw(address=MAIJA, channel="desk", actor=SUBJECT)
    done = Stop.objects.get()
    assert (bytes(done.folded), bytes(done.sealed), done.contact_ids) == (b"", b"", [contact.pk])
    assert done.answered_at


def test_an_unknown_address_is_stopped_and_answered_the_same_way() -> None:
    answer = stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    assert (answer.kind, answer.finished) == ("withdrawal", True)
    assert not answer.was_known
    assert is_suppressed(MAIJA)
    assert [each.entry.operation.value for each in erasures.read_lines()] == ["erase", "suppress"]


def test_a_second_stop_is_answered_and_writes_no_second_token(register_address: Bring) -> None:
    register_address("maija@esimerkki.fi")
    first = stop.withdraw(address=MAIJA, channel="desk", actor=SUBJECT)
    second = stop.withdraw(address=MAIJA, channel="desk", actor=SUBJECT)
    assert (first.kind, first.finished) == (second.kind, second.finished)
    assert Suppression.objects.count() == 1
    assert len(list(erasures.read_lines())) == 2


def test_what_came_after_the_first_stop_goes_with_the_second(shelf: Shelf) -> None:
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    folded = sealer().folded_token(MAIJA)
    PendingSignUp.objects.create(folded=folded, sealed=b"x", expires_at=timezone.now() + timedelta(days=7))
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    assert not PendingSignUp.objects.exists()
    assert len(shelf.asked) == 2


def test_a_stopped_address_put_back_by_hand_gets_a_new_line(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    Suppression.objects.create(token=bytes(contact.folded), reason="withdrawal")
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    assert len(list(erasures.read_lines())) == 2
    assert not Contact.objects.exists()


def test_a_link_stops_its_contact(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    link = read_stop_token(link_of(contact), keyring())
    assert stop.withdraw(link=link, channel="one_click", actor=SUBJECT).was_known
    assert is_suppressed(MAIJA)


def test_a_link_of_an_erased_contact_is_answered_kindly(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    link = read_stop_token(link_of(contact), keyring())
    stop.withdraw(link=link, channel="one_click", actor=SUBJECT)
    again = stop.withdraw(link=link, channel="one_click", actor=SUBJECT)
    assert (again.kind, again.finished, again.was_known) == ("withdrawal", True, False)


def test_a_link_whose_number_now_belongs_to_somebody_else_stops_nobody(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    text = make_stop_token(contact_id=contact.pk, exact_token=b"another" * 5, campaign_id=1, keyring=keyring())
    stop.withdraw(link=read_stop_token(text, keyring()), channel="one_click", actor=SUBJECT)
    assert Contact.objects.exists()
    assert not Suppression.objects.exists()


def test_a_link_still_stops_after_its_link_key_was_replaced(
    register_address: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = register_address("maija@esimerkki.fi")
    text = link_of(contact)
    newer = keyring().with_new_link_key()
    monkeypatch.setenv("LUVALLA_KEYS", newer.to_json())
    vault.forget_keys()
    try:
        assert stop.withdraw(link=read_stop_token(text, keyring()), channel="one_click", actor=SUBJECT).was_known
    finally:
        vault.forget_keys()


def test_a_contact_whose_address_cannot_be_opened_is_stopped_by_its_token(
    register_address: Bring, shelf: Shelf
) -> None:
    contact = register_address("maija@esimerkki.fi")
    Contact.objects.update(sealed=b"\x01\xff broken" * 4)
    monkey = stop.withdraw(contact_id=contact.pk, channel="desk", actor=SYSTEM)
    assert is_suppressed(MAIJA)
    assert monkey.was_known


def test_a_stop_needs_to_be_told_whom() -> None:
    with pytest.raises(WhomToStop):
        stop.withdraw(channel="web", actor=SUBJECT)


def test_nothing_is_done_when_the_ledger_of_erasures_cannot_be_written(
    register_address: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_address("maija@esimerkki.fi")

    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(erasures, "_put", full)
    with pytest.raises(ErasuresUnwritable):
        stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    with pytest.raises(ErasuresUnwritable):
        stop.restrict(address=MAIJA, reason="accuracy", channel="web", actor=SUBJECT)
    with pytest.raises(ErasuresUnwritable):
        stop.prohibit(address=MAIJA, kinds=Prohibited.RESEARCH, channel="web", actor=SUBJECT)
    assert Contact.objects.filter(restricted_at=None).count() == 1
    assert not Suppression.objects.exists()
    assert not Stop.objects.exists()
    assert not Prohibition.objects.exists()


def test_a_window_that_still_holds_the_contact_leaves_the_rest_for_later(
    register_address: Bring, barrier: PatientBarrier
) -> None:
    register_address("maija@esimerkki.fi")
    barrier.answer = False
    answer = stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    assert not answer.finished
    assert is_suppressed(MAIJA)
    assert Contact.objects.exists()
    barrier.answer = True
    assert finish_stops() == 0
    Stop.objects.update(requested_at=timezone.now() - timedelta(minutes=1))
    assert finish_stops() == 1
    assert not Contact.objects.exists()
    assert SourceNotice.objects.count() == 1
    assert finish_stops() == 0


def test_a_store_that_fails_is_tried_again_and_the_block_stands(
    register_address: Bring, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    register_address("maija@esimerkki.fi")
    shelf.fails = True
    answer = stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    assert not answer.finished
    assert is_suppressed(MAIJA)
    assert "OSError" in caplog.text
    assert "maija" not in caplog.text
    shelf.fails = False
    Stop.objects.update(requested_at=timezone.now() - timedelta(minutes=1))
    finish_stops()
    assert not Contact.objects.exists()
    assert shelf.asked[0].address == "maija@esimerkki.fi"


def test_a_stop_finished_twice_tells_the_source_once(register_address: Bring, barrier: PatientBarrier) -> None:
    register_address("maija@esimerkki.fi")
    barrier.answer = False
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    barrier.answer = True
    first, second = Stop.objects.get(), Stop.objects.get()
    assert stop.finish(first)
    assert stop.finish(second)
    assert SourceNotice.objects.count() == 1
    assert LedgerRow.objects.filter(verb="register.answer_stop").count() == 1


def test_a_restriction_keeps_everything_and_waits(register_address: Bring, barrier: PatientBarrier) -> None:
    contacts = {register_address(each).pk for each in ("maija@esimerkki.fi", "maija+x@esimerkki.fi")}
    answer = stop.restrict(address=MAIJA, reason="accuracy contested", channel="desk", actor=SUBJECT)
    assert answer.finished
    assert Contact.objects.exclude(restricted_at=None).count() == 2
    assert {each.contact_id for each in Restriction.objects.filter(lifted_at=None)} == contacts
    assert set(barrier.asked[0]) == contacts
    assert not Suppression.objects.exists()
    assert Stop.objects.get().answered_at


def test_a_restriction_of_an_unknown_address_is_answered_the_same_way() -> None:
    answer = stop.restrict(address=MAIJA, reason="accuracy", channel="web", actor=SUBJECT)
    assert (answer.kind, answer.finished) == ("restriction", True)
    assert not Contact.objects.exists()


def test_a_restricted_contact_can_still_be_erased(register_address: Bring) -> None:
    register_address("maija@esimerkki.fi")
    stop.restrict(address=MAIJA, reason="accuracy", channel="desk", actor=SUBJECT)
    stop.erase(address=MAIJA, channel="desk", actor=SUBJECT)
    assert not Contact.objects.exists()
    assert not Restriction.objects.exists()


def test_a_prohibition_keeps_the_contact_tells_the_source_and_waits(
    register_address: Bring, barrier: PatientBarrier
) -> None:
    contact = register_address("maija@esimerkki.fi")
    link = read_stop_token(link_of(contact), keyring())
    answer = stop.prohibit(link=link, kinds=Prohibited.RESEARCH, channel="web", actor=SUBJECT)
    assert answer.finished
    assert Contact.objects.exists()
    assert prohibited_kinds(bytes(contact.folded)) == Prohibited.RESEARCH
    assert barrier.asked == [(contact.pk,)]
    notice = SourceNotice.objects.get()
    assert (notice.kind, Prohibited(notice.prohibited)) == ("prohibition", Prohibited.RESEARCH)


def test_a_prohibition_of_an_unknown_address_holds_when_it_comes(register_address: Bring) -> None:
    stop.prohibit(address=MAIJA, kinds=Prohibited.DIRECT_MARKETING, channel="web", actor=SUBJECT)
    contact = register_address("maija+x@esimerkki.fi")
    assert prohibited_kinds(bytes(contact.folded)) == Prohibited.DIRECT_MARKETING


def test_a_companys_prohibition_stops_its_domain_and_erases_its_contacts(
    register_address: Bring, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stop, "MAILBOXES_AT_ONCE", 2)
    for name in ("a", "b", "c", "d", "e"):
        register_address(f"{name}@yritys.example.com")
    other = register_address("f@example.com")
    answer = stop.stop_company(domain="yritys.example.com", channel="desk", actor=person("x"))
    assert answer.finished
    assert list(Contact.objects.all()) == [other]
    assert is_suppressed(Address("anybody", "yritys.example.com"))
    assert not is_suppressed(Address("f", "example.com"))
    assert Counter(SourceNotice.objects.values_list("kind", flat=True)) == {"company": 5, "company_domain": 1}
    assert LedgerRow.objects.filter(verb="register.answer_stop").count() == 1
