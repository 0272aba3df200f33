"""The editor writes drafts and nothing else: every door to what was submitted or approved is shut."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, reverse
from wagtail.models import Revision

from luvalla.campaigns import actions
from luvalla.campaigns.models import Campaign, Lifecycle, Picture
from luvalla.campaigns.queries import history
from luvalla.ledger.models import LedgerRow
from luvalla.people.queries import actor_of
from luvalla.staff.campaigns.editor import CampaignEditor
from luvalla.staff.campaigns.policy import CampaignPolicy
from tests.campaigns.making import approved, draft, photograph, submitted
from tests.staff.campaigns.conftest import Visit
from tests.support.world import World

FROZEN = pytest.mark.parametrize("make", [submitted, approved], ids=["submitted", "approved"])
Make = Callable[[World], Campaign]


def form(campaign: Campaign | None, world: World, **changes: str) -> dict[str, str]:
    """Give the editor's form with a paragraph of text."""
    return {
        "subject": "Uusi otsikko",
        "preheader": "Esittely",
        "purpose": str(world.marketing.pk),
        "audience": str(world.customers.pk),
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "text",
        "body-0-id": "11111111-1111-4111-8111-111111111111",
        "body-0-value": json.dumps({"blocks": [{"key": "a", "text": "Teksti", "type": "unstyled"}], "entityMap": {}}),
        **changes,
    }


def editor(name: str, *parts: Any) -> str:
    return reverse(f"staff_campaign_editor:{name}", args=parts)


def as_now(campaign: Campaign) -> tuple[str, str, int | None]:
    """Give what must not change."""
    fresh = Campaign.objects.get(pk=campaign.pk)
    return fresh.subject, json.dumps(list(fresh.body.get_prep_value()), sort_keys=True), fresh.latest_revision_id


def test_a_new_draft_is_the_authors_who_is_signed_in(world: World, visit: Visit) -> None:
    answer = visit(world.author).post(editor("add") + "?locale=sv", form(None, world, author=str(world.approver.pk)))
    campaign = Campaign.objects.get()
    assert answer.url == editor("edit", campaign.pk)  # type: ignore[attr-defined]  # a redirect has it
    assert campaign.author == world.author
    assert campaign.language == "sv"
    assert campaign.lifecycle.state == Lifecycle.State.DRAFT
    row = history(campaign).get()
    assert (row.verb, row.actor) == ("campaigns.create_campaign", str(actor_of(world.author)))


def test_the_way_back_from_the_editor_leads_to_pages_that_are_there(world: World, visit: Visit) -> None:
    page = visit(world.author).get(editor("add"))
    steps = [str(step["url"]) for step in page.context["breadcrumbs_items"] if step.get("url")]
    assert reverse("wagtailadmin_home") in steps
    assert not any("snippets" in step for step in steps)


def test_saving_a_draft_leaves_one_row_for_each_version(world: World, visit: Visit) -> None:
    campaign = draft(world)
    browser = visit(world.author)
    saved = browser.post(editor("edit", campaign.pk), form(campaign, world), headers={"accept": "application/json"})
    revision = json.loads(saved.content)["revision_id"]
    for words in ("Uusi", "Uusin"):
        changes = {"subject": words, "overwrite_revision_id": str(revision)}
        again = browser.post(
            editor("edit", campaign.pk), form(campaign, world, **changes), headers={"accept": "application/json"}
        )
        assert json.loads(again.content)["success"], again.content
    assert [row.verb for row in history(campaign)] == ["campaigns.create_campaign", "campaigns.edit_campaign"]
    assert Campaign.objects.get(pk=campaign.pk).subject == "Uusin"


def test_one_can_go_on_to_the_newsletters_page_after_saving(world: World, visit: Visit) -> None:
    campaign = draft(world)
    answer = visit(world.author).post(
        editor("edit", campaign.pk), form(campaign, world, **{"action-continue": "action-continue"})
    )
    assert answer.url == reverse("staff_campaigns:campaign", args=[campaign.pk])  # type: ignore[attr-defined]  # a redirect has it


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hei\r\nBcc: x@example.com"},
        {"subject": ""},
        {"body-0-type": "button", "body-0-value-words": "x", "body-0-value-link": "javascript:alert(1)"},
        {"body-0-type": "heading", "body-0-value-words": "x\x00y", "body-0-value-level": "1"},
    ],
)
def test_what_a_letter_cannot_have_is_refused_in_the_form(world: World, visit: Visit, changes: dict[str, str]) -> None:
    campaign = draft(world)
    before = as_now(campaign)
    answer = visit(world.author).post(editor("edit", campaign.pk), form(campaign, world, **changes))
    assert answer.status_code == 200
    assert as_now(campaign) == before


