"""Tokens and webhooks: what there is, how one is made, how one ends."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, ClassVar, Final

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.api.errors import NotAToken, WebhookRefused
from luvalla.api.models import Token, Webhook
from luvalla.api.scopes import Scope
from luvalla.api.tokens import make_token, revoke_token, tokens, why_dead
from luvalla.api.webhooks import Event, add_webhook, close_webhook, open_webhooks
from luvalla.organisation.models import Processor
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb
from luvalla.staff.programs.forms import ANOTHER, ME, TokenForm, WebhookForm
from luvalla.staff.programs.words import DEAD, EVENTS, REFUSED, SCOPES, UNKNOWN_HOST

ANY_OF: Final = ("change_settings", "see_settings")


class ProgramList(DeskView):
    """Every token and webhook; a button beside each takes it out of force."""

    any_of: ClassVar[tuple[str, ...]] = ANY_OF
    template_name = "staff/programs/list.html"
    title: str | Promise = pgettext_lazy("menu", "Programs")
    lead: str | Promise = pgettext_lazy(
        "programs",
        "Other systems that reach Luvalla, each with its own token. A token ends with its person's undertaking or its "
        "processor's contract, at that moment.",
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the tokens and the webhooks."""
        waiting = Count("calls", filter=Q(calls__answered_at=None))
        webhooks = open_webhooks().annotate(waiting=waiting, last=Max("calls__answered_at"))
        rows = [_token(each) for each in tokens()]
        return super().get_context_data(**{"tokens": rows, "webhooks": [_webhook(each) for each in webhooks], **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Take a token or a webhook out of force."""
        if not self.may("change_settings"):
            return self.refuse()  # type: ignore[return-value]  # a page
        if "token" in request.POST:
            revoke_token(token=get_object_or_404(Token, ref=request.POST["token"]), actor=self.actor)
        elif "webhook" in request.POST:
            close_webhook(webhook=get_object_or_404(Webhook, ref=request.POST["webhook"]), actor=self.actor)
        return HttpResponseRedirect(reverse("staff_programs:list"))


class MakePage(DeskView):
    """A page that makes something whose key is shown once."""

    any_of: ClassVar[tuple[str, ...]] = ("change_settings",)
    template_name = "staff/programs/make.html"
    title: str | Promise = ""

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Programs"), reverse("staff_programs:list")), Crumb(str(self.title))]

    def shown_once(self, key: str) -> HttpResponse:
        """Show the key; no page has it again."""
        answer = self.render_to_response(self.get_context_data(key=key))
        answer["Cache-Control"] = "no-store"
        return answer


class MakeToken(MakePage):
    """Makes a token for oneself or for a processor's system."""

    title: str | Promise = pgettext_lazy("programs", "Make a token")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        return super().get_context_data(**{"form": TokenForm(person=self.user), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Make it and show it once."""
        form = TokenForm(request.POST, person=self.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        given = form.cleaned_data
        is_mine, is_anothers = given["owner"] == ME, given["owner"] == ANOTHER
        end = timezone.make_aware(datetime.combine(given["last_day"], time.max))
        try:
            _made, key = make_token(
                name=given["name"],
                scopes=[Scope(each) for each in given["scopes"]],
                expires_at=end,
                source=given["source"],
                person=self.user if is_mine else None,
                controller=given["controller"] if is_anothers else "",
                processor=None if is_mine or is_anothers else get_object_or_404(Processor, pk=given["owner"]),
                actor=self.actor,
            )
        except NotAToken:
            return self.render_to_response(self.get_context_data(form=form), status=409)
        return self.shown_once(key)


class AddWebhook(MakePage):
    """Adds a webhook and shows the key of its signatures once."""

    title: str | Promise = pgettext_lazy("programs", "Add a webhook")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        return super().get_context_data(**{"form": WebhookForm(), "is_webhook": True, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Add it and show its key once."""
        form = WebhookForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        given = form.cleaned_data
        try:
            events = [Event(each) for each in given["events"]]
            _added, key = add_webhook(url=given["url"], events=events, source=given["source"], actor=self.actor)
        except WebhookRefused as fault:
            form.add_error("url", str(REFUSED.get(fault.why, UNKNOWN_HOST)))
            return self.render_to_response(self.get_context_data(form=form))
        return self.shown_once(key)


def _token(token: Token) -> dict[str, Any]:
    dead = why_dead(token)
    return {
        "token": token,
        "owner": token.person or token.processor or token.controller,
        "is_person": token.person_id is not None,
        "scopes": [SCOPES[Scope(each)] for each in token.scopes.split()],
        "dead": DEAD[dead] if dead else "",
    }


def _webhook(webhook: Any) -> dict[str, Any]:
    return {"webhook": webhook, "events": [EVENTS[Event(each)] for each in webhook.events.split()]}
