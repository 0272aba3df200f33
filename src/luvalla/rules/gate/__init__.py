"""The gate: the one decision whether a campaign may go to a contact now.

One lawful condition is one file here, with one function `refuses(campaign, contact) -> str | None` that gives the
reason of the refusal or None. `decide` asks them all and answers a value; doubt and exceptions refuse.
"""

from __future__ import annotations

from luvalla.rules.gate.decision import CONDITIONS, Decision, Permit, Refusal, decide
from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, PermissionFacts, Reason

__all__ = [
    "CONDITIONS",
    "CampaignFacts",
    "ContactFacts",
    "Decision",
    "PermissionFacts",
    "Permit",
    "Reason",
    "Refusal",
    "decide",
]
