"""Copies that travel between controllers (GDPR 20(2)): to whom ours can go, and what comes from others."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.rights.actions.taking_in import accept_copy, refuse_copy, show_copy, take_in
from luvalla.rights.actions.transmitting import close_receiver, record_receiver
from luvalla.rights.copies.portability import NotPortable
from luvalla.rights.doers import has_role
from luvalla.rights.errors import ReceiverRefused, RightsError, StepRefused
from luvalla.rights.files import LARGEST
from luvalla.rights.models import IncomingCopy, ReceivingController
from luvalla.rights.queries import receiving_controllers, waiting_copies
from luvalla.rules.case_states import Who
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb
from luvalla.staff.requests.copy_forms import ReceiverForm, RefuseForm
from luvalla.staff.requests.forms import TakeInForm
from luvalla.staff.requests.words import sentence_of

WAYS: Final[dict[str, Promise]] = {
    "not_https": pgettext_lazy("receiver", "The address has to begin with https://."),
    "no_contract": pgettext_lazy("receiver", "Copies go to controllers in the EEA only. Hand this one to the person."),
    "inner_address": pgettext_lazy("receiver", "The name leads into an inner network."),
    "no_such_name": pgettext_lazy("receiver", "The name leads nowhere. Look at the spelling."),
    "unknown_host": pgettext_lazy("receiver", "That is no address of a site."),
}
"""Why another controller can't be recorded, by the code of the one way out."""


class CopiesDesk(DeskView):
    """What the pages of copies share."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Requests"), reverse("staff_requests:list")), Crumb(str(self.title))]

    @property
    def is_owner(self) -> bool:
        """Whether the person is register owner, who alone records other controllers."""
        return has_role(self.actor, Who.REGISTER_OWNER)


class ReceiverList(CopiesDesk):
    """The controllers to which copies can go."""

    template_name = "staff/requests/receivers.html"
    title = pgettext_lazy("requests", "To other controllers")
    lead = pgettext_lazy(
        "requests",
        "Where a person's copy can be transmitted at their wish (GDPR 20(2)). The other controller makes you a token "
        "in its Luvalla, under Programs, and you make it one in yours.",
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the list."""
        return super().get_context_data(**{"rows": receiving_controllers(), "is_owner": self.is_owner, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Send nothing more to one."""
        receiver = get_object_or_404(ReceivingController, ref=request.POST.get("receiver") or None)
        if not self.is_owner:
            return self.refuse()  # type: ignore[return-value]  # a page
        close_receiver(receiver=receiver, actor=self.actor)
        return HttpResponseRedirect(reverse("staff_requests:receivers"))


class AddReceiver(CopiesDesk):
    """Records another controller."""

    template_name = "staff/requests/receiver.html"
    title = pgettext_lazy("requests", "Record another controller")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        return super().get_context_data(**{"form": ReceiverForm(), "is_owner": self.is_owner, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Record it, or say why nothing may go there."""
        if not self.is_owner:
            return self.refuse()  # type: ignore[return-value]  # a page
        form = ReceiverForm(request.POST)
        if form.is_valid():
            try:
                record_receiver(**form.cleaned_data, actor=self.actor)
            except ReceiverRefused as fault:
                form.add_error("url", str(WAYS[fault.why]))
            else:
                return HttpResponseRedirect(reverse("staff_requests:receivers"))
        return self.render_to_response(self.get_context_data(form=form))


class TakeInPage(CopiesDesk):
    """What other controllers have transmitted and waits for a decision; and a document that came as a file."""

    template_name = "staff/requests/take_in.html"
    title = pgettext_lazy("requests", "Take in a copy from another service")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the list and the form."""
        return super().get_context_data(**{"form": TakeInForm(), "waiting": waiting_copies(), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Ask the person, or say that the file is none of these."""
        form = TakeInForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                take_in(document=form.cleaned_data["document"].read(LARGEST), actor=self.actor)
            except (NotPortable, StepRefused) as fault:
                form.add_error("document", sentence_of(fault))
            else:
                return self.render_to_response(self.get_context_data(is_done=True))
        return self.render_to_response(self.get_context_data(form=form))


class IncomingPage(CopiesDesk):
    """One copy that waits, opened; the look is a row in the ledger. It is accepted or refused here."""

    template_name = "staff/requests/incoming.html"
    title = pgettext_lazy("requests", "A copy from another controller")
    lead = pgettext_lazy("requests", "This look is written into the ledger.")

    @cached_property
    def copy(self) -> IncomingCopy:
        """The copy, while it waits."""
        found = waiting_copies().filter(ref=self.kwargs["ref"]).first()
        if found is None:
            raise Http404
        return found

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        listing, here = super().crumbs()
        return [listing, Crumb(str(TakeInPage.title), reverse("staff_requests:take_in")), here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Open it."""
        form = kwargs.pop("form", None) or RefuseForm()
        try:
            told = show_copy(copy=self.copy, actor=self.actor)
        except StepRefused:
            raise Http404 from None
        return super().get_context_data(**{"copy": self.copy, "told": told, "form": form, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Accept or refuse it."""
        form = RefuseForm(request.POST if "refuse" in request.POST else None)
        if form.is_bound and not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            if form.is_bound:
                refuse_copy(copy=self.copy, reason=form.cleaned_data["reason"], actor=self.actor)
            else:
                accept_copy(copy=self.copy, actor=self.actor)
        except RightsError as fault:
            return self.render_to_response(self.get_context_data(fault=sentence_of(fault)), status=409)
        return HttpResponseRedirect(reverse("staff_requests:take_in"))
