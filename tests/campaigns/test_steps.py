from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.models import Revision

from luvalla.campaigns import actions
from luvalla.campaigns.errors import (
    CampaignFrozen,
    IllegalStep,
    Lack,
    LetterChanged,
    LetterIncomplete,
    NotTheApprover,
    TimePassed,
    WhyNot,
)
from luvalla.campaigns.lifecycle import STEPS, Step, state_after
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.queries import campaign_facts, due_campaigns, history, letter_of, return_note
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.people.actions import add_user, record_undertaking, revoke_undertaking, set_roles
from luvalla.people.models import User
from luvalla.people.queries import actor_of
from luvalla.rules.purposes import LegalBasis, Prohibited
from tests.campaigns.letters import BLOCKS
from tests.campaigns.making import approved, draft, submitted
from tests.support.world import World

State = Lifecycle.State


def state_of(campaign: Campaign) -> str:
    return Lifecycle.objects.get(pk=campaign.pk).state


def person(username: str, *roles: str) -> User:
    user = add_user(
        username=username, email=f"{username}@esimerkki.fi", full_name="Toinen Ihminen", roles=roles, actor=SYSTEM
    )
    record_undertaking(user=user, typed_name="Toinen Ihminen", language="fi", actor=SYSTEM)
    return User.objects.get(pk=user.pk)


def test_a_campaign_begins_as_a_draft_with_its_row_in_the_ledger(world: World) -> None:
    campaign = draft(world)
    assert state_of(campaign) == State.DRAFT
    row = history(campaign).get()
    assert (row.verb, row.actor) == ("campaigns.create_campaign", str(actor_of(world.author)))
    assert row.facts == {"purpose": "direct_marketing", "audience": "customers", "language": "fi"}


def test_each_step_leads_on_and_leaves_its_row(world: World) -> None:
    actor = actor_of(world.approver)
    campaign = approved(world)
    actions.schedule_campaign(campaign=campaign, send_at=timezone.now() + timedelta(hours=1), actor=actor)
    actions.unschedule_campaign(campaign=campaign, actor=actor)
    actions.begin_sending(campaign=campaign, actor=SYSTEM)
    actions.pause_campaign(campaign=campaign, actor=actor)
    actions.resume_campaign(campaign=campaign, actor=actor)
    actions.finish_campaign(campaign=campaign, actor=SYSTEM)
    assert state_of(campaign) == campaign.lifecycle.state == State.FINISHED
    verbs = [row.verb.partition(".")[2] for row in history(campaign)]
    assert verbs == [
        "create_campaign", "submit_campaign", "approve_campaign", "schedule_campaign", "unschedule_campaign",
        "begin_sending", "pause_campaign", "resume_campaign", "finish_campaign",
    ]  # fmt: skip


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", State)
def test_a_step_that_cannot_be_taken_from_a_state_is_refused(state: State, step: Step) -> None:
    way = STEPS[step]
    if state.value in way.origins:
        assert state_after(state.value, step) == way.to
        return
    with pytest.raises(IllegalStep) as caught:
        state_after(state.value, step)
    assert str(caught.value)


def test_an_illegal_step_changes_nothing(world: World) -> None:
    campaign = draft(world)
    rows = LedgerRow.objects.count()
    with pytest.raises(IllegalStep):
        actions.begin_sending(campaign=campaign, actor=SYSTEM)
    assert state_of(campaign) == State.DRAFT
    assert LedgerRow.objects.count() == rows


def test_the_author_cannot_approve(world: World) -> None:
    campaign = submitted(world)
    set_roles(user=world.author, roles=["communications", "approver"], actor=SYSTEM)
    with pytest.raises(NotTheApprover) as caught:
        actions.approve_campaign(campaign=campaign, by=User.objects.get(pk=world.author.pk), actor=SYSTEM)
    assert caught.value.why is WhyNot.AUTHOR
    assert letter_of(campaign) is None


def test_whoever_edited_last_cannot_approve(world: World) -> None:
    editor = person("editor", "communications", "approver")
    campaign = draft(world)
    campaign.subject = "Toinen otsikko"
    campaign.save()
    campaign.save_revision(user=editor)
    actions.submit_campaign(campaign=campaign, by=world.author, actor=actor_of(world.author))
    with pytest.raises(NotTheApprover) as caught:
        actions.approve_campaign(campaign=campaign, by=editor, actor=actor_of(editor))
    assert caught.value.why is WhyNot.LAST_EDITOR


