"""A permission has to fit the letter: its audience, its purpose, and marketing (GDPR 6(1)(a); 917/2014, s. 200)."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, PermissionFacts, Reason
from luvalla.rules.purposes import PermissionKind

NOT_FOR_MARKETING = frozenset({PermissionKind.SERVICE_MESSAGE})


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse when there are permissions, but none of this audience that carries this purpose.

    >>> from luvalla.rules.gate.examples import campaign, contact, permission
    >>> refuses(campaign(), contact(permissions=(permission(audience=9),)))
    <Reason.PERMISSION_UNFIT: 'permission_unfit'>
    >>> refuses(campaign(), contact(permissions=(permission(kind=PermissionKind.SERVICE_MESSAGE),)))
    <Reason.PERMISSION_UNFIT: 'permission_unfit'>
    >>> consent = permission(kind=PermissionKind.CONSENT, purposes=frozenset({"opinion_research"}))
    >>> refuses(campaign(), contact(permissions=(consent,)))
    <Reason.PERMISSION_UNFIT: 'permission_unfit'>
    >>> refuses(campaign(), contact())
    """
    if not contact.permissions or any(fits(campaign, each) for each in contact.permissions):
        return None
    return Reason.PERMISSION_UNFIT


def fits(campaign: CampaignFacts, permission: PermissionFacts) -> bool:
    """Tell whether one permission, with its evidence, carries the campaign."""
    return (
        permission.audience == campaign.audience
        and permission.has_evidence
        and not (campaign.is_marketing and permission.kind in NOT_FOR_MARKETING)
        and (permission.kind is not PermissionKind.CONSENT or campaign.purpose in permission.purposes)
    )
