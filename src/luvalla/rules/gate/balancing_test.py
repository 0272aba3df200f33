"""A legitimate interest counts while its balancing test is alive (GDPR 6(1)(f))."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason
from luvalla.rules.purposes import LegalBasis


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse when the interest was never weighed or the test has expired.

    >>> from luvalla.rules.gate.examples import campaign, contact
    >>> refuses(campaign(balancing_test_until=None), contact())
    <Reason.BALANCING_TEST_EXPIRED: 'balancing_test_expired'>
    >>> refuses(campaign(), contact())
    """
    del contact  # every condition has the same form
    return (
        Reason.BALANCING_TEST_EXPIRED
        if campaign.basis is LegalBasis.LEGITIMATE_INTEREST
        and (campaign.balancing_test_until is None or campaign.balancing_test_until <= campaign.now)
        else None
    )
