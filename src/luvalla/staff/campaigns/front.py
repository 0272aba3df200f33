"""What the desk of newsletters tells the front page and the sidebar: what waits for whom."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import pgettext

from luvalla.campaigns.actions import why_not_approve
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.queries import campaigns, return_note
from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.people.roles import Capability
from luvalla.staff.parts import Waiting

State = Lifecycle.State


def waiting(user: User) -> list[Waiting]:
    """Tell what waits for the person: letters to approve, and own ones that came back."""
    approvals = [
        Waiting(pgettext("campaigns", "Approve a newsletter"), each.subject, _page(each))
        for each in submitted_for(user)
    ]
    returned = [
        Waiting(pgettext("campaigns", "Mend a newsletter that was returned"), each.subject, _page(each))
        for each in returned_to(user)
    ]
    return approvals + returned


def campaigns_waiting(user: User) -> int:
    """Count what waits for the person at this desk."""
    return len(submitted_for(user)) + len(returned_to(user))


def submitted_for(user: User) -> list[Campaign]:
    """Give the submitted campaigns that this person may approve."""
    if not may(user, Capability.APPROVE_CAMPAIGN):
        return []
    submitted = campaigns().filter(lifecycle__state=State.SUBMITTED).select_related("latest_revision")
    return [each for each in submitted if why_not_approve(each, user) is None]


def returned_to(user: User) -> list[Campaign]:
    """Give the person's own drafts that an approver returned."""
    drafts = campaigns().filter(lifecycle__state=State.DRAFT, author=user)
    return [each for each in drafts if return_note(each) is not None]


def _page(campaign: Campaign) -> str:
    return reverse("staff_campaigns:campaign", args=[campaign.pk])
