from __future__ import annotations

import importlib
import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.rules import gate
from luvalla.rules.gate import CONDITIONS, CampaignFacts, ContactFacts, PermissionFacts, Permit, Reason, Refusal, decide
from luvalla.rules.gate import decision as deciding
from luvalla.rules.gate.examples import NOW, campaign, contact, permission
from luvalla.rules.purposes import LegalBasis, PermissionKind, Prohibited

NO_CONDITIONS = {"__init__", "decision", "facts", "examples"}

ADVERSE: dict[Reason, tuple[CampaignFacts, ContactFacts]] = {
    Reason.PURPOSE_UNKNOWN: (campaign(purpose="profiling"), contact()),
    Reason.BASIS_MISSING: (campaign(basis=None), contact()),
    Reason.BALANCING_TEST_EXPIRED: (campaign(balancing_test_until=NOW), contact()),
    Reason.SUPPRESSED: (campaign(), contact(suppressed=True)),
    Reason.RESTRICTED: (campaign(), contact(restricted=True)),
    Reason.PROHIBITED: (campaign(), contact(prohibited=Prohibited.DIRECT_ADVERTISING)),
    Reason.PERMISSION_MISSING: (campaign(), contact(permissions=())),
    Reason.EVIDENCE_INCOMPLETE: (campaign(), contact(permissions=(permission(has_evidence=False),))),
    Reason.PERMISSION_UNFIT: (campaign(), contact(permissions=(permission(audience=2),))),
    Reason.UNDELIVERABLE: (campaign(), contact(undeliverable=True)),
}
"""A lawful campaign and contact with one fact changed, by the reason that refuses it."""


def test_a_lawful_letter_is_permitted() -> None:
    assert decide(campaign(), contact()) == Permit()


@pytest.mark.parametrize("reason", ADVERSE)
def test_each_adverse_fact_alone_refuses_with_its_reason(reason: Reason) -> None:
    answer = decide(*ADVERSE[reason])
    assert isinstance(answer, Refusal)
    assert answer.reasons[0] is reason


def test_every_reason_but_doubt_has_its_adverse_fact() -> None:
    assert set(ADVERSE) == set(Reason) - {Reason.IN_DOUBT}


def test_every_condition_is_one_file_and_is_asked() -> None:
    files = {each.stem for each in Path(gate.__file__).parent.glob("*.py")} - NO_CONDITIONS
    asked = {each.__module__.rpartition(".")[2] for each in CONDITIONS}
    assert files == asked
    assert len(CONDITIONS) == len(files)


@pytest.mark.parametrize("name", sorted(each.__module__ for each in CONDITIONS))
def test_every_condition_has_its_doctest(name: str) -> None:
    """The examples themselves are run with every session."""
    assert ">>> refuses(" in (importlib.import_module(name).refuses.__doc__ or "")


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(ADVERSE, 2)))
def test_two_adverse_facts_refuse_and_the_first_of_the_order_names_it(one: Reason, other: Reason) -> None:
    lawful_campaign, lawful_contact = campaign(), contact()
    changed_campaign, changed_contact = lawful_campaign, lawful_contact
    for reason in (one, other):
        adverse_campaign, adverse_contact = ADVERSE[reason]
        changed_campaign = changed_campaign._replace(**_differences(lawful_campaign, adverse_campaign))
        changed_contact = changed_contact._replace(**_differences(lawful_contact, adverse_contact))
    answer = decide(changed_campaign, changed_contact)
    assert isinstance(answer, Refusal)
    assert list(answer.reasons) == sorted(answer.reasons, key=list(Reason).index)


def _differences(lawful: CampaignFacts | ContactFacts, adverse: CampaignFacts | ContactFacts) -> dict[str, object]:
    return {name: value for name, value, before in zip(lawful._fields, adverse, lawful, strict=True) if value != before}