def test_approving_needs_the_role(world: World) -> None:
    other = person("other", "communications")
    with pytest.raises(NotTheApprover) as caught:
        actions.approve_campaign(campaign=submitted(world), by=other, actor=actor_of(other))
    assert caught.value.why is WhyNot.ROLE


def test_approving_needs_a_valid_undertaking(world: World) -> None:
    revoke_undertaking(user=world.approver, reason="lähti", actor=SYSTEM)
    with pytest.raises(NotTheApprover) as caught:
        actions.approve_campaign(campaign=submitted(world), by=User.objects.get(pk=world.approver.pk), actor=SYSTEM)
    assert caught.value.why is WhyNot.UNDERTAKING


def test_an_approval_of_another_version_than_the_one_seen_is_refused(world: World) -> None:
    campaign = submitted(world)
    seen = campaign.latest_revision_id
    actions.return_campaign(campaign=campaign, note="Korjaa", actor=actor_of(world.approver))
    campaign.refresh_from_db()
    campaign.subject = "Aivan muuta"
    campaign.save()
    campaign.save_revision(user=world.author)
    actions.submit_campaign(campaign=campaign, by=world.author, actor=actor_of(world.author))
    with pytest.raises(LetterChanged):
        actions.approve_campaign(campaign=campaign, by=world.approver, actor=actor_of(world.approver), seen=seen)
    assert letter_of(campaign) is None


def test_a_returned_campaign_is_a_draft_with_a_note(world: World) -> None:
    campaign = submitted(world)
    actions.return_campaign(campaign=campaign, note=" Otsikko on liian pitkä. ", actor=actor_of(world.approver))
    note = return_note(campaign)
    assert note is not None
    assert note.reason == "Otsikko on liian pitkä."
    assert campaign.lifecycle.submitted_by is None
    campaign.subject = "Lyhyt"
    campaign.save()


@pytest.mark.parametrize(
    ("blocks", "lack"),
    [
        ((("text", "<p> </p>"),), Lack.BODY),
        ((("divider", None),), Lack.BODY),
        ((("text", '<p><a href="javascript:alert(1)">x</a></p>'),), Lack.LINK),
        ((("button", {"words": "Avaa", "link": "ftp://a.fi/"}),), Lack.LINK),
        ((("text", "<p>https://a.fi/stop-token-5f3a9c</p>"),), Lack.RESERVED_WORD),
        ((("text", '<p><a href="https://a.fi/?x=stop-token-5f3a9c">x</a></p>'),), Lack.RESERVED_WORD),
        ((("button", {"words": "Avaa field-name-5f3a9c", "link": "https://a.fi/"}),), Lack.RESERVED_WORD),
    ],
)
def test_a_letter_that_lacks_something_is_not_submitted(
    world: World, blocks: tuple[tuple[str, object]], lack: Lack
) -> None:
    campaign = draft(world, *blocks)
    with pytest.raises(LetterIncomplete) as caught:
        actions.submit_campaign(campaign=campaign, by=world.author, actor=actor_of(world.author))
    assert lack in caught.value.lacks
    assert state_of(campaign) == State.DRAFT


def test_addresses_that_are_not_the_controllers_own_are_told_masked(world: World) -> None:
    words = "<p>Kysy: asiakaspalvelu@esimerkkienergia.example tai maija.malli@gmail.example.</p>"
    campaign = draft(world, ("text", words), ("button", {"words": "Kirjoita", "link": "mailto:x@yritys.example"}))
    named = actions.submit_campaign(campaign=campaign, by=world.author, actor=actor_of(world.author))
    assert named == ("m•••••@gmail.example", "x•••••@yritys.example")


@pytest.mark.parametrize("subject", ["Hei\nBcc: x@example.com", "Hei\r\nX: y", "Hei\x00", "Hei\x85", "Hei\u2028x"])
def test_a_subject_of_several_lines_is_refused(world: World, subject: str) -> None:
    with pytest.raises(ValidationError):
        draft(world, subject=subject)
    assert not Campaign.objects.exists()


def test_a_time_that_has_passed_is_refused(world: World) -> None:
    campaign = approved(world)
    with pytest.raises(TimePassed):
        actions.schedule_campaign(campaign=campaign, send_at=timezone.now(), actor=actor_of(world.approver))
    assert state_of(campaign) == State.APPROVED


