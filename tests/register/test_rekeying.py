"""A new token key: every token is brought up without an address, and everything that hangs on tokens still works."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.ledger import rekeying, vault
from luvalla.ledger.actors import OPERATOR, SUBJECT
from luvalla.ledger.errors import KeysAhead
from luvalla.ledger.keycheck import check_keys, token_generation
from luvalla.ledger.models import LedgerRow, Rekeying
from luvalla.ledger.rekeying import rekey_tokens
from luvalla.ledger.vault import keyring, sealer
from luvalla.organisation.models import DeclaredField
from luvalla.register import actions, stop
from luvalla.register.columns import DECLARED_VALUE, PENDING_SIGN_UP
from luvalla.register.errors import Suppressed
from luvalla.register.holdings import REGISTER
from luvalla.register.links import make_stop_token, read_stop_token
from luvalla.register.models import (
    Audience,
    Contact,
    DeclaredValue,
    PendingSignUp,
    PermissionProof,
    Source,
    SourceNotice,
)
from luvalla.register.proofs import given_proof, kept_proof
from luvalla.register.queries import (
    contact_of_link,
    contacts_of_domain,
    find_contact,
    is_suppressed,
    open_address,
    prohibited_kinds,
)
from luvalla.register.source_notices import address_of
from luvalla.rules.address import normalise
from luvalla.rules.ports import Person
from luvalla.rules.purposes import PermissionKind, Prohibited
from tests.register.conftest import PatientBarrier

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]
MAIJA, STOPPED = normalise("maija+uutiset@esimerkki.fi"), normalise("seppo@esimerkki.fi")


@pytest.fixture(autouse=True)
def _first_key() -> Iterator[None]:
    check_keys()
    yield
    vault.forget_keys()


@pytest.fixture
def contact(sign_up: Source, customers: Audience) -> Contact:
    permission = actions.add_permission(
        address=MAIJA, kind=PermissionKind.CONSENT, source=sign_up, audience=customers, proof={"wording": "Yes"},
        actor=SUBJECT,
    )  # fmt: skip
    field = DeclaredField.objects.create(key="area", reason="r", name_fi="Alue", name_sv="Område", name_en="Area")
    token = bytes(permission.contact.token)
    sealed = sealer().seal(b"North", column=DECLARED_VALUE, token=token)
    DeclaredValue.objects.create(contact=permission.contact, field=field, sealed=sealed)
    return permission.contact


def take_new_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUVALLA_KEYS", keyring().with_new_token_key().to_json())
    vault.forget_keys()


def test_look_ups_tags_suppressions_and_bans_work_after_a_new_key(
    contact: Contact, register_address: Bring, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_address("seppo@esimerkki.fi")
    stop.withdraw(address=STOPPED, channel="web", actor=SUBJECT)
    stop.prohibit(address=MAIJA, kinds=Prohibited.RESEARCH, channel="web", actor=SUBJECT)
    stop.stop_company(domain="yritys.example.com", channel="desk", actor=OPERATOR)
    before = bytes(contact.token)
    take_new_key(monkeypatch)
    assert find_contact(MAIJA) is None
    assert rekey_tokens(actor=OPERATOR) > 0

    contact.refresh_from_db()
    assert bytes(contact.token) == sealer().exact_token(MAIJA) != before
    assert find_contact(MAIJA) == contact
    assert open_address(contact) == MAIJA.text
    assert list(contacts_of_domain("esimerkki.fi")) == [contact]
    assert is_suppressed(STOPPED)
    with pytest.raises(Suppressed):
        register_address("Seppo+again@esimerkki.fi")
    with pytest.raises(Suppressed):
        register_address("anybody@yritys.example.com")
    assert prohibited_kinds(sealer().folded_token(normalise("maija@esimerkki.fi"))) == Prohibited.RESEARCH


def test_everything_sealed_opens_after_a_new_key(
    contact: Contact, register_address: Bring, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_address("seppo@esimerkki.fi")
    stop.withdraw(address=STOPPED, channel="web", actor=SUBJECT)
    folded = sealer().folded_token(MAIJA)
    waiting = sealer().seal(b'{"address": "..."}', column=PENDING_SIGN_UP, token=folded)
    PendingSignUp.objects.create(folded=folded, sealed=waiting, expires_at=timezone.now() + timedelta(days=1))
    take_new_key(monkeypatch)
    rekey_tokens(actor=OPERATOR)

    contact.refresh_from_db()
    assert given_proof(contact.permissions.get(), contact) == {"wording": "Yes"}
    assert address_of(SourceNotice.objects.get()) == STOPPED.text
    assert kept_proof(PermissionProof.objects.get())["ended_by"] == "withdrawal"
    found = {each.kind: each.content for each in REGISTER.find(Person(sealer().folded_token(MAIJA)))}
    assert found["declared_value"] == {"area": "North"}
    assert found["pending_sign_up"] == {"address": "..."}


def test_a_stop_link_made_before_the_new_key_still_stops(
    contact: Contact, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = make_stop_token(contact_id=contact.pk, exact_token=bytes(contact.token), campaign_id=1, keyring=keyring())
    for _ in range(2):
        take_new_key(monkeypatch)
        rekey_tokens(actor=OPERATOR)
    link = read_stop_token(text, keyring())
    assert link is not None
    assert contact_of_link(link) == contact
    stop.withdraw(link=link, channel="one_click", actor=SUBJECT)
    assert is_suppressed(MAIJA)
    assert not Contact.objects.exists()


def test_an_unfinished_stop_is_finished_after_a_new_key(
    register_address: Bring, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_address("seppo@esimerkki.fi")
    barrier.answer = False
    stop.withdraw(address=STOPPED, channel="web", actor=SUBJECT)
    take_new_key(monkeypatch)
    rekey_tokens(actor=OPERATOR)
    barrier.answer = True
    (left,) = stop.unfinished(timezone.now())
    assert stop.finish(left)
    assert not Contact.objects.exists()


def test_an_interrupted_change_goes_on_where_it_was(register_address: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{secrets.token_hex(4)}@esimerkki.fi" for _ in range(10)]
    for each in names:
        register_address(each)
    monkeypatch.setattr(rekeying, "ROWS_AT_ONCE", 3)
    take_new_key(monkeypatch)
    steps = iter(range(2))
    real = rekeying._bring_some_up

    def die(*given: object) -> int:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(rekeying, "_bring_some_up", die)
    with pytest.raises(KeyboardInterrupt):
        rekey_tokens(actor=OPERATOR)
    assert Rekeying.objects.get().done_up_to > 0
    with pytest.raises(KeysAhead):
        check_keys()
    monkeypatch.setattr(rekeying, "_bring_some_up", real)
    assert rekey_tokens(actor=OPERATOR) == 4
    assert all(find_contact(normalise(each)) for each in names)
    check_keys()
    assert token_generation() == 2
    assert not Rekeying.objects.exists()


def test_a_change_that_is_done_is_not_done_again(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rekey_tokens(actor=OPERATOR) == 0
    take_new_key(monkeypatch)
    assert rekey_tokens(actor=OPERATOR) == 1
    assert rekey_tokens(actor=OPERATOR) == 0
    assert LedgerRow.objects.get(verb="ledger.rekey_tokens").facts == {"generation": 2}
