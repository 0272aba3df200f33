from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from luvalla.ledger import erasures
from luvalla.ledger.actors import SUBJECT, SYSTEM, person
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.register import actions
from luvalla.register.errors import LiftingNotAnnounced, NotRestricted, ReasonMissing, Suppressed
from luvalla.register.models import Audience, Batch, Contact, Permission, Prohibition, Source, Suppression
from luvalla.register.proofs import given_proof
from luvalla.register.queries import (
    contacts_of_domain,
    find_contact,
    is_suppressed,
    live_permissions,
    open_address,
    prohibited_kinds,
    shown_address,
    shown_addresses,
    visible_contacts,
)
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind, Prohibited

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]


def suppress(text: str, **changes: object) -> Suppression:
    token = sealer().folded_token(normalise(text))
    return Suppression.objects.create(token=token, reason="withdrawal", **changes)


def test_a_permission_makes_its_contact_sealed(register_address: Bring) -> None:
    contact = register_address("Maija.Meikalainen@Esimerkki.FI")
    contact.refresh_from_db()
    assert open_address(contact) == "maija.meikalainen@esimerkki.fi"
    stored = b"".join(bytes(each) for each in (contact.token, contact.folded, contact.domain, contact.sealed))
    assert b"maija" not in stored
    assert b"esimerkki" not in stored
    assert find_contact(normalise("maija.meikalainen@esimerkki.fi")) == contact
    row = LedgerRow.objects.get(verb="register.add_permission")
    assert (row.subject_ref, row.facts["kind"]) == (str(contact.ref), "customer")


def test_a_second_permission_of_an_address_uses_its_contact(
    register_address: Bring, sign_up: Source, customers: Audience
) -> None:
    contact = register_address("maija@esimerkki.fi")
    permission = actions.add_permission(
        address=normalise("MAIJA@esimerkki.fi"),
        kind=PermissionKind.CONSENT,
        source=sign_up,
        audience=customers,
        purposes=("direct_marketing", "opinion_research"),
        since=date(2026, 11, 24),
        proof={"wording": "Yes, please"},
        actor=SUBJECT,
    )
    assert permission.contact == contact
    assert permission.purposes == "direct_marketing opinion_research"
    assert given_proof(permission, contact) == {"wording": "Yes, please"}
    assert b"please" not in bytes(permission.proof or b"")


def test_a_stopped_address_is_refused_whatever_its_tag(register_address: Bring) -> None:
    suppress("maija@esimerkki.fi")
    for spelling in ("maija@esimerkki.fi", "Maija+uutiset@Esimerkki.fi"):
        with pytest.raises(Suppressed):
            register_address(spelling)
    assert not Contact.objects.exists()


def test_a_stopped_domain_is_refused(register_address: Bring) -> None:
    Suppression.objects.create(token=sealer().domain_token("esimerkki.fi"), scope="domain", reason="company")
    with pytest.raises(Suppressed):
        register_address("kuka@esimerkki.fi")


