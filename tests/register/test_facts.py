from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from luvalla.ledger.vault import sealer
from luvalla.register.facts import Candidate, FactsReader, mark_undeliverable
from luvalla.register.models import Batch, Contact, Permission, Prohibition, Source, Suppression
from luvalla.rules.gate import PermissionFacts
from luvalla.rules.purposes import PermissionKind, Prohibited
from tests.mailroom.world import World, add_contact, add_customers, add_permission, make_world

EVERYTHING = 1 << 40


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def read(world: World, *, low: int = 0, high: int = EVERYTHING, limit: int = 500) -> list[Candidate]:
    with transaction.atomic():
        return FactsReader().next_of_audience(
            audience=world.customers.pk, low=low, high=high, limit=limit, now=timezone.now()
        )


def batch(world: World, state: str) -> Batch:
    return Batch.objects.create(
        source=world.crm, audience=world.customers, permission="customer", state=state, brought_by="test"
    )


def test_a_customer_is_read_with_its_token_its_sealed_address_and_plain_facts(world: World) -> None:
    (contact,) = add_customers(world, ["matti@esimerkki.fi"])
    (found,) = read(world)
    assert (found.contact_id, found.token, found.sealed) == (contact.pk, contact.token, contact.sealed)
    customer = PermissionFacts(PermissionKind.CUSTOMER, world.customers.pk, has_evidence=True, purposes=frozenset())
    assert found.facts.permissions == (customer,)
    assert found.facts.prohibited is Prohibited.NOTHING
    assert (found.facts.suppressed, found.facts.restricted, found.facts.undeliverable) == (False, False, False)


def test_a_window_goes_on_where_the_last_one_ended(world: World) -> None:
    contacts = add_customers(world, [f"asiakas{number}@esimerkki.fi" for number in range(7)])
    first = read(world, limit=3)
    second = read(world, low=first[-1].contact_id + 1, high=contacts[5].pk + 1, limit=10)
    assert [each.contact_id for each in first + second] == [each.pk for each in contacts[:6]]


def test_a_contact_with_several_permissions_is_never_split_by_a_window(world: World) -> None:
    first, second = add_customers(world, ["a@esimerkki.fi", "b@esimerkki.fi"])
    add_permission(world, first, kind="consent", purposes="direct_marketing opinion_research")
    add_permission(world, first, audience=world.prospects)
    (found,) = read(world, limit=1)
    assert {(each.kind, each.audience, each.purposes) for each in found.facts.permissions} == {
        (PermissionKind.CUSTOMER, world.customers.pk, frozenset()),
        (PermissionKind.CONSENT, world.customers.pk, frozenset({"direct_marketing", "opinion_research"})),
        (PermissionKind.CUSTOMER, world.prospects.pk, frozenset()),
    }
    assert [each.contact_id for each in read(world, limit=2)] == [first.pk, second.pk]


def test_only_a_live_permission_brings_a_contact_into_the_audience(world: World) -> None:
    names = ("plain", "applied", "settled", "staged", "failed", "discarded", "ended", "ending", "to-end")
    contacts = dict(zip(names, [add_contact(f"{each}@esimerkki.fi") for each in names], strict=True))
    for name in names[1:6]:
        add_permission(world, contacts[name], batch=batch(world, name))
    add_permission(world, contacts["plain"])
    add_permission(world, contacts["ended"], ended_at=timezone.now())
    add_permission(world, contacts["ending"], ending_batch=batch(world, "applied"))
    add_permission(world, contacts["to-end"], ending_batch=batch(world, "discarded"))
    seen = {each.contact_id for each in read(world)}
    assert {name for name in names if contacts[name].pk in seen} == {"plain", "applied", "settled", "to-end"}


def test_a_contact_of_another_audience_is_not_read(world: World) -> None:
    add_permission(world, add_contact("toinen@esimerkki.fi"), audience=world.prospects)
    assert read(world) == []


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"restricted_at": timezone.now()}, "restricted"),
        ({"undeliverable_until": timezone.now() + timedelta(days=1)}, "undeliverable"),
    ],
)
def test_what_speaks_against_a_letter_is_a_fact(world: World, changes: dict[str, object], fact: str) -> None:
    (contact,) = add_customers(world, ["matti@esimerkki.fi"])
    Contact.objects.filter(pk=contact.pk).update(**changes)
    assert getattr(read(world)[0].facts, fact) is True


