"""What the desk of newsletters adds to the staff interface."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path, reverse, reverse_lazy
from django.urls.resolvers import URLResolver
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext, pgettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.snippets.models import register_snippet

from luvalla.campaigns.models import Campaign
from luvalla.staff.campaigns.editor import CampaignEditor, ContinueItem
from luvalla.staff.campaigns.front import campaigns_waiting
from luvalla.staff.menu import DeskMenuItem

register_snippet(CampaignEditor)


@hooks.register("register_admin_urls")
def add_urls() -> list[URLResolver]:
    """Put the desk's pages below /staff/campaigns/."""
    return [path("campaigns/", include("luvalla.staff.campaigns.urls"))]


@hooks.register("register_admin_menu_item")
def add_entry() -> DeskMenuItem:
    """Put the desk first in the sidebar."""
    return DeskMenuItem(
        pgettext_lazy("menu", "Newsletters"),
        reverse_lazy("staff_campaigns:list"),
        name="campaigns",
        icon="mail",
        order=100,
        any_of=("write_campaign", "approve_campaign", "send_campaign", "see_deliveries"),
        count=campaigns_waiting,
    )


@hooks.register("register_snippet_action_menu_item")
def add_way_on(model: type) -> ContinueItem | None:
    """Let the editor lead on to the newsletter's page."""
    return ContinueItem(order=20) if model is Campaign else None


@hooks.register("insert_editor_css")
def add_styles() -> SafeString:
    """Load the desk's styles beside the editor."""
    return format_html('<link rel="stylesheet" href="{}">', static("staff/campaigns.css"))


@hooks.register("before_delete_snippet")
def refuse_to_delete(request: HttpRequest, rows: Iterable[Any]) -> HttpResponse | None:
    """Shut every door through which the editor deletes: a draft is discarded on its own page, the rest stays."""
    if not any(isinstance(row, Campaign) for row in rows):
        return None
    messages.error(request, pgettext("campaigns", "Nothing was deleted. A draft is discarded on its own page."))
    return HttpResponseRedirect(reverse("staff_campaigns:list"))
