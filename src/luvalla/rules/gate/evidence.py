"""A permission nobody can show is none (GDPR 5(2), 7(1))."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse when no live permission has its evidence.

    >>> from luvalla.rules.gate.examples import campaign, contact, permission
    >>> refuses(campaign(), contact(permissions=(permission(has_evidence=False),)))
    <Reason.EVIDENCE_INCOMPLETE: 'evidence_incomplete'>
    """
    del campaign  # every condition has the same form
    if not contact.permissions or any(each.has_evidence for each in contact.permissions):
        return None
    return Reason.EVIDENCE_INCOMPLETE
