"""Campaigns as people make them: written by the author, approved by the approver."""

from __future__ import annotations

from luvalla.campaigns.actions import approve_campaign, create_campaign, submit_campaign
from luvalla.campaigns.models import Campaign
from luvalla.people.queries import actor_of
from tests.support.world import World


def approved_campaign(world: World, *, subject: str = "Talven sähkökatkot", purpose: str = "marketing") -> Campaign:
    """Write, submit and approve a short campaign to the customers."""
    author, approver = actor_of(world.author), actor_of(world.approver)
    campaign = create_campaign(
        subject=subject,
        preheader="",
        language="fi",
        markdown="# Talvi tulee\n\nMärkä lumi taivuttaa puita linjoille.",
        purpose=getattr(world, purpose),
        audience=world.customers,
        author=world.author,
        actor=author,
    )
    submit_campaign(campaign=campaign, by=world.author, actor=author)
    approve_campaign(campaign=campaign, by=world.approver, actor=approver)
    return campaign
