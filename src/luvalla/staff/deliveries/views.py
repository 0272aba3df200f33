"""Pages of the desk of deliveries: all sendings, one as it goes, and who didn't get the letter and why."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.campaigns.lifecycle import Step, possible_steps
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.queries import campaigns, letter_of
from luvalla.ledger.actions import Subject
from luvalla.mailroom.models import Delivery, Shard
from luvalla.mailroom.queries import not_delivered, progress, reasons
from luvalla.people.models import User
from luvalla.people.roles import Capability
from luvalla.register.queries import shown_addresses, visible_contacts
from luvalla.rules.purposes import LookedAtFor
from luvalla.staff.campaigns.words import STATES
from luvalla.staff.deliveries.live import live_words, takeover_words
from luvalla.staff.deliveries.missed import missed_rows
from luvalla.staff.deliveries.relays import relay_rows
from luvalla.staff.deliveries.words import FAILED, OUTCOMES, reason_word
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb

State = Lifecycle.State
ANYBODY: Final = (Capability.SEE_DELIVERIES, Capability.SEND_CAMPAIGN)
BEGUN: Final = (State.SENDING, State.PAUSED, State.FINISHED, State.CANCELLED)
PAGE: Final = 50
MOST: Final = 2_000
"""How many letters the list of the missed reaches: whoever needs more narrows it."""


class Sendings(DeskView):
    """Every letter that has begun to leave, the newest first, with its sums."""

    any_of: ClassVar[tuple[str, ...]] = ANYBODY
    template_name = "staff/deliveries/list.html"
    title = pgettext_lazy("menu", "Deliveries")
    lead = pgettext_lazy(
        "deliveries", "What has left, what is leaving, and what became of it. Letters are only counted."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give a page of sendings and the relays."""
        begun = campaigns().filter(lifecycle__started_at__isnull=False).order_by("-lifecycle__started_at", "-pk")
        held = campaigns().filter(hold__isnull=False, lifecycle__started_at=None)
        page = Paginator(begun, PAGE).get_page(self.request.GET.get("p"))
        rows = [{"campaign": each, "now": progress(each), "state": _state(each)} for each in (*held, *page.object_list)]
        return super().get_context_data(rows=rows, page=page, relays=relay_rows(), **kwargs)