@FROZEN
def test_editing_is_shut(world: World, visit: Visit, make: Make) -> None:
    campaign = make(world)
    before, browser = as_now(campaign), visit(world.author)
    shown = browser.get(editor("edit", campaign.pk))
    assert shown.url == reverse("staff_campaigns:campaign", args=[campaign.pk])  # type: ignore[attr-defined]  # a redirect has it
    browser.post(editor("edit", campaign.pk), form(campaign, world))
    saved = browser.post(editor("edit", campaign.pk), form(campaign, world), headers={"accept": "application/json"})
    assert json.loads(saved.content)["error_code"] == "locked"
    assert as_now(campaign) == before


@FROZEN
def test_putting_an_older_version_back_is_shut(world: World, visit: Visit, make: Make) -> None:
    campaign = make(world)
    older = Revision.objects.filter(object_id=str(campaign.pk)).earliest("pk")
    before, browser = as_now(campaign), visit(world.author)
    browser.get(editor("revisions_revert", campaign.pk, older.pk))
    browser.post(editor("revisions_revert", campaign.pk, older.pk), form(campaign, world))
    assert as_now(campaign) == before


def test_an_older_version_can_be_put_back_in_a_draft(world: World, visit: Visit) -> None:
    campaign = draft(world)
    older = campaign.latest_revision
    assert older is not None
    browser = visit(world.author)
    browser.post(editor("edit", campaign.pk), form(campaign, world))
    browser.post(editor("revisions_revert", campaign.pk, older.pk), form(campaign, world, subject="Entinen"))
    assert Campaign.objects.get(pk=campaign.pk).subject == "Entinen"
    assert [row.verb for row in history(campaign)].count("campaigns.edit_campaign") == 2


@pytest.mark.parametrize("make", [draft, submitted, approved], ids=["draft", "submitted", "approved"])
def test_deleting_one_or_several_is_shut(world: World, visit: Visit, make: Make) -> None:
    campaign = make(world)
    # Even somebody who was given the permission by hand.
    world.author.groups.get().permissions.add(Permission.objects.get(codename="delete_campaign"))
    browser = visit(world.author)
    bulk = reverse("wagtail_bulk_action", args=["campaigns", "campaign", "delete"])
    for address in (editor("delete", campaign.pk), f"{bulk}?id={campaign.pk}", f"{bulk}?id=all"):
        browser.get(address)
        browser.post(address)
    assert Campaign.objects.filter(pk=campaign.pk).exists()


@FROZEN
def test_locks_are_not_the_editors(world: World, visit: Visit, make: Make) -> None:
    campaign = make(world)
    browser = visit(world.author)
    for name in ("lock", "unlock"):
        browser.post(editor(name, campaign.pk))
    assert not Campaign.objects.get(pk=campaign.pk).locked


@pytest.mark.parametrize("name", ["copy", "unpublish", "inspect", "workflow_history", "revisions_unschedule"])
def test_doors_that_are_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        editor(name, 1)


def test_the_listing_leads_to_the_desk_and_exports_nothing(world: World, visit: Visit) -> None:
    browser = visit(world.author)
    for address in (editor("list"), editor("list") + "?export=csv", editor("list_results")):
        answer = browser.get(address)
        assert answer.status_code == 302
        assert answer.url == reverse("staff_campaigns:list")  # type: ignore[attr-defined]  # a redirect has it
    assert not CampaignEditor().list_export