def test_campaigns_are_due_at_their_time_the_earliest_first(world: World) -> None:
    now, actor = timezone.now(), actor_of(world.approver)
    later, sooner, unscheduled = approved(world), approved(world), approved(world)
    actions.schedule_campaign(campaign=later, send_at=now + timedelta(hours=2), actor=actor)
    actions.schedule_campaign(campaign=sooner, send_at=now + timedelta(hours=1), actor=actor)
    assert list(due_campaigns(now)) == []
    assert list(due_campaigns(now + timedelta(hours=3))) == [sooner, later]
    actions.send_campaign_now(campaign=unscheduled, actor=actor)
    assert list(due_campaigns(timezone.now())) == [unscheduled]


def test_a_cancelled_campaign_is_never_due(world: World) -> None:
    campaign = approved(world)
    actions.send_campaign_now(campaign=campaign, actor=actor_of(world.approver))
    actions.cancel_campaign(campaign=campaign, reason="Väärä kohderyhmä", actor=actor_of(world.approver))
    assert list(due_campaigns(timezone.now())) == []
    assert history(campaign).last().reason == "Väärä kohderyhmä"  # type: ignore[union-attr]  # there is one


def test_a_draft_can_be_discarded_and_nothing_else(world: World) -> None:
    actor = actor_of(world.author)
    waiting = submitted(world)
    with pytest.raises(IllegalStep):
        actions.discard_campaign(campaign=waiting, actor=actor)
    campaign = draft(world)
    ref = str(campaign.ref)
    actions.discard_campaign(campaign=campaign, actor=actor)
    assert list(Campaign.objects.all()) == [waiting]
    assert LedgerRow.objects.filter(subject_ref=ref, verb="campaigns.discard_campaign").exists()


def test_a_copy_is_a_draft_of_whoever_copies(world: World) -> None:
    campaign = approved(world, ("heading", {"words": "Hei", "level": "1"}), ("text", "<p>Teksti</p>"))
    copy = actions.copy_campaign(campaign=campaign, author=world.approver, actor=actor_of(world.approver))
    assert copy.author == world.approver
    assert state_of(copy) == State.DRAFT
    assert copy.ref != campaign.ref
    assert copy.body.render_as_block() == campaign.body.render_as_block()


def test_the_gates_facts_are_those_of_the_purpose(world: World) -> None:
    now = timezone.now()
    facts = campaign_facts(draft(world), now)
    assert facts.purpose == "direct_marketing"
    assert facts.purposes == {"customer_information", "direct_marketing", "opinion_research"}
    assert facts.basis is LegalBasis.LEGITIMATE_INTEREST
    assert facts.is_marketing
    assert facts.balancing_test_until is not None
    assert Prohibited.DIRECT_ADVERTISING | Prohibited.DIRECT_MARKETING in facts.forbidden_by
    assert (facts.audience, facts.now) == (world.customers.pk, now)


@pytest.mark.parametrize("make", [submitted, approved])
def test_the_model_saves_and_deletes_drafts_only(world: World, make: object) -> None:
    campaign = make(world)  # type: ignore[operator]  # it makes campaigns
    campaign.subject = "Muutettu"
    with pytest.raises(CampaignFrozen):
        campaign.save()
    with pytest.raises(CampaignFrozen):
        campaign.save(update_fields=["locked"])
    with pytest.raises(CampaignFrozen):
        campaign.delete()
    with pytest.raises(CampaignFrozen):
        campaign.save_revision(user=world.author)
    assert Campaign.objects.get(pk=campaign.pk).subject == "Talven sähkökatkot"


def test_an_older_version_never_brings_back_whose_the_campaign_is(world: World) -> None:
    campaign = draft(world)
    older = campaign.save_revision(user=world.author)
    Campaign.objects.filter(pk=campaign.pk).update(author=world.approver)
    assert Revision.objects.get(pk=older.pk).as_object().author == world.approver


def test_every_block_has_an_id_of_its_own(world: World) -> None:
    campaign = draft(world, *BLOCKS)
    columns = next(child for child in campaign.body if child.block_type == "columns")
    inner = [child.id for side in ("left", "right") for child in columns.value[side]]
    ids = [*(child.id for child in campaign.body), *inner]
    assert all(ids)
    assert len(set(ids)) == len(ids)
