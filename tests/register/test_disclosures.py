"""To whom a person's data was really disclosed: by exports for a recipient, or else by the recipient's time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.organisation.models import Disclosee
from luvalla.register import actions, rectification, stop
from luvalla.register.disclosures import Known, Span, Stay, disclosed_to
from luvalla.register.errors import NotDisclosed
from luvalla.register.models import Audience, Contact, Disclosure, Permission, Prohibition, Seen, Source
from luvalla.register.seen import Numbered
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind, Prohibited
from tests.register.conftest import PatientBarrier
from tests.support.requests import add_disclosee

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]
MAIJA = "maija.malli@esimerkki.fi"
TODAY = date(2026, 6, 15)
NOON = datetime.fromisoformat("2026-06-15T12:00+03:00")


@pytest.fixture(autouse=True)
def today() -> object:
    with time_machine.travel(NOON, tick=False) as moment:
        yield moment


def names(address: str = MAIJA) -> list[str]:
    return [each.name for each in disclosed_to(sealer().folded_token(normalise(address)))]


def give(audience: Audience, name: str, *, begins: date = TODAY) -> None:
    """Export an audience for a recipient of that name."""
    to = add_disclosee(name, begins=begins)
    list(actions.export_contacts(audience=audience, to=to, purpose="disclosure", reason="by contract", actor=SYSTEM))


def test_nobody_is_told_of_a_person_who_was_never_here(register_address: Bring) -> None:
    add_disclosee("Vertailu Oy")
    register_address(MAIJA)
    assert names("tuntematon@esimerkki.fi") == []
    assert disclosed_to(b"") == []
    assert names() == ["Vertailu Oy"]


def test_a_disclosure_that_ended_after_the_person_came_still_counts(register_address: Bring) -> None:
    with time_machine.travel(NOON - timedelta(days=100), tick=False):
        register_address(MAIJA)
    add_disclosee("Päättynyt Oy", ends=TODAY - timedelta(days=1))
    add_disclosee("Varhain päättynyt Oy", ends=TODAY - timedelta(days=101))
    add_disclosee("Tulossa Oy", begins=TODAY + timedelta(days=1))
    assert names() == ["Päättynyt Oy"]


def test_who_was_erased_before_is_known_by_the_proof(register_address: Bring, barrier: PatientBarrier) -> None:
    with time_machine.travel(NOON - timedelta(days=100), tick=False):
        register_address(MAIJA)
        add_disclosee("Vertailu Oy")
    stop.withdraw(address=normalise(MAIJA), channel="web", actor=SUBJECT)
    add_disclosee("Myöhempi Oy", begins=TODAY + timedelta(days=1))
    with time_machine.travel(NOON + timedelta(days=10), tick=False):
        assert names() == ["Vertailu Oy"]


def test_what_was_exported_for_a_disclosee_says_who_was_in_it(
    register_address: Bring, customers: Audience, crm: Source
) -> None:
    others = Audience.objects.create(key="others", name_fi="x", name_sv="x", name_en="x")
    register_address(MAIJA)
    give(customers, "Vertailu Oy")
    give(others, "Toisten Oy")
    assert names() == ["Vertailu Oy"], "the others' recipient got nothing of hers"
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        register_address("myohempi@esimerkki.fi")
    assert names("myohempi@esimerkki.fi") == [], "who came after the export was not in it"
    row = LedgerRow.objects.filter(verb="register.export_contacts").order_by("pk").first()
    assert row is not None
    assert row.facts == {"contacts": 1, "disclosee": Disclosure.objects.order_by("pk")[0].to_id}


def test_nothing_is_exported_for_a_disclosee_whose_time_is_over(register_address: Bring, customers: Audience) -> None:
    register_address(MAIJA)
    to = add_disclosee("Päättynyt Oy", ends=TODAY - timedelta(days=1))
    with pytest.raises(NotDisclosed):
        actions.export_contacts(audience=customers, to=to, purpose="disclosure", reason="by contract", actor=SYSTEM)
    assert not Disclosure.objects.exists()
    assert not LedgerRow.objects.filter(verb="register.export_contacts").exists()


def test_who_had_forbidden_disclosure_before_was_not_disclosed(
    register_address: Bring, customers: Audience, barrier: PatientBarrier
) -> None:
    register_address(MAIJA)
    kinds = Prohibited.RESEARCH
    stop.prohibit(address=normalise(MAIJA), kinds=kinds, channel="web", actor=SUBJECT)
    assert Prohibition.objects.get().disclosure_since is None
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        give(customers, "Ennen Oy")
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        stop.prohibit(address=normalise(MAIJA), kinds=Prohibited.DISCLOSURE, channel="web", actor=SUBJECT)
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):
        give(customers, "Jälkeen Oy")
        add_disclosee("Aikanaan Oy", begins=TODAY + timedelta(days=1))
    with time_machine.travel(NOON + timedelta(days=2), tick=False):
        assert names() == ["Ennen Oy"], "an older ban on research hides no disclosure, and a later ban none before it"
    actions.lift_prohibition(
        folded=sealer().folded_token(normalise(MAIJA)), kinds=Prohibited.DISCLOSURE, channel="web", actor=SUBJECT
    )
    assert Prohibition.objects.get().disclosure_since is None


def test_who_was_restricted_at_that_moment_was_not_disclosed(register_address: Bring, customers: Audience) -> None:
    contact = register_address(MAIJA)
    actions.restrict_contact(contact=contact, reason="claim", actor=SYSTEM)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        give(customers, "Sillä aikaa Oy")
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        actions.announce_lifting(contact=contact, actor=SYSTEM)
        actions.lift_restriction(contact=contact, actor=SYSTEM)
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):
        give(customers, "Jälkeen Oy")
        assert names() == ["Jälkeen Oy"]


def test_an_export_that_was_never_applied_brought_nobody_here(crm: Source) -> None:
    batch = crm.batch_set.create(audience=crm.default_audience, permission=PermissionKind.CUSTOMER, brought_by="x")
    actions.add_permission(
        address=normalise(MAIJA), kind=PermissionKind.CUSTOMER, source=crm, audience=crm.default_audience,
        batch=batch, actor=SYSTEM,
    )  # fmt: skip
    add_disclosee("Vertailu Oy")
    assert names() == []
    batch.state, batch.applied_at = "applied", timezone.now()
    batch.save()
    assert names() == ["Vertailu Oy"]


def test_an_export_whose_set_is_kept_says_exactly_who_was_in_it_whatever_the_permissions_say_now(
    register_address: Bring, customers: Audience, barrier: PatientBarrier
) -> None:
    maija, matti = register_address(MAIJA), register_address("matti.malli@esimerkki.fi")
    stop.prohibit(address=normalise(MAIJA), kinds=Prohibited.DISCLOSURE, channel="web", actor=SUBJECT)
    give(customers, "Vertailu Oy")
    Prohibition.objects.all().delete()
    Permission.objects.filter(contact=matti).update(created_at=NOON + timedelta(days=1))
    assert names() == [], "she was left out, though nothing says so any more"
    assert names("matti.malli@esimerkki.fi") == ["Vertailu Oy"]
    Seen.objects.all().delete()
    assert names() == ["Vertailu Oy"], "once the set has gone the permissions are asked"
    assert names("matti.malli@esimerkki.fi") == []
    assert maija.pk


def test_a_corrected_address_keeps_the_exports_it_was_in_also_where_two_became_one(
    register_address: Bring, customers: Audience, barrier: PatientBarrier
) -> None:
    new = "uusi.maija@esimerkki.fi"
    register_address(MAIJA)
    give(customers, "Vertailu Oy")
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        register_address(new)
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        rectification.rectify(address=normalise(MAIJA), to=normalise(new), channel="web", actor=SYSTEM)
        assert Contact.objects.count() == 1
        assert names(new) == ["Vertailu Oy"]


def test_a_disclosee_of_single_disclosures_has_nobody_else(register_address: Bring) -> None:
    register_address(MAIJA)
    add_disclosee("Poliisi")
    assert names() == ["Poliisi"]
    Disclosee.objects.update(is_noted_singly=True)
    assert names() == []


def test_what_tells_of_disclosures_can_be_written_down_and_read_again() -> None:
    then = timezone.now()
    lasting, ended = Span(then, None), Span(then, then + timedelta(days=1))
    known = Known(
        numbers=[Numbered(7, then)], stays=[Stay("customers", lasting)], proved=[Stay("prospects", ended)],
        barred=[ended, lasting], given=[3],
    )  # fmt: skip
    assert Known.from_json(known.to_json()) == known
    assert Known.from_json(Known().to_json()) == Known()
