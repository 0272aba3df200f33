"""What is done with an item: it is locked away, taken out, received, described, destroyed."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import pgettext

from luvalla.paper.actions import (
    check_out,
    give_up_as_lost,
    lock_away,
    take_over,
    uncover_description,
)
from luvalla.paper.errors import PaperError
from luvalla.paper.models import PaperItem, Place
from luvalla.paper.queries import running_stock_take
from luvalla.paper.stock import count_item
from luvalla.staff.paper.forms import DescribeForm, LostForm
from luvalla.staff.paper.views import ItemPage
from luvalla.staff.paper.words import fault_sentence
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


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
