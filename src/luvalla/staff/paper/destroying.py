"""Destroying paper at the desk: it is written down, confirmed by its witness, or taken back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.paper.destruction import (
    Outsider,
    begin_destruction,
    confirm_destruction,
    deny_destruction,
    destroy_before_outsider,
    open_protocol,
)
from luvalla.paper.errors import PaperError
from luvalla.paper.models import Destruction, PaperItem
from luvalla.paper.queries import items_past_their_time
from luvalla.people.models import User
from luvalla.staff.paper.forms import OUTSIDE, DestroyForm
from luvalla.staff.paper.views import PaperDesk
from luvalla.staff.paper.words import KINDS, METHOD_WORDS, fault_sentence
from luvalla.staff.parts import Crumb


class DestroySeveral(PaperDesk):
    """Destroys what is past its time, before a witness: the items that were ticked."""

    template_name = "staff/paper/destroy.html"
    title: str | Promise = pgettext_lazy("paper", "Destroy paper")
    lead: str | Promise = pgettext_lazy(
        "paper",
        "Destroy the paper first, together with your witness. Then write it down here. It counts as destroyed when "
        "your witness has confirmed it. The description goes then; number, persons and time stay.",
    )

    def items(self) -> list[PaperItem]:
        """Give what may be ticked."""
        return list(items_past_their_time())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form and the items."""
        return super().get_context_data(**{
            "form": DestroyForm(person=self.user),
            "rows": [{"item": each, "kind": KINDS[each.kind]} for each in self.items()],
            "is_single": False,
            **kwargs,
        })  # fmt: skip

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Write the destruction down."""
        form = DestroyForm(request.POST, request.FILES, person=self.user)
        chosen = self.chosen(request)
        if not form.is_valid() or not chosen:
            return self.render_to_response(self.get_context_data(form=form, nothing_chosen=not chosen))
        try:
            self._write_down(chosen, form.cleaned_data)
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(form=form, fault=fault_sentence(fault)), status=409)
        return HttpResponseRedirect(self.done_at())

    def _write_down(self, chosen: list[PaperItem], given: dict[str, Any]) -> None:
        """Ask the witness to confirm it, or keep an outside witness's protocol."""
        told = {"items": chosen, "method": given["method"], "actor": self.actor}
        if given["witness"] == OUTSIDE:
            protocol = given["protocol"].read() if given["protocol"] else b""
            destroy_before_outsider(outsider=Outsider(given["outsider"], protocol), **told)
            return
        witness = User.objects.select_related("undertaking", "employer").get(pk=int(given["witness"]))
        begin_destruction(witness=witness, **told)

    def chosen(self, request: HttpRequest) -> list[PaperItem]:
        """Give the items that were ticked."""
        refs = set(request.POST.getlist("ref"))
        return [each for each in self.items() if str(each.ref) in refs]

    def done_at(self) -> str:
        """Give the page to go on with."""
        return reverse("staff_paper:list")


class Destroy(DestroySeveral):
    """Destroys one item, whether its time is over or not."""

    def items(self) -> list[PaperItem]:
        """Give the item."""
        there = {"destroyed_at": None, "posted_at": None, "destruction": None}
        return [get_object_or_404(PaperItem, ref=self.kwargs["ref"], **there)]

    def chosen(self, request: HttpRequest) -> list[PaperItem]:  # noqa: ARG002  # the item is in the page's address
        """Give the item."""
        return self.items()

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        first, last = super().crumbs()
        return [first, Crumb(str(self.items()[0]), self.done_at()), last]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the item's number in the heading."""
        title = pgettext("paper", "Destroy %(number)s") % {"number": self.items()[0]}
        return super().get_context_data(**{"title": title, "is_single": True, **kwargs})

    def done_at(self) -> str:
        """Give the item's page."""
        return reverse("staff_paper:item", args=[self.kwargs["ref"]])


class Witness(PaperDesk):
    """A destruction for its witness to confirm, or for whoever wrote it down to take back; nobody else sees it."""

    template_name = "staff/paper/witness.html"
    title: str | Promise = pgettext_lazy("paper", "Destruction to confirm")

    @cached_property
    def destruction(self) -> Destruction:
        """The destruction, while it waits; 404 for anybody but its two people."""
        waiting = Destruction.objects.select_related("person", "witness").filter(ref=self.kwargs["ref"]).first()
        if waiting is None or self.user.pk not in {waiting.person_id, waiting.witness_id}:
            raise Http404
        return waiting

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give what was destroyed, by whom, how and when."""
        found = self.destruction
        items = [{"item": each, "kind": KINDS[each.kind]} for each in found.items.order_by("pk")]
        return super().get_context_data(**{
            "destruction": found,
            "method": METHOD_WORDS.get(found.method, found.method),
            "rows": items,
            "is_witness": found.witness_id == self.user.pk,
            **kwargs,
        })  # fmt: skip

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Confirm it, or say that it wasn't seen; whoever wrote it down can take it back."""
        is_seen = request.POST.get("seen") == "yes"
        try:
            (confirm_destruction if is_seen else deny_destruction)(destruction=self.destruction, actor=self.actor)
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(fault=fault_sentence(fault)), status=409)
        return HttpResponseRedirect(reverse("staff_paper:list"))


class Protocol(PaperDesk):
    """Gives the scan of an outside witness's signed protocol; the look is a row in the ledger."""

    http_method_names = ("get",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:  # noqa: ARG002  # Django's signature
        """Give the file; 404 where there is none."""
        found = get_object_or_404(Destruction.objects.exclude(protocol=b""), ref=self.kwargs["ref"])
        answer = HttpResponse(open_protocol(destruction=found, actor=self.actor), content_type=found.protocol_type)
        answer["Content-Disposition"] = 'attachment; filename="protocol"'
        answer["Cache-Control"] = "no-store"
        return answer