def test_an_undeliverable_contact_may_be_written_to_after_a_while(world: World) -> None:
    (contact,) = add_customers(world, ["matti@esimerkki.fi"])
    mark_undeliverable([contact.pk], until=timezone.now() - timedelta(seconds=1))
    assert read(world)[0].facts.undeliverable is False
    mark_undeliverable([contact.pk], until=timezone.now() + timedelta(seconds=60))
    assert read(world)[0].facts.undeliverable is True


def test_a_suppressed_mailbox_is_seen_through_every_tag_and_a_domain_through_every_mailbox(world: World) -> None:
    tagged, company, free = add_customers(
        world, ["matti+uutiset@esimerkki.fi", "kuka@yritys.example", "maija@esimerkki.fi"]
    )
    Suppression.objects.create(token=tagged.folded, scope=Suppression.MAILBOX, reason="withdrawal")
    Suppression.objects.create(token=company.domain, scope=Suppression.DOMAIN, reason="company")
    suppressed = {each.contact_id: each.facts.suppressed for each in read(world)}
    assert suppressed == {tagged.pk: True, company.pk: True, free.pk: False}


def test_a_suppression_that_has_expired_counts_no_more(world: World) -> None:
    (contact,) = add_customers(world, ["matti@esimerkki.fi"])
    over = timezone.now() - timedelta(seconds=1)
    Suppression.objects.create(token=contact.folded, reason="bounce", expires_at=over)
    assert read(world)[0].facts.suppressed is False


def test_prohibitions_are_found_by_the_mailbox(world: World) -> None:
    (contact,) = add_customers(world, ["matti+kauppa@esimerkki.fi"])
    kinds = Prohibited.DIRECT_MARKETING | Prohibited.RESEARCH
    Prohibition.objects.create(folded=contact.folded, kinds=int(kinds))
    assert read(world)[0].facts.prohibited == kinds


def test_evidence_is_the_source_s_statement_and_a_sign_up_s_own_proof(world: World) -> None:
    silent = Source.objects.create(key="list", name_fi="l", name_sv="l", name_en="l", default_audience=world.customers)
    contacts = [add_contact(f"{number}@esimerkki.fi") for number in range(4)]
    add_permission(world, contacts[0])
    add_permission(world, contacts[1], source=silent)
    add_permission(world, contacts[2], source=world.sign_up, kind="consent", proof=b"sealed")
    add_permission(world, contacts[3], source=world.sign_up, kind="consent")
    evidence = [each.facts.permissions[0].has_evidence for each in read(world)]
    assert evidence == [True, False, True, False]


def test_a_permission_of_an_unheard_of_kind_is_none(world: World) -> None:
    contact = add_contact("matti@esimerkki.fi")
    add_permission(world, contact, kind="customer")
    Permission.objects.update(kind="inherited")
    assert read(world)[0].facts.permissions == ()


def test_given_contacts_are_read_whatever_their_permissions_and_erased_ones_are_missing(world: World) -> None:
    (contact,) = add_customers(world, ["matti@esimerkki.fi"])
    bare = add_contact("maija@esimerkki.fi")
    with transaction.atomic():
        found = FactsReader().given([contact.pk, bare.pk, 999_999], now=timezone.now())
    assert [(each.contact_id, len(each.facts.permissions)) for each in found] == [(contact.pk, 1), (bare.pk, 0)]


def test_contacts_of_whom_the_same_is_known_share_one_object_of_facts(world: World) -> None:
    add_customers(world, ["a@esimerkki.fi", "b@esimerkki.fi"])
    first, second = read(world)
    assert first.facts is second.facts


def test_a_sealed_address_opens_with_its_token(world: World) -> None:
    add_customers(world, ["matti@esimerkki.fi"])
    (found,) = read(world)
    opened = sealer().open(found.sealed, column="register.Contact.sealed", token=found.token)
    assert opened == b"matti@esimerkki.fi"
