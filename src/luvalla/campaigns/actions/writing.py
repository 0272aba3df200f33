"""Writing campaigns: beginning, copying and discarding drafts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from wagtail.models import Locale

from luvalla.campaigns.actions.locking import locked, subject_of
from luvalla.campaigns.actions.pictures import PicturesBeside
from luvalla.campaigns.actions.steps import submit_campaign
from luvalla.campaigns.errors import CampaignFrozen, IllegalStep
from luvalla.campaigns.letterfile import MOST_BYTES, read_letter_file
from luvalla.campaigns.markdown import RawBlock, blocks_of_markdown
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.pictures import no_pictures
from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.organisation.models import Purpose
from luvalla.people.models import User
from luvalla.register.models import Audience

State = Lifecycle.State


@transaction.atomic
def create_campaign(
    *,
    subject: str,
    language: str,
    purpose: Purpose,
    audience: Audience,
    author: User,
    actor: Actor,
    preheader: str = "",
    markdown: str | None = None,
    body: Sequence[RawBlock] = (),
) -> Campaign:
    """Begin a campaign as a draft, written in Markdown or in blocks as a StreamField stores them.

    Raises BadFile for Markdown a letter cannot have, and Django's ValidationError for a subject of several lines.
    """
    blocks = blocks_of_markdown(markdown, take_picture=no_pictures) if markdown is not None else list(body)
    campaign = Campaign(
        subject=subject,
        preheader=preheader,
        purpose=purpose,
        audience=audience,
        author=author,
        locale=Locale.objects.get(language_code=language),
    )
    campaign.body = campaign.body.stream_block.to_python(identified(blocks))
    campaign.full_clean()
    campaign.save()
    campaign.save_revision(user=author)
    begin_draft(campaign=campaign, actor=actor)
    return campaign


def identified(blocks: Sequence[RawBlock]) -> list[RawBlock]:
    """Give every block an id of its own, those within columns too: the editor tells blocks apart by it."""
    return [{**block, "id": str(uuid.uuid4()), "value": _identified(block["value"])} for block in blocks]


def _identified(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _identified(each) for name, each in value.items()}
    return identified(value) if isinstance(value, list) else value


def create_campaign_from_file(  # a campaign has these facts, and each is said by name
    *, file: Path, purpose: Purpose, audience: Audience, author: User, actor: Actor, submit: bool = False
) -> tuple[Campaign, tuple[str, ...]]:
    """Begin a campaign with a file's words, all of it or nothing; pictures lie beside the file.

    Submitted at once, it comes with what submit_campaign warns of. Raises BadFile with its line, and LetterIncomplete.
    """
    with file.open("rb") as stream:
        letter = read_letter_file(stream.read(MOST_BYTES + 1), language=audience.language)
    pictures = PicturesBeside(file.parent, author, actor)
    with pictures.kept_only_on_success(), transaction.atomic():
        campaign = create_campaign(
            subject=letter.subject,
            preheader=letter.preheader,
            language=letter.language,
            purpose=purpose,
            audience=audience,
            author=author,
            actor=actor,
            body=blocks_of_markdown(letter.markdown, take_picture=pictures.take, first_line=letter.body_line),
        )
        named = submit_campaign(campaign=campaign, by=author, actor=actor) if submit else ()
    return campaign, named


def begin_draft(*, campaign: Campaign, actor: Actor) -> None:
    """Put a campaign that was just saved at the beginning of its life. The caller holds the transaction."""
    Lifecycle.objects.create(campaign=campaign)
    facts = {"purpose": campaign.purpose.key, "audience": campaign.audience.key, "language": campaign.language}
    record("campaigns.create_campaign", actor=actor, subject=subject_of(campaign), facts=facts)


def lock_draft(campaign: Campaign) -> None:
    """Lock a draft for the caller's transaction, which is about to write it; CampaignFrozen when it is none."""
    state = locked(campaign).state
    if state != State.DRAFT:
        raise CampaignFrozen(state)


def record_edit(*, campaign: Campaign, actor: Actor) -> None:
    """Write into the ledger that a draft has a new version. The caller holds the transaction and the lock."""
    facts = {"version": campaign.latest_revision_id}
    record("campaigns.edit_campaign", actor=actor, subject=subject_of(campaign), facts=facts)


@transaction.atomic
def copy_campaign(*, campaign: Campaign, author: User, actor: Actor) -> Campaign:
    """Begin a new draft with the words of a campaign, whatever its state; the copy has a life of its own."""
    return create_campaign(
        subject=campaign.subject,
        preheader=campaign.preheader,
        language=campaign.language,
        purpose=campaign.purpose,
        audience=campaign.audience,
        author=author,
        actor=actor,
        body=list(campaign.body.get_prep_value()),
    )


@transaction.atomic
def discard_campaign(*, campaign: Campaign, actor: Actor) -> None:
    """Throw a draft away with all its versions; IllegalStep for anything that was submitted."""
    lifecycle = locked(campaign)
    if lifecycle.state != State.DRAFT:
        raise IllegalStep(state=lifecycle.state, step="discard")
    record("campaigns.discard_campaign", actor=actor, subject=subject_of(campaign))
    lifecycle.delete()
    campaign.delete()