def test_an_ended_suppression_counts_no_more(register_address: Bring) -> None:
    suppress("maija@esimerkki.fi", expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert not is_suppressed(normalise("maija@esimerkki.fi"))
    assert register_address("maija@esimerkki.fi")


def test_a_newer_consent_lifts_the_mailboxs_own_suppression(sign_up: Source, customers: Audience) -> None:
    suppress("maija@esimerkki.fi")
    permission = actions.add_permission(
        address=normalise("maija@esimerkki.fi"),
        kind=PermissionKind.CONSENT,
        source=sign_up,
        audience=customers,
        proof={},
        lifts_suppression=True,
        actor=SUBJECT,
    )
    assert permission in live_permissions()
    assert not Suppression.objects.exists()
    (line,) = erasures.read_lines()
    assert (line.entry.operation.value, line.entry.value) == ("lift", "suppress")


def test_a_consent_does_not_lift_a_companys_prohibition(sign_up: Source, customers: Audience) -> None:
    Suppression.objects.create(token=sealer().domain_token("esimerkki.fi"), scope="domain", reason="company")
    with pytest.raises(Suppressed):
        actions.add_permission(
            address=normalise("kuka@esimerkki.fi"),
            kind=PermissionKind.CONSENT,
            source=sign_up,
            audience=customers,
            lifts_suppression=True,
            actor=SUBJECT,
        )


def staged(source: Source, state: str) -> Batch:
    return Batch.objects.create(
        source=source, audience=source.default_audience, permission="customer", state=state, brought_by="system"
    )


@pytest.mark.parametrize(
    ("state", "is_seen"),
    [("reading", False), ("staged", False), ("awaiting_release", False), ("applied", True), ("settled", True),
     ("discarded", False), ("failed", False)],
)  # fmt: skip
def test_a_batch_is_visible_from_its_flip_on(crm: Source, state: str, is_seen: bool) -> None:  # noqa: FBT001  # a table
    address = normalise("maija@esimerkki.fi")
    actions.add_permission(
        address=address, kind=PermissionKind.CUSTOMER, source=crm, audience=crm.default_audience,
        batch=staged(crm, state), actor=SYSTEM,
    )  # fmt: skip
    assert (find_contact(address) is not None) is is_seen
    assert visible_contacts().exists() is is_seen


@pytest.mark.parametrize(("state", "is_seen"), [("staged", True), ("applied", False), ("settled", False)])
def test_an_ending_batch_ends_from_its_flip_on(
    register_address: Bring,
    crm: Source,
    state: str,
    is_seen: bool,  # noqa: FBT001  # a table
) -> None:
    register_address("maija@esimerkki.fi")
    Permission.objects.update(ending_batch=staged(crm, state))
    assert visible_contacts().exists() is is_seen


def test_an_ended_permission_shows_nobody(register_address: Bring) -> None:
    register_address("maija@esimerkki.fi")
    Permission.objects.update(ended_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert find_contact(normalise("maija@esimerkki.fi")) is None


def test_uncovering_an_address_leaves_a_row_with_its_reason(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    shown = actions.uncover_address(contact=contact, purpose="rights", reason="asked by phone", actor=person("abc"))
    assert shown == "maija@esimerkki.fi"
    row = LedgerRow.objects.get(verb="register.uncover_address")
    assert (row.actor, row.subject_ref, row.reason) == ("person:abc", str(contact.ref), "asked by phone")
    assert "maija" not in str(row.facts)


@pytest.mark.parametrize(("purpose", "reason"), [("", "x"), ("x", ""), ("x", "  ")])
def test_uncovering_without_a_reason_is_refused(register_address: Bring, purpose: str, reason: str) -> None:
    contact = register_address("maija@esimerkki.fi")
    with pytest.raises(ReasonMissing):
        actions.uncover_address(contact=contact, purpose=purpose, reason=reason, actor=SYSTEM)
    assert not LedgerRow.objects.filter(verb="register.uncover_address").exists()


def test_a_list_shows_the_domain_from_ten_contacts_on(register_address: Bring) -> None:
    contacts = [register_address(f"{name}@esimerkki.fi") for name in "abcdefghi"]
    alone = register_address("maija@sähkö.fi")
    assert shown_address(contacts[0]) == "a•••••@•••••"
    register_address("j@esimerkki.fi")
    assert shown_addresses([contacts[0], alone]) == {contacts[0].pk: "a•••••@esimerkki.fi", alone.pk: "m•••••@•••••"}
    assert set(contacts_of_domain("esimerkki.fi")) >= set(contacts)


def export(audience: Audience, **changes: str) -> list[list[str]]:
    said = {"purpose": "print", "reason": "print run 12", **changes}
    text = "".join(actions.export_contacts(audience=audience, actor=person("abc"), **said))
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_an_export_has_a_reason_and_a_row(register_address: Bring, customers: Audience) -> None:
    register_address("maija@esimerkki.fi")
    assert export(customers) == [["address"], ["maija@esimerkki.fi"]]
    row = LedgerRow.objects.get(verb="register.export_contacts")
    assert (row.purpose, row.reason, row.facts) == ("print", "print run 12", {"contacts": 1})
    with pytest.raises(ReasonMissing):
        export(customers, reason="")


def test_the_exports_row_stands_before_the_first_line_leaves(customers: Audience) -> None:
    actions.export_contacts(audience=customers, purpose="print", reason="print run", actor=SYSTEM)
    assert LedgerRow.objects.filter(verb="register.export_contacts").exists()


def test_an_exported_cell_is_never_executed(register_address: Bring, customers: Audience) -> None:
    register_address("=1+1@esimerkki.fi")
    register_address("-cmd@esimerkki.fi")
    assert export(customers)[1:] == [["'=1+1@esimerkki.fi"], ["'-cmd@esimerkki.fi"]]


def test_the_restricted_the_stopped_and_those_who_forbade_it_are_not_exported(
    register_address: Bring, customers: Audience
) -> None:
    kept = register_address("kept@esimerkki.fi")
    restricted = register_address("restricted@esimerkki.fi")
    forbidden = register_address("forbidden@esimerkki.fi")
    stopped = register_address("stopped@esimerkki.fi")
    actions.restrict_contact(contact=restricted, reason="accuracy", actor=SYSTEM)
    actions.prohibit(folded=bytes(forbidden.folded), kinds=Prohibited.DISCLOSURE, channel="desk", actor=SYSTEM)
    actions.prohibit(folded=bytes(kept.folded), kinds=Prohibited.RESEARCH, channel="desk", actor=SYSTEM)
    Suppression.objects.create(token=bytes(stopped.folded), reason="withdrawal")
    assert export(customers)[1:] == [["kept@esimerkki.fi"]]


def test_a_restricted_contact_is_seen_only_when_asked_for(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    actions.restrict_contact(contact=contact, reason="accuracy", actor=SYSTEM)
    assert contact.restricted_at
    assert not visible_contacts().exists()
    assert visible_contacts(restricted=True).exists()
    assert find_contact(normalise("maija@esimerkki.fi")) == contact


def test_a_restriction_is_written_once(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    first = actions.restrict_contact(contact=contact, reason="claim", actor=SYSTEM)
    assert actions.restrict_contact(contact=contact, reason="again", actor=SYSTEM) == first
    assert len(list(erasures.read_lines())) == 1


def test_a_restriction_for_an_examination_goes_over_to_one_that_outlasts_it(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    first = actions.restrict_contact(contact=contact, reason="accuracy", actor=SYSTEM)
    assert actions.restrict_contact(contact=contact, reason="claim", actor=SYSTEM) == first
    first.refresh_from_db()
    assert (first.reason, [each.entry.value for each in erasures.read_lines()]) == ("claim", ["accuracy", "claim"])


def test_a_restriction_is_lifted_only_after_its_person_was_told(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    with pytest.raises(NotRestricted):
        actions.lift_restriction(contact=contact, actor=SYSTEM)
    actions.restrict_contact(contact=contact, reason="accuracy", actor=SYSTEM)
    with pytest.raises(LiftingNotAnnounced):
        actions.lift_restriction(contact=contact, actor=SYSTEM)
    actions.announce_lifting(contact=contact, actor=SYSTEM)
    lifted = actions.lift_restriction(contact=contact, actor=SYSTEM)
    assert lifted.lifted_at
    contact.refresh_from_db()
    assert contact.restricted_at is None
    assert [each.entry.operation.value for each in erasures.read_lines()] == ["restrict", "lift"]


def test_prohibitions_add_up_outlive_the_contact_and_can_be_taken_back(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    folded = bytes(contact.folded)
    actions.prohibit(folded=folded, kinds=Prohibited.RESEARCH, channel="web", actor=SUBJECT)
    both = Prohibited.RESEARCH | Prohibited.DIRECT_MARKETING
    assert actions.prohibit(folded=folded, kinds=Prohibited.DIRECT_MARKETING, channel="web", actor=SUBJECT) == both
    contact.delete()
    assert prohibited_kinds(folded) == both
    left = actions.lift_prohibition(folded=folded, kinds=Prohibited.RESEARCH, channel="web", actor=SUBJECT)
    assert left == Prohibited.DIRECT_MARKETING
    actions.lift_prohibition(folded=folded, kinds=Prohibited.DIRECT_MARKETING, channel="web", actor=SUBJECT)
    assert not Prohibition.objects.exists()
    assert [each.entry.value for each in erasures.read_lines()] == ["8", "12", "4", "0"]


def test_a_prohibition_that_stands_is_not_written_again(register_address: Bring) -> None:
    folded = bytes(register_address("maija@esimerkki.fi").folded)
    for _ in range(3):
        actions.prohibit(folded=folded, kinds=Prohibited.RESEARCH, channel="web", actor=SUBJECT)
    assert LedgerRow.objects.filter(verb="register.prohibit").count() == 1
    assert len(list(erasures.read_lines())) == 1
