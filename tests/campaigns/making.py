"""Making drafts and photographs for tests."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

from PIL import Image

from luvalla.campaigns.actions import approve_campaign, create_campaign, submit_campaign
from luvalla.campaigns.models import Campaign
from luvalla.people.queries import actor_of
from tests.support.world import World


def photograph(size: tuple[int, int] = (120, 60), exif: Image.Exif | None = None) -> bytes:
    """Make a JPEG with so many colours that it is no drawing."""
    noise = random.Random(1).randbytes(3 * size[0] * size[1])  # noqa: S311  # only colours
    target = BytesIO()
    Image.frombytes("RGB", size, noise).save(target, "JPEG", exif=exif or Image.Exif())
    return target.getvalue()


def draft(world: World, *blocks: tuple[str, Any], **changes: Any) -> Campaign:
    """Make a draft of marketing to the customers, in Finnish, with any change."""
    words = [{"type": kind, "value": value} for kind, value in blocks or (("text", "<p>Hei.</p>"),)]
    facts: dict[str, Any] = {
        "subject": "Talven sähkökatkot",
        "preheader": "Näin pärjäät.",
        "language": "fi",
        "purpose": world.marketing,
        "audience": world.customers,
        "author": world.author,
        "body": words,
    }
    facts |= changes
    return create_campaign(**facts, actor=actor_of(facts["author"]))


def submitted(world: World, *blocks: tuple[str, Any], **changes: Any) -> Campaign:
    """Make a campaign that waits for approval."""
    campaign = draft(world, *blocks, **changes)
    submit_campaign(campaign=campaign, by=campaign.author, actor=actor_of(campaign.author))
    return campaign


def approved(world: World, *blocks: tuple[str, Any], **changes: Any) -> Campaign:
    """Make an approved campaign."""
    campaign = submitted(world, *blocks, **changes)
    approve_campaign(campaign=campaign, by=world.approver, actor=actor_of(world.approver))
    return campaign
