"""The editor of newsletters, in Wagtail: a draft's words, subject, audience and purpose, with live previews."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.side_panels import BaseSidePanel, StatusSidePanel
from wagtail.admin.utils import set_query_params
from wagtail.admin.views import generic
from wagtail.models import Locale
from wagtail.snippets.action_menu import ActionMenuItem
from wagtail.snippets.views import snippets

from luvalla.campaigns.actions import begin_draft, lock_draft, record_edit
from luvalla.campaigns.errors import CampaignFrozen
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.people.queries import actor_of
from luvalla.staff.campaigns.policy import CampaignPolicy
from luvalla.staff.campaigns.words import STATES
from luvalla.staff.words import LANGUAGES

CONTINUE: Final = "continue"


def page_of(campaign: Campaign) -> str:
    """Give the address of a campaign's own page."""
    return reverse("staff_campaigns:campaign", args=[campaign.pk])


class StandingPanel(BaseSidePanel):
    """Where the newsletter stands, beside the editor: its lifecycle's own words instead of Wagtail's."""

    SidePanelToggle = StatusSidePanel.SidePanelToggle
    name = "status"
    title = pgettext_lazy("campaigns", "Where it stands")
    template_name = "staff/campaigns/standing.html"
    order = 100

    def __init__(self, view: Any) -> None:
        """Take what the panel shows from the editor's view."""
        super().__init__(view.object or view.form.instance, view.request)
        self.view = view

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Give the language and those it may be written in, and for a saved draft its state, author and versions."""
        languages = dict(LANGUAGES)
        saved = self.object if self.object.pk else None
        others = [] if saved else self.view.translations
        return {
            **super().get_context_data(parent_context),
            "language": languages.get(self.view.locale.language_code, "") if self.view.locale else "",
            "others": [(languages.get(each["locale"].language_code, ""), each["url"]) for each in others],
            "campaign": saved,
            "state": STATES[Lifecycle.State(saved.lifecycle.state)] if saved else STATES[Lifecycle.State.DRAFT],
            "page_url": page_of(saved) if saved else "",
            "versions_url": self.view.get_history_url() if saved else "",
        }


class StaysInEditor:
    """After saving one goes on writing, or to the newsletter's page to send it for approval."""

    def get_side_panels(self) -> MediaContainer:
        """Show where the newsletter stands and how it looks."""
        given = super().get_side_panels()  # type: ignore[misc]  # of Wagtail's views
        return MediaContainer([StandingPanel(self), *(each for each in given if each.name == "preview")])

    def get_available_actions(self) -> list[str]:
        """Know the way to the newsletter's page beside saving."""
        return [*super().get_available_actions(), CONTINUE]  # type: ignore[misc]  # of Wagtail's views

    def get_success_url(self) -> str:
        """Stay, or go to the newsletter's page."""
        return page_of(self.object) if self.action == CONTINUE else self.get_edit_url()  # type: ignore[attr-defined]  # of Wagtail's views


class BeginDraft(StaysInEditor, snippets.CreateView):
    """A new draft. Its author is whoever is signed in."""

    def save_instance(self) -> Campaign:
        """Save the draft at the beginning of its life, with its row in the ledger."""
        self.form.instance.author = self.request.user
        campaign: Campaign = super().save_instance()
        begin_draft(campaign=campaign, actor=actor_of(self.request.user))
        return campaign

    def get_preview_url(self) -> str:
        """Give the preview's address in the language the draft is begun in."""
        return str(set_query_params(super().get_preview_url(), {"locale": self.locale.language_code}))


class PreviewBegun(snippets.PreviewOnCreateView):
    """The preview of a draft that isn't saved yet, in its language."""

    def get_object(self) -> Campaign:
        """Make an unsaved draft."""
        campaign: Campaign = super().get_object()
        asked = Locale.objects.filter(language_code=self.request.GET.get("locale", "")).first()
        campaign.locale = asked or Locale.get_default()
        return campaign


class EditDraft(StaysInEditor, snippets.EditView):
    """A draft's words. What was submitted is shown on its own page instead."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show what is no draft any more on its page; saving it is refused by its lock."""
        if request.method == "GET" and self.locked_for_user:
            messages.warning(request, self.lock.get_message(request.user))
            return HttpResponseRedirect(page_of(self.object))
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def save_instance(self) -> Campaign:
        """Save the draft under its lock. What is saved by itself while one writes is one version and one row."""
        lock_draft(self.object)
        campaign: Campaign = super().save_instance()
        if not self.request.POST.get("overwrite_revision_id"):
            record_edit(campaign=campaign, actor=actor_of(self.request.user))
        return campaign

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, or say that somebody submitted the newsletter in the meantime."""
        try:
            response: HttpResponse = super().form_valid(form)
        except CampaignFrozen as fault:
            self.produced_error_code, self.produced_error_message = "locked", str(fault)
            return self.form_invalid(form)  # type: ignore[no-any-return]  # of Wagtail's view
        return response


class RevertDraft(generic.RevisionsRevertMixin, EditDraft):
    """An older version put in the place of the newest, in a draft."""

    view_name = "revisions_revert"

    def save_instance(self) -> Campaign:
        """Save the older version as the newest, as any other words of a draft."""
        return EditDraft.save_instance(self)


class ToTheDesk(generic.IndexView):
    """The editor has no listing of its own; the desk has."""

    def dispatch(self, *_: Any, **__: Any) -> HttpResponseBase:
        """Go to the desk."""
        return HttpResponseRedirect(reverse("staff_campaigns:list"))


class ContinueItem(ActionMenuItem):
    """The way from the editor to the newsletter's page."""

    name = f"action-{CONTINUE}"
    label = pgettext_lazy("campaigns", "Save and go to sending")
    icon_name = "arrow-right"


class CampaignEditor(snippets.SnippetViewSet):
    """The editor as Wagtail takes it in."""

    model = Campaign
    icon = "lv-mail"
    admin_url_namespace = "staff_campaign_editor"
    base_url_path = "campaigns/editor"
    add_to_admin_menu = False
    copy_view_enabled = False
    inspect_view_enabled = False
    list_export: ClassVar[tuple[str, ...]] = ()
    index_view_class = ToTheDesk
    add_view_class = BeginDraft
    preview_on_add_view_class = PreviewBegun
    edit_view_class = EditDraft
    revisions_revert_view_class = RevertDraft
    edit_handler = ObjectList(
        [
            # A preview may lack any of these; saving a draft asks for them.
            FieldPanel("subject", required_on_save=False),
            FieldPanel("preheader"),
            MultiFieldPanel(
                [
                    FieldRowPanel(
                        [
                            FieldPanel("audience", required_on_save=False),
                            FieldPanel("purpose", required_on_save=False),
                        ]
                    )
                ]
            ),
            FieldPanel("body"),
        ]
    )

    @property
    def breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the front page; the desk itself is the next step. Wagtail's listing of snippets is shut."""
        return [{"url": reverse_lazy("wagtailadmin_home"), "label": pgettext_lazy("front page", "Front page")}]

    @property
    def permission_policy(self) -> CampaignPolicy:
        """Who may do what, and when."""
        return CampaignPolicy(Campaign)
