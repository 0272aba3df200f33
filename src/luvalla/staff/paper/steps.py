"""What is done with an item: it is locked away, taken out, received, described, destroyed."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.paper.actions import (
    check_out,
    destroy_items,
    give_up_as_lost,
    lock_away,
    take_over,
    uncover_description,
)
from luvalla.paper.errors import PaperError
from luvalla.paper.models import PaperItem, Place
from luvalla.paper.queries import items_past_their_time, running_stock_take
from luvalla.paper.stock import count_item
from luvalla.people.models import User
from luvalla.staff.paper.forms import DescribeForm, DestroyForm, LostForm
from luvalla.staff.paper.views import ItemPage, PaperDesk
from luvalla.staff.paper.words import KINDS, fault_sentence
from luvalla.staff.parts import Crumb


class ItemStep(ItemPage):
    """A step that is one touch on the item's page; what can't be done is said there."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Take the step and show the item again."""
        try:
            self.take(self.item, request)
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(fault=fault_sentence(fault)), status=409)
        return HttpResponseRedirect(reverse("staff_paper:item", args=[self.kwargs["ref"]]))

    @abstractmethod
    def take(self, item: PaperItem, request: HttpRequest) -> None:
        """Take the step."""


class LockAway(ItemStep):
    """Puts the item into the place whose button was touched; in a stock-take that counts it too."""

    def take(self, item: PaperItem, request: HttpRequest) -> None:
        """Lock it away."""
        place = get_object_or_404(Place, pk=_number(request.POST.get("place")))
        if running_stock_take() is not None:
            count_item(item=item, place=place, actor=self.actor)
        else:
            lock_away(item=item, place=place, actor=self.actor)


class CheckOut(ItemStep):
    """Takes the item out of its place."""

    def take(self, item: PaperItem, request: HttpRequest) -> None:  # noqa: ARG002  # the step's signature
        """Take it out."""
        check_out(item=item, actor=self.actor)


class TakeOver(ItemStep):
    """Receives the item from the person who holds it."""

    def take(self, item: PaperItem, request: HttpRequest) -> None:  # noqa: ARG002  # the step's signature
        """Receive it."""
        take_over(item=item, actor=self.actor)


class GiveUpAsLost(ItemPage):
    """Says that an item can't be found. What follows is a breach to be written down (GDPR 33)."""

    template_name = "staff/paper/lost.html"

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        listing, item = super().crumbs()
        return [listing, Crumb(item.label, self._page()), Crumb(pgettext("paper", "Can't be found"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the question."""
        title = pgettext("paper", "%(number)s can't be found") % {"number": self.item}
        return super().get_context_data(**{"form": LostForm(), "title": title, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Write it down."""
        form = LostForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            give_up_as_lost(item=self.item, reason=form.cleaned_data["reason"], actor=self.actor)
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(form=form, fault=fault_sentence(fault)), status=409)
        return HttpResponseRedirect(self._page())

    def _page(self) -> str:
        return reverse("staff_paper:item", args=[self.kwargs["ref"]])


class Describe(ItemPage):
    """Shows what the item is, for a purpose that stays in the ledger."""

    template_name = "staff/paper/describe.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the question."""
        return super().get_context_data(**{"form": DescribeForm(), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Open the description and record the look."""
        form = DescribeForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            opened = uncover_description(item=self.item, purpose=form.cleaned_data["purpose"], actor=self.actor)
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(form=form, fault=fault_sentence(fault)), status=409)
        answer = self.render_to_response(self.get_context_data(opened=opened, is_opened=True))
        answer["Cache-Control"] = "no-store"
        return answer


class DestroySeveral(PaperDesk):
    """Destroys what is past its time, before a witness: the items that were ticked."""

    template_name = "staff/paper/destroy.html"
    title: str | Promise = pgettext_lazy("paper", "Destroy paper")
    lead: str | Promise = pgettext_lazy(
        "paper",
        "Destroy the paper first, together with your witness. Then write it down here. "
        "The description goes; number, persons and time stay.",
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
        form = DestroyForm(request.POST, person=self.user)
        chosen = self.chosen(request)
        if not form.is_valid() or not chosen:
            return self.render_to_response(self.get_context_data(form=form, nothing_chosen=not chosen))
        witness = User.objects.select_related("undertaking", "employer").get(pk=form.cleaned_data["witness"])
        try:
            destroy_items(items=chosen, method=form.cleaned_data["method"], witness=witness, actor=self.actor)
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(form=form, fault=fault_sentence(fault)), status=409)
        return HttpResponseRedirect(self.done_at())

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
        return [get_object_or_404(PaperItem, ref=self.kwargs["ref"], destroyed_at=None, posted_at=None)]

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


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
