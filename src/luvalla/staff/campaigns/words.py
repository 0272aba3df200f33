"""Words of the desk of newsletters for states, steps and the gate's reasons."""

from __future__ import annotations

from typing import Final

from django.utils.translation import pgettext_lazy

from luvalla.campaigns.models import Lifecycle
from luvalla.rules.gate import Reason

State = Lifecycle.State

STATES: Final = {
    State.DRAFT: (pgettext_lazy("campaigns", "Draft"), "pen", ""),
    State.SUBMITTED: (pgettext_lazy("campaigns", "Waits for approval"), "pen", "wait"),
    State.APPROVED: (pgettext_lazy("campaigns", "Approved and frozen"), "check", "go"),
    State.SCHEDULED: (pgettext_lazy("campaigns", "Approved and scheduled"), "check", "go"),
    State.SENDING: (pgettext_lazy("campaigns", "Being sent"), "send", "go"),
    State.PAUSED: (pgettext_lazy("campaigns", "Paused"), "pause", "wait"),
    State.FINISHED: (pgettext_lazy("campaigns", "Sent"), "check", ""),
    State.CANCELLED: (pgettext_lazy("campaigns", "Cancelled"), "lock", "shut"),
}
"""Word, icon and tone of each state."""

REASONS: Final = {
    Reason.IN_DOUBT: pgettext_lazy("refusal", "In doubt: something about them could not be read"),
    Reason.PURPOSE_UNKNOWN: pgettext_lazy("refusal", "The notice doesn't name the purpose"),
    Reason.BASIS_MISSING: pgettext_lazy("refusal", "The purpose has no legal basis"),
    Reason.BALANCING_TEST_EXPIRED: pgettext_lazy("refusal", "The balancing test has run out"),
    Reason.SUPPRESSED: pgettext_lazy("refusal", "Stopped for good"),
    Reason.RESTRICTED: pgettext_lazy("refusal", "Processing restricted"),
    Reason.PROHIBITED: pgettext_lazy("refusal", "Has forbidden this purpose"),
    Reason.PERMISSION_MISSING: pgettext_lazy("refusal", "No permission"),
    Reason.EVIDENCE_INCOMPLETE: pgettext_lazy("refusal", "The permission has no evidence"),
    Reason.PERMISSION_UNFIT: pgettext_lazy("refusal", "The permission doesn't cover this letter"),
    Reason.UNDELIVERABLE: pgettext_lazy("refusal", "The mailbox was gone at the last letter"),
}
"""Why the gate would refuse somebody."""
