"""A campaign and a contact that pass the gate, for doctests and tests: change one fact and see it refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, PermissionFacts
from luvalla.rules.purposes import LegalBasis, PermissionKind, Prohibited

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def campaign(**changes: Any) -> CampaignFacts:
    """Make the facts of a lawful campaign of direct marketing to audience 1."""
    facts = CampaignFacts(
        purpose="direct_marketing",
        purposes=frozenset({"customer_information", "direct_marketing", "opinion_research"}),
        basis=LegalBasis.LEGITIMATE_INTEREST,
        is_marketing=True,
        balancing_test_until=NOW + timedelta(days=30),
        forbidden_by=Prohibited.DIRECT_MARKETING | Prohibited.DIRECT_ADVERTISING,
        audience=1,
        now=NOW,
    )
    return facts._replace(**changes)


def permission(**changes: Any) -> PermissionFacts:
    """Make a customer's permission with its evidence."""
    return PermissionFacts(kind=PermissionKind.CUSTOMER, audience=1, has_evidence=True, purposes=frozenset())._replace(
        **changes
    )


def contact(**changes: Any) -> ContactFacts:
    """Make a contact that nothing speaks against."""
    facts = ContactFacts(
        permissions=(permission(),),
        prohibited=Prohibited.NOTHING,
        suppressed=False,
        restricted=False,
        undeliverable=False,
    )
    return facts._replace(**changes)