class SendingPage(DeskView):
    """A page about one letter's sending."""

    any_of: ClassVar[tuple[str, ...]] = ANYBODY

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the letter; 404 when there is none."""
        super().setup(request, *args, **kwargs)
        found = campaigns().select_related("lifecycle__approved_by").filter(pk=kwargs["pk"]).first()
        if found is None:
            raise Http404
        self.campaign: Campaign = found
        self.title = found.subject

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [
            Crumb(pgettext("menu", "Newsletters"), reverse("staff_campaigns:list")),
            Crumb(self.campaign.subject, reverse("staff_campaigns:campaign", args=[self.campaign.pk])),
            Crumb(pgettext("deliveries", "Sending")),
        ]

    def steps(self) -> set[str]:
        """Tell what this person may do with the sending now."""
        if not self.may(Capability.SEND_CAMPAIGN):
            return set()
        possible = set(possible_steps(self.campaign.lifecycle.state))
        return {each.value for each in possible & {Step.PAUSE, Step.RESUME, Step.CANCEL, Step.REOPEN}}


class LiveView(SendingPage):
    """A sending as it goes. It draws itself anew where scripts run, and by reloading where they don't."""

    template_name = "staff/deliveries/live.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show it; a letter that hasn't begun to leave and isn't held is shown at the desk of newsletters."""
        if self.campaign.lifecycle.state not in BEGUN and not hasattr(self.campaign, "hold"):
            return HttpResponseRedirect(reverse("staff_campaigns:campaign", args=[self.campaign.pk]))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the page, its moving parts included."""
        return super().get_context_data(
            campaign=self.campaign,
            lifecycle=self.campaign.lifecycle,
            letter=letter_of(self.campaign),
            steps=self.steps(),
            missed=missed_rows(self.campaign),
            reloads=self.campaign.lifecycle.state == State.SENDING and "still" not in self.request.GET,
            **self.moving(),
            **kwargs,
        )

    def moving(self) -> dict[str, Any]:
        """Give what changes while letters leave."""
        words = live_words(self.campaign)
        shards: list[Shard] = words["shards"]
        done = sum(each.done_at is not None for each in shards)
        running = sum(each.done_at is None and bool(each.owner) for each in shards)
        counts = {"done": done, "running": running, "waiting": len(shards) - done - running}
        taken = [takeover_words(each, number) for number, each in enumerate(shards, start=1) if each.taken_over_at]
        return {**words, "counts": counts, "taken": taken, "relays": relay_rows()}


class LiveParts(LiveView):
    """The moving parts alone, for the script of the page."""

    template_name = "staff/deliveries/moving.html"


class Missed(SendingPage):
    """Who didn't get the letter, and why: masked, by outcome and reason, for those who may see contacts."""

    template_name = "staff/deliveries/missed.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer those who may see contacts too, whatever they ask for."""
        if isinstance(request.user, User) and not self.may(Capability.SEE_CONTACTS):
            return self.refuse()
        return super().dispatch(request, *args, **kwargs)

    def crumbs(self) -> list[Crumb]:
        """Give the way, one step further."""
        *before, sending = super().crumbs()
        url = reverse("staff_deliveries:campaign", args=[self.campaign.pk])
        return [*before, Crumb(sending.label, url), Crumb(pgettext("deliveries", "Who didn't get it, and why"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the counts of the reasons and a page of the letters, and write down that it was read."""
        state, reason = self.request.GET.get("state", ""), self.request.GET.get("reason", "")
        found = self.found(state, reason)
        page = Paginator(found[:MOST], PAGE).get_page(self.request.GET.get("p"))
        rows = _rows(list(page.object_list))
        subject = Subject("campaign", str(self.campaign.ref))
        facts, seen = {"letters": len(rows)}, {row["letter"].contact_id for row in rows if row["shown"]}
        self.record_read(
            "mailroom.show_failures", purpose=LookedAtFor.DELIVERY, subject=subject, facts=facts, seen=seen
        )
        chosen = [str(OUTCOMES[state][0])] if state in FAILED else []
        chosen += [reason_word(reason)] if reason else []
        return super().get_context_data(**{
            "campaign": self.campaign,
            "totals": _totals(self.campaign),
            "state": state,
            "reason": reason,
            "chosen": ", ".join(chosen),
            "is_cut": len(found) > MOST,
            "most": MOST,
            "page": page,
            "rows": rows,
            **kwargs,
        })  # fmt: skip

    def found(self, state: str, reason: str) -> list[Delivery]:
        """Give the letters that fit, and one more than can be shown if there are more."""
        states = (state,) if state in FAILED else FAILED
        letters = not_delivered(self.campaign).filter(state__in=states)
        return list((letters.filter(reason=reason) if reason else letters)[: MOST + 1])


def _totals(campaign: Campaign) -> list[dict[str, Any]]:
    """Count the letters by outcome and reason, the most frequent first; the erased people's are among them."""
    return [
        {
            "query": urlencode({"state": state, "reason": reason}),
            "state": OUTCOMES[state][0],
            "word": reason_word(reason),
            "count": count,
        }
        for (state, reason), count in sorted(reasons(campaign).items(), key=lambda each: -each[1])
        if state in FAILED
    ]


def _rows(letters: list[Delivery]) -> list[dict[str, Any]]:
    """Give the letters with their addressees masked; restricted people are left alone, and erased ones are gone."""
    shown = shown_addresses(visible_contacts().filter(pk__in=[each.contact_id for each in letters]))
    return [
        {
            "letter": each,
            "shown": shown.get(each.contact_id, ""),
            "state": OUTCOMES[each.state][0],
            "word": reason_word(each.reason),
        }
        for each in letters
    ]


def _state(campaign: Campaign) -> tuple[str | Promise, str, str]:
    """Give word, icon and tone; a held letter says so whatever its state."""
    if hasattr(campaign, "hold"):
        return pgettext("deliveries", "Held"), "lock", "shut"
    return STATES[State(campaign.lifecycle.state)]
