"""Pages of the desk of newsletters: the list, and a newsletter with its previews, forecast and history."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin

from luvalla.campaigns.actions import why_not_approve
from luvalla.campaigns.checking import addresses_in, lacks_of
from luvalla.campaigns.forecast import Forecast, forecast
from luvalla.campaigns.freezing import preview_of
from luvalla.campaigns.lifecycle import Step, possible_steps
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.previews import LABELS, Mode
from luvalla.campaigns.queries import campaigns, history, letter_of, return_note, untold_grounds
from luvalla.campaigns.sentences import LACKS, WHY_NOT
from luvalla.organisation.queries import the_controller
from luvalla.people.models import User
from luvalla.people.roles import Capability
from luvalla.register.queries import live_permissions
from luvalla.staff import formats
from luvalla.staff.campaigns.words import REASONS, STATES
from luvalla.staff.desk import DeskView
from luvalla.staff.ledger.rows import sentences_of
from luvalla.staff.parts import Crumb
from luvalla.staff.words import LANGUAGE_WORDS, LANGUAGES

State = Lifecycle.State

PAGE: Final = 25
AT_ONCE: Final = 20_000
"""An audience of at most so many contacts has its forecast made without being asked for."""
ANYBODY: Final = ("write_campaign", "approve_campaign", "send_campaign", "see_deliveries")
COMING: Final = (State.SENDING, State.PAUSED, State.SCHEDULED, State.APPROVED)
WAITING: Final = (State.SUBMITTED,)
LEFT: Final = (State.FINISHED, State.CANCELLED)
OF_EACH_WINDOW: Final = "mailroom.send_window"
"""Told by the ledger alone: a large audience has thousands of them."""


class CampaignList(DeskView):
    """Newsletters by state: what goes out next, what waits for approval, drafts, and what has left."""

    any_of: ClassVar[tuple[str, ...]] = ANYBODY
    template_name = "staff/campaigns/list.html"
    title = pgettext_lazy("menu", "Newsletters")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the groups; only what has left is more than a page holds."""
        add = reverse("staff_campaign_editor:add")
        left = campaigns().filter(lifecycle__state__in=LEFT).order_by("-lifecycle__finished_at", "-pk")
        coming = campaigns().filter(lifecycle__state__in=COMING)
        page = Paginator(left, PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(**{
            "coming": rows_of(coming.order_by(F("lifecycle__send_at").asc(nulls_last=True), "pk")),
            "waiting": rows_of(campaigns().filter(lifecycle__state__in=WAITING).order_by("lifecycle__submitted_at")),
            "drafts": rows_of(campaigns().filter(lifecycle__state=State.DRAFT)),
            "left": rows_of(page.object_list),
            "page": page,
            "languages": [(f"{add}?locale={code}", code, name) for code, name in LANGUAGES],
            **kwargs,
        })  # fmt: skip


class CampaignPage(DeskView):
    """One newsletter: how it looks, whom it would reach, where it stands and what can be done."""

    any_of: ClassVar[tuple[str, ...]] = ANYBODY
    template_name = "staff/campaigns/campaign.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the newsletter; 404 when there is none."""
        super().setup(request, *args, **kwargs)
        found = campaigns().select_related("latest_revision", "author").filter(pk=kwargs["pk"]).first()
        if found is None:
            raise Http404
        self.campaign: Campaign = found
        self.title = found.subject

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Newsletters"), reverse("staff_campaigns:list")), Crumb(self.campaign.subject)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give what the page shows."""
        campaign = self.campaign
        word, icon, tone = STATES[State(campaign.lifecycle.state)]
        asked = self.forecast()
        return super().get_context_data(**{
            "campaign": campaign,
            "lifecycle": campaign.lifecycle,
            "language": LANGUAGE_WORDS[campaign.language],
            "state_word": word,
            "state_icon": icon,
            "state_tone": tone,
            "steps": self.steps(),
            "letter": letter_of(campaign),
            "modes": [(mode.value, label) for mode, label in LABELS.items()],
            "mode": shown_mode(self.request),
            "notes": self.notes(),
            "forecast": asked,
            "forecast_rows": forecast_rows(asked),
            "forecast_total": forecast_total(asked),
            "history": sentences_of(history(campaign).exclude(verb=OF_EACH_WINDOW)),
            **kwargs,
        })  # fmt: skip

    def steps(self) -> set[str]:
        """Tell which steps this person may take now; templates ask by name."""
        campaign = self.campaign
        is_draft = campaign.lifecycle.state == State.DRAFT
        steps = {step.value for step in possible_steps(campaign.lifecycle.state) if self.may_take(step)}
        if self.may(Capability.WRITE_CAMPAIGN):
            steps |= {"edit", "discard"} if is_draft else {"copy"}
            if Step.RETURN in possible_steps(campaign.lifecycle.state) and self.user.pk == campaign.author_id:
                steps.add("take_back")
        if self.may(Capability.SEND_CAMPAIGN) or self.may(Capability.WRITE_CAMPAIGN):
            steps.add("test")
        return steps

    def may_take(self, step: Step) -> bool:
        """Tell whether the person's role holds a step."""
        if step is Step.SUBMIT:
            return self.may(Capability.WRITE_CAMPAIGN)
        if step is Step.APPROVE:
            return self.may(Capability.APPROVE_CAMPAIGN) and why_not_approve(self.campaign, self.user) is None
        if step is Step.RETURN:
            return self.may(Capability.APPROVE_CAMPAIGN)
        return self.may(Capability.SEND_CAMPAIGN) and step not in {Step.BEGIN, Step.FINISH}

    def notes(self) -> dict[str, Any]:
        """Tell what this person should know before going on."""
        campaign, state = self.campaign, self.campaign.lifecycle.state
        notes: dict[str, Any] = {}
        if state in {State.DRAFT, State.SUBMITTED}:
            notes["named"] = addresses_in(campaign, the_controller())
        if state == State.DRAFT:
            notes["returned"] = return_note(campaign)
            notes["lacks"] = [LACKS[each] for each in lacks_of(campaign)]
        letter = letter_of(campaign)
        if letter and state in COMING:
            notes["untold"] = untold_grounds(letter)
        if state == State.SUBMITTED and self.may(Capability.APPROVE_CAMPAIGN):
            why_not = why_not_approve(campaign, self.user)
            notes["why_not"] = WHY_NOT[why_not] if why_not else ""
        return notes

    def forecast(self) -> Forecast | None:
        """Ask the gate about the audience before the letter leaves: a large one only when that is asked for."""
        if self.campaign.lifecycle.state in {State.SENDING, State.PAUSED, *LEFT}:
            return None
        contacts = live_permissions().filter(audience=self.campaign.audience)[: AT_ONCE + 1].count()
        asked = "forecast" in self.request.GET
        return forecast(self.campaign) if asked or contacts <= AT_ONCE else None


@method_decorator(xframe_options_sameorigin, name="dispatch")
class Frame(CampaignPage):
    """A newsletter's preview alone, for the frame in its page: of what was frozen once it was."""

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Show the letter in the mode that is asked for."""
        del request  # the mode is in the address
        return preview_of(self.campaign, str(self.kwargs["mode"]))


def shown_mode(request: HttpRequest) -> Mode:
    """Tell which preview the page shows; mail unless another is asked for."""
    asked = request.GET.get("as", "")
    return Mode(asked) if asked in {each.value for each in Mode} else Mode.MAIL


def rows_of(found: Any) -> list[dict[str, Any]]:
    """Give rows of the list: a campaign with the words of its state."""
    return [
        {
            "campaign": each,
            "lifecycle": each.lifecycle,
            "language": LANGUAGE_WORDS[each.language],
            "state": STATES[State(each.lifecycle.state)],
        }
        for each in found
    ]


def forecast_rows(asked: Forecast | None) -> list[dict[str, Any]]:
    """Give the refusals of a forecast with their words; few contacts of one reason are not told (claim X6)."""
    shown = formats.groups(asked.refused if asked else {})
    return [{"word": REASONS[reason], "shown": shown[reason]} for reason in shown]


def forecast_total(asked: Forecast | None) -> str:
    """Give the size of the audience, which doesn't tell how many few were refused (claim X6)."""
    return formats.whole(asked.total, refused=asked.total - asked.permitted) if asked else ""


def own_address(user: User) -> str:
    """Give the mailbox a test letter goes to unless another is written."""
    return user.email
