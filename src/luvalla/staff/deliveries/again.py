"""A second send to just those who didn't get the letter: whom, by outcome and reason."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.campaigns.errors import CampaignError
from luvalla.campaigns.lifecycle import Step
from luvalla.mailroom.second_send import Missed, send_again
from luvalla.people.roles import Capability
from luvalla.staff.deliveries.missed import missed_rows
from luvalla.staff.deliveries.views import SendingPage
from luvalla.staff.parts import Crumb


class Again(SendingPage):
    """Asks who of the missed is to get the letter again, and sends it."""

    any_of: ClassVar[tuple[str, ...]] = (Capability.SEND_CAMPAIGN,)
    template_name = "staff/deliveries/again.html"
    heading = pgettext_lazy("deliveries", "Send again to the missed")

    def crumbs(self) -> list[Crumb]:
        """Give the way, one step further."""
        *before, sending = super().crumbs()
        return [*before, Crumb(sending.label, self.back()), Crumb(str(self.heading))]

    def back(self) -> str:
        """Give the address of the sending."""
        return reverse("staff_deliveries:campaign", args=[self.campaign.pk])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask; a letter that isn't finished, or that nobody missed, is shown as it stands."""
        if Step.REOPEN.value not in self.steps() or not missed_rows(self.campaign):
            return HttpResponseRedirect(self.back())
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the choice; nothing is chosen beforehand."""
        return super().get_context_data(
            **{"campaign": self.campaign, "rows": missed_rows(self.campaign), "back": self.back(), **kwargs}
        )

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Send again to those chosen, or say that nobody is."""
        chosen = [Missed(*key.split(":", 1)) for key in request.POST.getlist("missed") if ":" in key]
        try:
            letters = send_again(campaign=self.campaign, chosen=chosen, actor=self.actor)
        except CampaignError as fault:
            return self.not_done(str(fault))
        if not letters:
            return self.not_done(pgettext("deliveries", "Choose at least one group. Nothing was sent."))
        return HttpResponseRedirect(self.back())

    def not_done(self, fault: str) -> HttpResponse:
        """Say why nothing was done."""
        answer: HttpResponse = self.render_to_response(self.get_context_data(fault=fault), status=422)
        return answer
