"""The second key: a permission to send (act 917/2014, sections 200 and 202)."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse a contact without any live permission.

    >>> from luvalla.rules.gate.examples import campaign, contact
    >>> refuses(campaign(), contact(permissions=()))
    <Reason.PERMISSION_MISSING: 'permission_missing'>
    """
    del campaign  # every condition has the same form
    return Reason.PERMISSION_MISSING if not contact.permissions else None
