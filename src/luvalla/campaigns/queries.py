"""Reading campaigns: the gate's facts, what is due, frozen letters, who wrote in them, what they are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.db.models import Q, QuerySet

from luvalla.campaigns.addresses import addresses_of
from luvalla.campaigns.models import Campaign, Letter, Lifecycle
from luvalla.campaigns.rendering.content import Content, Grounds, Sender
from luvalla.campaigns.rendering.footer import USUAL, label_of
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.models import Controller
from luvalla.organisation.queries import balancing_test_until, purposes, the_controller
from luvalla.people.models import User
from luvalla.register.models import Audience, Batch, Permission, Source
from luvalla.register.queries import IN_FORCE
from luvalla.rules.gate import CampaignFacts
from luvalla.rules.purposes import LegalBasis, PermissionKind, Prohibited

State = Lifecycle.State

LEFT: Final = (State.SENDING, State.PAUSED, State.FINISHED)
"""States in which letters have gone out, or are on their way."""
PREVIEWED_GROUNDS: Final = 600
"""Seconds for which a preview's footer need not ask the register again."""


def campaigns() -> QuerySet[Campaign]:
    """All campaigns with what lists show of them, newest first."""
    return Campaign.objects.select_related("lifecycle", "purpose", "audience", "locale", "author")


def due_campaigns(now: datetime) -> QuerySet[Campaign]:
    """The scheduled campaigns whose time has come, the earliest first."""
    due = campaigns().filter(lifecycle__state=State.SCHEDULED, lifecycle__send_at__lte=now)
    return due.order_by("lifecycle__send_at", "pk")


def campaign_facts(campaign: Campaign, now: datetime) -> CampaignFacts:
    """What the gate asks of a campaign at a moment."""
    purpose = campaign.purpose
    return CampaignFacts(
        purpose=purpose.key,
        purposes=frozenset(each.key for each in purposes()),
        basis=LegalBasis(purpose.basis) if purpose.basis else None,
        is_marketing=purpose.is_marketing,
        balancing_test_until=balancing_test_until(purpose, now),
        forbidden_by=Prohibited(purpose.forbidden_by),
        audience=campaign.audience_id,
        now=now,
    )


def letter_of(campaign: Campaign) -> Letter | None:
    """The campaign's frozen letter; None before it is approved."""
    return Letter.objects.filter(campaign=campaign, language=campaign.language).first()


def archive(language: str | None = None) -> QuerySet[Letter]:
    """The letters that have left, newest first, of one language or all of them."""
    letters = Letter.objects.filter(campaign__lifecycle__started_at__isnull=False).select_related("campaign__lifecycle")
    if language:
        letters = letters.filter(language=language)
    return letters.order_by("-campaign__lifecycle__started_at", "-pk")


def archived_letter(ref: str, language: str) -> Letter | None:
    """The letter of a campaign's reference, when it has left; None for what isn't in the archive."""
    return archive(language).filter(campaign__ref=ref).first()


def last_editor(campaign: Campaign) -> User | None:
    """Whoever saved the campaign last."""
    revision = campaign.latest_revision
    return revision.user if revision else campaign.author


def return_note(campaign: Campaign) -> LedgerRow | None:
    """The row of the ledger in which a draft was last returned, with the note that was given."""
    return history(campaign).filter(verb="campaigns.return_campaign").exclude(reason="").order_by("-pk").first()


def history(campaign: Campaign) -> QuerySet[LedgerRow]:
    """The ledger's rows about a campaign, oldest first."""
    return LedgerRow.objects.filter(subject_kind="campaign", subject_ref=str(campaign.ref)).order_by("pk")


def audience_grounds(audience: Audience) -> tuple[tuple[PermissionKind, ...], tuple[Source, ...]]:
    """Tell of an audience which kinds of permission it has, and which sources its addresses are from."""
    granted = Batch.objects.filter(audience=audience, state__in=IN_FORCE).values_list("permission", "source")
    single = Permission.objects.filter(audience=audience, batch=None, ended_at=None).values_list("kind", "source")
    pairs = {*granted.distinct(), *single.order_by().distinct()}
    kinds = {kind for kind, _ in pairs}
    # Before its first address an audience has the sources that are there to fill it.
    came_from = Q(pk__in={source for _, source in pairs}) if pairs else Q(default_audience=audience)
    sources = Source.objects.filter(came_from).order_by("pk")
    return tuple(kind for kind in PermissionKind if kind in kinds), tuple(sources)


def untold_grounds(letter: Letter) -> bool:
    """Tell whether the audience has got kinds of permission or sources that its frozen letter doesn't name."""
    kinds, sources = audience_grounds(letter.campaign.audience)
    told_kinds = set(letter.grounds.get("kinds") or USUAL)
    told_sources = set(letter.grounds.get("sources", ()))
    return bool(set(kinds) - told_kinds or {each.name_in(letter.language) for each in sources} - told_sources)


def letter_content(campaign: Campaign, *, newest: bool = True) -> Content:
    """Everything the campaign's letter is made from, as it is now; its stop link is nobody's own.

    A preview may take what its footer says of the audience from ten minutes ago (newest=False), and may be of a
    campaign that has no purpose or audience yet. NotSetUp before `luvalla init`.
    """
    controller = the_controller()
    purpose = campaign.purpose if campaign.purpose_id else None
    kinds, sources = _grounds(campaign, newest=newest)
    return Content(
        subject=campaign.subject,
        preheader=campaign.preheader,
        language=campaign.language,
        label=label_of(purpose, campaign.language) if purpose else "",
        is_marketing=purpose is not None and purpose.is_marketing,
        body=campaign.body,
        sender=_sender(controller),
        grounds=Grounds(kinds, tuple(each.name_in(campaign.language) for each in sources)),
        addresses=addresses_of(site=controller.base_url, language=campaign.language, ref=campaign.ref),
    )


def _grounds(campaign: Campaign, *, newest: bool) -> tuple[tuple[PermissionKind, ...], tuple[Source, ...]]:
    if not campaign.audience_id:
        return (), ()
    return audience_grounds(campaign.audience) if newest else _recent_grounds(campaign.audience)


def _recent_grounds(audience: Audience) -> tuple[tuple[PermissionKind, ...], tuple[Source, ...]]:
    key = f"campaigns.grounds.{audience.pk}"
    kept = cache.get(key)
    if kept is None:
        kept = audience_grounds(audience)
        cache.set(key, kept, PREVIEWED_GROUNDS)
    return kept  # type: ignore[no-any-return]  # what was put in is what comes out


def _sender(controller: Controller) -> Sender:
    return Sender(
        sender_name=controller.sender_name,
        name=controller.name,
        business_id=controller.business_id,
        street=controller.street,
        postcode=controller.postcode,
        city=controller.city,
        email=controller.email,
    )
