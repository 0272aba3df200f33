"""The steps of a newsletter: a question where one is due, and what is done when it is answered."""

from __future__ import annotations

from abc import abstractmethod
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.campaigns import actions
from luvalla.campaigns.errors import CampaignError
from luvalla.campaigns.lifecycle import Step
from luvalla.mailroom.actions import send_test
from luvalla.mailroom.errors import MailroomError
from luvalla.mailroom.sentences import sentence_of
from luvalla.staff.campaigns.forms import ApproveForm, CancelForm, NothingForm, ReturnForm, ScheduleForm, TestForm
from luvalla.staff.campaigns.views import CampaignPage, own_address
from luvalla.staff.parts import Crumb


class StepPage(CampaignPage):
    """A step: its question as a page, and the step itself when the page is sent."""

    template_name = "staff/campaigns/step.html"
    form_class: ClassVar[type[forms.Form]] = NothingForm
    step: ClassVar[Step | None] = None
    """The step of the lifecycle, for who may take it; None for what isn't one."""
    heading = pgettext_lazy("campaigns", "Newsletter")
    explanation: Promise | str = ""
    button = pgettext_lazy("button", "Continue")
    stops: ClassVar[bool] = False
    """Whether the button takes something away."""
    shows_letter: ClassVar[bool] = False
    shows_forecast: ClassVar[bool] = False

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        *way, last = super().crumbs()
        return [*way, Crumb(last.label, self.back()), Crumb(str(self.heading))]

    def back(self) -> str:
        """Give the address of the page the step was begun from: the newsletter's, or the one of its sending."""
        if self.request.GET.get("at") == "sending":
            return reverse("staff_deliveries:campaign", args=[self.campaign.pk])
        return reverse("staff_campaigns:campaign", args=[self.campaign.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the question."""
        words = {
            "form": self.form_class(initial=self.initial()),
            "heading": self.heading,
            "explanation": self.explanation,
            "button": self.button,
            "stops": self.stops,
            "back": self.back(),
            "shows_letter": self.shows_letter,
            "shows_forecast": self.shows_forecast,
        }
        return super().get_context_data(**{**words, **kwargs})

    def initial(self) -> dict[str, Any]:
        """Give what the form begins with."""
        return {}

    def may_do(self) -> bool:
        """Tell whether the person's role holds this; whether the state allows it is the action's word."""
        return self.step is None or self.may_take(self.step)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask, if the person may do it at all."""
        return super().get(request, *args, **kwargs) if self.may_do() else self._refused()

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Do it, or say what is missing or why it can't be done."""
        if not self.may_do():
            return self._refused()
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        try:
            return HttpResponseRedirect(self.carry_out(form.cleaned_data))
        except CampaignError as fault:
            return self.not_done(form, str(fault))
        except MailroomError as fault:
            return self.not_done(form, sentence_of(fault))

    def not_done(self, form: forms.Form, fault: str) -> HttpResponse:
        """Say why it can't be done."""
        return self.render_to_response(self.get_context_data(form=form, fault=fault), status=409)

    @abstractmethod
    def carry_out(self, given: dict[str, Any]) -> str:
        """Do it and give the address to go on to."""

    def _refused(self) -> HttpResponse:
        answer = self.refuse()
        assert isinstance(answer, HttpResponse)  # a page says so
        return answer


class Submit(StepPage):
    """Sends a draft for approval."""

    any_of: ClassVar[tuple[str, ...]] = ("write_campaign",)
    step = Step.SUBMIT
    heading = pgettext_lazy("campaigns", "Send for approval")
    explanation = pgettext_lazy(
        "campaigns", "Another person looks at the newsletter and approves it. Until then nobody can change it."
    )
    button = pgettext_lazy("campaigns", "Send for approval")

    def carry_out(self, given: dict[str, Any]) -> str:
        """Submit."""
        del given  # it asks for nothing
        actions.submit_campaign(campaign=self.campaign, by=self.user, actor=self.actor)
        return self.back()


class Return(StepPage):
    """Gives a newsletter back to its author."""

    any_of: ClassVar[tuple[str, ...]] = ("approve_campaign",)
    form_class = ReturnForm
    step = Step.RETURN
    heading = pgettext_lazy("campaigns", "Return to the author")
    explanation = pgettext_lazy("campaigns", "The newsletter is a draft again. Nothing was sent.")
    button = pgettext_lazy("campaigns", "Return")

    def carry_out(self, given: dict[str, Any]) -> str:
        """Return."""
        actions.return_campaign(campaign=self.campaign, note=given["note"], actor=self.actor)
        return self.back()


class TakeBack(StepPage):
    """Takes an own newsletter back from approval."""

    any_of: ClassVar[tuple[str, ...]] = ("write_campaign",)
    heading = pgettext_lazy("campaigns", "Take back")
    explanation = pgettext_lazy("campaigns", "The newsletter is a draft again. Nothing was sent.")
    button = pgettext_lazy("campaigns", "Take back")

    def may_do(self) -> bool:
        """Only the author takes it back."""
        return self.user.pk == self.campaign.author_id

    def carry_out(self, given: dict[str, Any]) -> str:
        """Return it to oneself, without a note."""
        del given  # it asks for nothing
        actions.return_campaign(campaign=self.campaign, note="", actor=self.actor)
        return self.back()


class Approve(StepPage):
    """Approves a newsletter and freezes its letter."""

    any_of: ClassVar[tuple[str, ...]] = ("approve_campaign",)
    form_class = ApproveForm
    step = Step.APPROVE
    shows_letter = True
    heading = pgettext_lazy("campaigns", "Approve")
    explanation = pgettext_lazy(
        "campaigns",
        "The letter is frozen as you see it here, byte by byte. "
        "Nobody can change it after this, and nothing leaves yet.",
    )
    button = pgettext_lazy("campaigns", "Approve and freeze")

    def initial(self) -> dict[str, Any]:
        """Remember the version that is shown."""
        return {"seen": self.campaign.latest_revision_id}

    def carry_out(self, given: dict[str, Any]) -> str:
        """Approve what was seen."""
        actions.approve_campaign(campaign=self.campaign, by=self.user, actor=self.actor, seen=given["seen"])
        return self.back()


class Schedule(StepPage):
    """Sets the time at which a newsletter leaves."""

    any_of: ClassVar[tuple[str, ...]] = ("send_campaign",)
    form_class = ScheduleForm
    step = Step.SCHEDULE
    shows_forecast = True
    heading = pgettext_lazy("campaigns", "Set the time of sending")
    explanation = pgettext_lazy(
        "campaigns", "The gate is asked about each recipient at the moment the letter leaves, not now."
    )
    button = pgettext_lazy("campaigns", "Schedule")

    def initial(self) -> dict[str, Any]:
        """Begin with the time that is set, or nine tomorrow morning."""
        tomorrow = timezone.localtime().replace(hour=9, minute=0) + timedelta(days=1)
        at = timezone.localtime(self.campaign.lifecycle.send_at) if self.campaign.lifecycle.send_at else tomorrow
        return {"day": at.date(), "at": at.time()}

    def carry_out(self, given: dict[str, Any]) -> str:
        """Schedule."""
        actions.schedule_campaign(campaign=self.campaign, send_at=given["send_at"], actor=self.actor)
        return self.back()


class SendNow(StepPage):
    """Has a newsletter sent at once."""

    any_of: ClassVar[tuple[str, ...]] = ("send_campaign",)
    step = Step.SCHEDULE
    shows_forecast = True
    heading = pgettext_lazy("campaigns", "Send now")
    explanation = pgettext_lazy(
        "campaigns",
        "The letter begins to leave in a moment. What has left cannot be called back; the rest can be paused.",
    )
    button = pgettext_lazy("campaigns", "Send now")

    def carry_out(self, given: dict[str, Any]) -> str:
        """Send."""
        del given  # it asks for nothing
        actions.send_campaign_now(campaign=self.campaign, actor=self.actor)
        return self.back()


class Unschedule(StepPage):
    """Takes the time of a newsletter away."""

    any_of: ClassVar[tuple[str, ...]] = ("send_campaign",)
    step = Step.UNSCHEDULE
    heading = pgettext_lazy("campaigns", "Take the time away")
    explanation = pgettext_lazy("campaigns", "The newsletter stays approved and doesn't leave until it is told to.")
    button = pgettext_lazy("campaigns", "Take the time away")

    def carry_out(self, given: dict[str, Any]) -> str:
        """Take it off the schedule."""
        del given  # it asks for nothing
        actions.unschedule_campaign(campaign=self.campaign, actor=self.actor)
        return self.back()


class Pause(StepPage):
    """Pauses the sending."""

    any_of: ClassVar[tuple[str, ...]] = ("send_campaign",)
    step = Step.PAUSE
    heading = pgettext_lazy("campaigns", "Pause the sending")
    explanation = pgettext_lazy("campaigns", "Letters already begun are finished; no further one begins.")
    button = pgettext_lazy("campaigns", "Pause")

    def carry_out(self, given: dict[str, Any]) -> str:
        """Pause."""
        del given  # it asks for nothing
        actions.pause_campaign(campaign=self.campaign, actor=self.actor)
        return self.back()


class Resume(StepPage):
    """Goes on sending."""

    any_of: ClassVar[tuple[str, ...]] = ("send_campaign",)
    step = Step.RESUME
    heading = pgettext_lazy("campaigns", "Go on sending")
    explanation = pgettext_lazy("campaigns", "Whoever has had the letter doesn't get it again.")
    button = pgettext_lazy("campaigns", "Go on sending")

    def carry_out(self, given: dict[str, Any]) -> str:
        """Resume."""
        del given  # it asks for nothing
        actions.resume_campaign(campaign=self.campaign, actor=self.actor)
        return self.back()


class Cancel(StepPage):
    """Cancels a newsletter for good."""

    any_of: ClassVar[tuple[str, ...]] = ("send_campaign",)
    form_class = CancelForm
    step = Step.CANCEL
    heading = pgettext_lazy("campaigns", "Cancel the newsletter")
    explanation = pgettext_lazy(
        "campaigns", "What has left has left; nothing more will. This cannot be undone, but a copy can be written."
    )
    button = pgettext_lazy("campaigns", "Cancel for good")
    stops = True

    def carry_out(self, given: dict[str, Any]) -> str:
        """Cancel."""
        actions.cancel_campaign(campaign=self.campaign, reason=given["reason"], actor=self.actor)
        return self.back()


class Discard(StepPage):
    """Throws a draft away."""

    any_of: ClassVar[tuple[str, ...]] = ("write_campaign",)
    heading = pgettext_lazy("campaigns", "Discard the draft")
    explanation = pgettext_lazy("campaigns", "The draft and its versions are removed. This cannot be undone.")
    button = pgettext_lazy("campaigns", "Discard")
    stops = True

    def carry_out(self, given: dict[str, Any]) -> str:
        """Discard."""
        del given  # it asks for nothing
        actions.discard_campaign(campaign=self.campaign, actor=self.actor)
        return reverse("staff_campaigns:list")


class Copy(StepPage):
    """Begins a new draft with the same words."""

    any_of: ClassVar[tuple[str, ...]] = ("write_campaign",)
    heading = pgettext_lazy("campaigns", "Copy as a new draft")
    explanation = pgettext_lazy("campaigns", "You are the author of the copy. It has its own approval and sending.")
    button = pgettext_lazy("campaigns", "Copy as a new draft")

    def carry_out(self, given: dict[str, Any]) -> str:
        """Copy, and go to the editor."""
        del given  # it asks for nothing
        copy = actions.copy_campaign(campaign=self.campaign, author=self.user, actor=self.actor)
        return reverse("staff_campaign_editor:edit", args=[copy.pk])


class SendTest(StepPage):
    """Sends the letter as it is now to one mailbox."""

    any_of: ClassVar[tuple[str, ...]] = ("write_campaign", "send_campaign")
    form_class = TestForm
    heading = pgettext_lazy("campaigns", "Send a test letter")
    explanation = pgettext_lazy("campaigns", "The letter goes to one mailbox as it is now, marked as a test.")
    button = pgettext_lazy("campaigns", "Send the test letter")

    def initial(self) -> dict[str, Any]:
        """Begin with the person's own mailbox."""
        return {"to": own_address(self.user)}

    def carry_out(self, given: dict[str, Any]) -> str:
        """Send it."""
        send_test(campaign=self.campaign, to=given["to"], actor=self.actor)
        return f"{self.back()}?tested=1"