def test_a_draft_submitted_while_somebody_writes_stays_as_it_was_submitted(
    world: World, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = draft(world)
    browser = visit(world.author)
    monkeypatch.setattr(Campaign, "get_lock", lambda _self: None)  # as it was when the form was looked at
    actions.submit_campaign(campaign=campaign, by=world.author, actor=actor_of(world.author))
    before = as_now(campaign)
    saved = browser.post(editor("edit", campaign.pk), form(campaign, world), headers={"accept": "application/json"})
    assert json.loads(saved.content)["error_code"] == "locked"
    assert as_now(campaign) == before


def test_only_writers_of_the_role_write(world: World, visit: Visit) -> None:
    campaign = draft(world)
    before, browser = as_now(campaign), visit(world.approver)
    for address in (editor("add"), editor("edit", campaign.pk)):
        browser.get(address)
        browser.post(address, form(campaign, world))
    assert as_now(campaign) == before
    assert Campaign.objects.count() == 1


def test_the_policy_says_the_same(world: World) -> None:
    policy = CampaignPolicy(Campaign)
    written, sent = draft(world), approved(world)
    assert policy.user_has_permission_for_instance(world.author, "change", written)
    for action in ("change", "delete", "publish", "unlock", "lock"):
        assert not policy.user_has_permission_for_instance(world.author, action, sent)
    assert not policy.user_has_permission_for_instance(world.author, "delete", written)
    assert not policy.user_has_any_permission(world.approver, ["add", "change"])


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("mail", "<h2"),
        ("phone", "<iframe"),
        ("dark", "@media all"),
        ("text", "Uusi\n----"),
        ("web", "<main>"),
    ],
)
def test_the_live_preview_shows_what_is_being_written(world: World, visit: Visit, mode: str, words: str) -> None:
    campaign = draft(world)
    browser = visit(world.author)
    written = form(
        campaign, world,
        **{"body-0-type": "heading", "body-0-value-words": "Uusi", "body-0-value-level": "2"},
    )  # fmt: skip
    assert browser.post(editor("preview_on_edit", campaign.pk), written).json() == {
        "is_valid": True,
        "is_available": True,
    }
    shown = browser.get(editor("preview_on_edit", campaign.pk) + f"?mode={mode}")
    assert words in shown.content.decode()
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert Campaign.objects.get(pk=campaign.pk).subject == "Talven sähkökatkot"


def test_a_letter_that_is_hardly_begun_can_be_previewed(world: World, visit: Visit) -> None:
    browser = visit(world.author)
    begun = form(None, world, subject="", purpose="", audience="", **{"body-count": "0"})
    assert browser.post(editor("preview_on_add"), begun).json()["is_available"]
    assert "Lopeta kirjeet" in browser.get(editor("preview_on_add") + "?mode=mail").content.decode()
    assert "Stoppa breven" in browser.get(editor("preview_on_add") + "?locale=sv&mode=mail").content.decode()
    assert "locale=sv" in browser.get(editor("add") + "?locale=sv").content.decode()


def test_nobody_without_an_account_sees_the_editor(world: World) -> None:
    answer = Client().get(editor("edit", draft(world).pk))
    assert answer.status_code == 302


def test_a_picture_is_taken_in_where_it_is_chosen(world: World, visit: Visit) -> None:
    browser = visit(world.author)
    assert browser.get(reverse("wagtailimages_chooser:choose")).status_code == 200
    upload = SimpleUploadedFile("Matin talo.jpg", photograph())
    name = "image-chooser-upload"
    answer = browser.post(
        reverse("wagtailimages_chooser:create"), {f"{name}-title": "Talo", f"{name}-file": upload, f"{name}-tags": ""}
    )
    picture = Picture.objects.get()
    assert json.loads(answer.content)["step"] == "chosen"
    assert "talo" not in picture.file.name
    row = LedgerRow.objects.get(verb="campaigns.add_picture")
    assert row.actor == str(actor_of(world.author))


def test_a_file_that_is_no_picture_is_refused_where_it_is_chosen(world: World, visit: Visit) -> None:
    name = "image-chooser-upload"
    upload = SimpleUploadedFile("talo.jpg", b"<svg onload=alert(1)>")
    answer = visit(world.author).post(
        reverse("wagtailimages_chooser:create"), {f"{name}-title": "Talo", f"{name}-file": upload}
    )
    assert "not a picture" in answer.content.decode()
    assert not Picture.objects.exists()


def test_a_picture_of_a_submitted_letter_is_not_deleted_in_the_editor(world: World, visit: Visit) -> None:
    picture = actions.add_picture(content=photograph(), title="Talo", by=world.author, actor=actor_of(world.author))
    shown = {"picture": {"image": picture.pk, "alt_text": "Talo", "decorative": False}, "width": "wide", "link": ""}
    submitted(world, ("picture", shown), ("text", "<p>Hei</p>"))
    browser = visit(world.author)
    assert browser.post(reverse("wagtailimages:delete", args=[picture.pk])).status_code in {302, 403}
    bulk = reverse("wagtail_bulk_action", args=["campaigns", "picture", "delete"])
    browser.post(f"{bulk}?id={picture.pk}")
    assert Picture.objects.filter(pk=picture.pk).exists()