permissions = st.builds(
    PermissionFacts,
    kind=st.sampled_from(PermissionKind),
    audience=st.integers(1, 2),
    has_evidence=st.booleans(),
    purposes=st.frozensets(st.sampled_from(["direct_marketing", "opinion_research"])),
)
contacts = st.builds(
    ContactFacts,
    permissions=st.lists(permissions, max_size=3).map(tuple),
    prohibited=st.integers(0, 63).map(Prohibited),
    suppressed=st.booleans(),
    restricted=st.booleans(),
    undeliverable=st.booleans(),
)
campaigns = st.builds(
    CampaignFacts,
    purpose=st.sampled_from(["direct_marketing", "opinion_research", "customer_information", "profiling"]),
    purposes=st.just(frozenset({"direct_marketing", "opinion_research", "customer_information"})),
    basis=st.sampled_from([None, *LegalBasis]),
    is_marketing=st.booleans(),
    balancing_test_until=st.sampled_from([None, NOW, NOW - timedelta(1), NOW + timedelta(1)]),
    forbidden_by=st.integers(0, 63).map(Prohibited),
    audience=st.integers(1, 2),
    now=st.just(NOW),
)
adverse_facts = st.sampled_from(
    [{"suppressed": True}, {"restricted": True}, {"undeliverable": True}, {"permissions": ()}]
)


@given(campaigns, contacts, adverse_facts)
def test_no_other_fact_outweighs_an_adverse_one(
    facts: CampaignFacts, whom: ContactFacts, adverse: dict[str, object]
) -> None:
    assert isinstance(decide(facts, whom._replace(**adverse)), Refusal)


@given(campaigns, contacts)
def test_a_prohibition_of_the_purpose_always_refuses(facts: CampaignFacts, whom: ContactFacts) -> None:
    if facts.forbidden_by & whom.prohibited:
        assert isinstance(decide(facts, whom), Refusal)


@given(campaigns, contacts)
def test_what_is_permitted_stands_on_both_keys(facts: CampaignFacts, whom: ContactFacts) -> None:
    """The law, written a second time: a basis of the processing, and a permission that fits the letter."""
    if not isinstance(decide(facts, whom), Permit):
        return
    assert facts.purpose in facts.purposes
    assert facts.basis is not None
    if facts.basis is LegalBasis.LEGITIMATE_INTEREST:
        assert facts.balancing_test_until is not None
        assert facts.balancing_test_until > facts.now
    fitting = [
        each
        for each in whom.permissions
        if each.has_evidence
        and each.audience == facts.audience
        and (each.kind is not PermissionKind.CONSENT or facts.purpose in each.purposes)
        and (each.kind is not PermissionKind.SERVICE_MESSAGE or not facts.is_marketing)
    ]
    assert fitting


@given(campaigns, contacts)
def test_taking_a_permission_away_never_permits_more(facts: CampaignFacts, whom: ContactFacts) -> None:
    if isinstance(decide(facts, whom), Refusal):
        for number in range(len(whom.permissions)):
            fewer = whom.permissions[:number] + whom.permissions[number + 1 :]
            assert isinstance(decide(facts, whom._replace(permissions=fewer)), Refusal)


@pytest.mark.parametrize(
    "broken",
    [
        contact(permissions=None),
        contact(permissions=(None,)),
        contact(prohibited="everything"),
        contact(permissions=("customer",)),
    ],
)
def test_facts_that_nobody_understands_refuse(broken: ContactFacts) -> None:
    assert isinstance(decide(campaign(), broken), Refusal)


def test_a_condition_that_fails_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(deciding, "CONDITIONS", (*CONDITIONS, failing))
    assert decide(campaign(), contact()) == Refusal((Reason.IN_DOUBT,))


def test_a_gate_without_conditions_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control of the tests above: they ask the real gate."""
    monkeypatch.setattr(deciding, "CONDITIONS", ())
    assert decide(*ADVERSE[Reason.SUPPRESSED]) == Permit()
