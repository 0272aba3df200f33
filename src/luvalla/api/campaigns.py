"""Campaigns: what was sent, how it stands, and the totals; never who got it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from luvalla.api.contacts import LAST
from luvalla.api.doors import Bearer
from luvalla.api.errors import Problem, Slug
from luvalla.api.scopes import Scope
from luvalla.campaigns.models import Campaign
from luvalla.campaigns.queries import campaigns
from luvalla.mailroom.queries import progress

router = Router(tags=["campaigns"])


class CampaignOut(Schema):
    """One campaign."""

    ref: UUID
    subject: str
    language: str
    purpose: str
    audience: str
    state: str
    send_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


class CampaignsOut(Schema):
    """A page of campaigns."""

    campaigns: list[CampaignOut]
    next: int | None = Field(description="Give it as `before` for the next page; null on the last one.")


class TotalsOut(Schema):
    """A campaign's letters: permitted = accepted + refused + deferred + expired + unknown + in flight."""

    campaign: CampaignOut
    permitted: int
    accepted: int = Field(description="Taken by the relay, which doesn't say that they arrived.")
    refused: int
    deferred: int
    expired: int
    unknown: int
    in_flight: int
    withheld: dict[str, int | None] = Field(
        description="Contacts the gate refused, by its reason; null where few of them could be told by it."
    )


@router.get("/campaigns", response=CampaignsOut, auth=Bearer(Scope.READ_CAMPAIGNS), operation_id="list_campaigns")
def list_campaigns(
    request: HttpRequest,  # noqa: ARG001  # ninja's signature
    before: Annotated[int, Query(ge=1, le=LAST)] = LAST,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CampaignsOut:
    """List the campaigns, the newest first."""
    page = list(campaigns().filter(pk__lt=before).order_by("-pk")[:limit])
    return CampaignsOut(campaigns=[_shown(each) for each in page], next=page[-1].pk if len(page) == limit else None)


@router.get(
    "/campaigns/{uuid:ref}", response=TotalsOut, auth=Bearer(Scope.READ_CAMPAIGNS), operation_id="show_campaign"
)
def show_campaign(request: HttpRequest, ref: UUID) -> TotalsOut:  # noqa: ARG001  # ninja's signature
    """Show a campaign with its totals as they are now."""
    campaign = campaigns().filter(ref=ref).first()
    if campaign is None:
        raise Problem(Slug.NOT_FOUND)
    now = progress(campaign)
    return TotalsOut(
        campaign=_shown(campaign),
        permitted=now.permitted,
        accepted=now.accepted,
        refused=now.refused,
        deferred=now.deferred,
        expired=now.expired,
        unknown=now.unknown,
        in_flight=now.in_flight,
        withheld=now.withheld_told,
    )


def _shown(campaign: Campaign) -> CampaignOut:
    stands = campaign.lifecycle
    return CampaignOut(
        ref=campaign.ref,
        subject=campaign.subject,
        language=campaign.language,
        purpose=campaign.purpose.key if campaign.purpose_id else "",
        audience=campaign.audience.key if campaign.audience_id else "",
        state=stands.state,
        send_at=stands.send_at,
        started_at=stands.started_at,
        finished_at=stands.finished_at,
    )
