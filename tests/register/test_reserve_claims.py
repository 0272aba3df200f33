"""What holds letters and exports back is asked where it is read, and is found where it is passed by."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.organisation.models import Purpose
from luvalla.register import actions, reserve_claims, stop
from luvalla.register.facts import FactsReader
from luvalla.register.models import Audience, Contact, Restriction
from luvalla.rules import ports
from luvalla.rules.address import normalise
from luvalla.rules.gate import decision, prohibition, restriction
from luvalla.rules.ports import Finding, Verdict
from luvalla.rules.purposes import Prohibited
from tests.register.conftest import PatientBarrier

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]


@pytest.fixture
def contact(register_address: Bring) -> Contact:
    return register_address("maija@esimerkki.fi")


@pytest.fixture
def marketing() -> Purpose:
    names = {f"name_{language}": "Marketing" for language in ("fi", "sv", "en")}
    return Purpose.objects.create(key="a", basis="consent", is_marketing=True, forbidden_by=15, **names)


def broken(finding: Finding) -> dict[str, object]:
    """Give the breaches of a finding that must be broken."""
    assert finding.verdict is Verdict.BROKEN
    counted = {"purposes", "people", "restricted"}
    return {name: count for name, count in finding.figures.items() if count and name not in counted}


def holds(finding: Finding) -> None:
    assert finding.verdict is Verdict.HOLDS, finding.figures


def without(condition: object) -> tuple[object, ...]:
    """Give the gate's conditions without one."""
    return tuple(each for each in decision.CONDITIONS if each is not condition)


def forbid(kinds: Prohibited) -> None:
    """Have Maija forbid kinds of letters."""
    stop.prohibit(address=normalise("maija@esimerkki.fi"), kinds=kinds, channel="web", actor=SUBJECT)


def test_every_claim_is_at_the_port_with_a_negative_control_that_exists() -> None:
    for each in reserve_claims.CLAIMS:
        assert ports.claims.get(each.id) is each
        assert each.negative_control.rpartition("::")[2] in globals()


def test_a_purpose_that_no_prohibition_stops_breaks_s38(marketing: Purpose) -> None:
    names = {f"name_{language}": "Anything" for language in ("fi", "sv", "en")}
    Purpose.objects.create(key="b", basis="contract", is_marketing=False, forbidden_by=0, **names)
    holds(reserve_claims.prohibitions_stop_letters())
    marketing.forbidden_by = 0
    marketing.save()
    assert broken(reserve_claims.prohibitions_stop_letters())["unstoppable"] == 1
    marketing.forbidden_by = 4
    marketing.save()
    assert broken(reserve_claims.prohibitions_stop_letters())["without_effect"] == 2


def test_a_gate_that_forgets_prohibitions_breaks_s38(
    contact: Contact, marketing: Purpose, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(Prohibited.RESEARCH)
    holds(reserve_claims.prohibitions_stop_letters())
    monkeypatch.setattr(decision, "CONDITIONS", without(prohibition.refuses))
    assert broken(reserve_claims.prohibitions_stop_letters()) == {"open_gates": 4, "passed_by": 1}


def test_a_prohibition_that_is_not_read_breaks_s38(
    contact: Contact, marketing: Purpose, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(Prohibited.RESEARCH)
    given = FactsReader.given
    monkeypatch.setattr(
        FactsReader,
        "given",
        lambda *these, now: [
            each._replace(facts=each.facts._replace(prohibited=Prohibited.NOTHING)) for each in given(*these, now=now)
        ],
    )
    assert broken(reserve_claims.prohibitions_stop_letters()) == {"passed_by": 1}


def test_an_export_to_somebody_who_forbade_it_breaks_s38(
    contact: Contact, marketing: Purpose, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(Prohibited.DISCLOSURE)
    holds(reserve_claims.prohibitions_stop_letters())
    monkeypatch.setattr(reserve_claims, "exportable_contacts", lambda _: Contact.objects.all())
    assert broken(reserve_claims.prohibitions_stop_letters()) == {"given_out": Audience.objects.count()}


def test_a_restriction_that_is_passed_by_breaks_s42(contact: Contact) -> None:
    actions.restrict_contact(contact=contact, reason="accuracy", actor=SYSTEM)
    holds(reserve_claims.restricted_contacts_rest())
    Contact.objects.update(restricted_at=None)
    assert broken(reserve_claims.restricted_contacts_rest()) == {
        "unmarked": 1, "open_gates": 1, "given_out": 1, "shown": 1,
    }  # fmt: skip


def test_a_gate_that_forgets_restrictions_breaks_s42(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.restrict_contact(contact=contact, reason="accuracy", actor=SYSTEM)
    monkeypatch.setattr(decision, "CONDITIONS", without(restriction.refuses))
    assert broken(reserve_claims.restricted_contacts_rest()) == {"open_gates": 1}


def test_a_search_and_an_export_that_take_the_restricted_break_s42(
    contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.restrict_contact(contact=contact, reason="accuracy", actor=SYSTEM)
    monkeypatch.setattr(reserve_claims, "exportable_contacts", lambda _: Contact.objects.all())
    monkeypatch.setattr(reserve_claims, "visible_contacts", Contact.objects.all)
    assert broken(reserve_claims.restricted_contacts_rest()) == {"given_out": 1, "shown": 1}


def test_a_restriction_lifted_untold_breaks_s42(contact: Contact) -> None:
    actions.restrict_contact(contact=contact, reason="accuracy", actor=SYSTEM)
    Restriction.objects.update(lifted_at=timezone.now())
    assert broken(reserve_claims.restricted_contacts_rest()) == {"unfounded": 1, "lifted_untold": 1}
