"""The page of a stock-take: what is still to be seen, and what differs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.paper.errors import PaperError
from luvalla.paper.models import StockTake
from luvalla.paper.queries import running_stock_take, stock_take_due
from luvalla.paper.stock import Differences, differences, finish_stock_take, start_stock_take, unseen_items
from luvalla.staff.formats import number
from luvalla.staff.paper.views import PaperDesk
from luvalla.staff.paper.words import KINDS, fault_sentence
from luvalla.staff.parts import Figure

EARLIER = 10


class StockTakePage(PaperDesk):
    """Starts a stock-take, shows how it stands, ends it."""

    any_of: ClassVar[tuple[str, ...]] = ("keep_paper",)
    template_name = "staff/paper/stock.html"
    title: str | Promise = pgettext_lazy("paper", "Stock-take")
    lead: str | Promise = pgettext_lazy(
        "paper", "Go from cabinet to cabinet, scan each label with your phone and touch the place where it lies."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the stock-take that runs, and the earlier ones."""
        running = running_stock_take()
        unseen = unseen_items(running) if running else ()
        ended = StockTake.objects.exclude(finished_at=None).order_by("-finished_at")[:EARLIER]
        return super().get_context_data(**{
            "running": running,
            "figures": _figures(differences(running)) if running else [],
            "unseen": [{"item": each, "kind": KINDS[each.kind]} for each in unseen],
            "earlier": [_ended(each) for each in ended],
            "due": stock_take_due(),
            **kwargs,
        })  # fmt: skip

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Start it or end it."""
        act = finish_stock_take if request.POST.get("act") == "finish" else start_stock_take
        try:
            act(actor=self.actor)
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(fault=fault_sentence(fault)), status=409)
        return HttpResponseRedirect(reverse("staff_paper:stock"))


def _ended(stock_take: StockTake) -> dict[str, Any]:
    return {"stock_take": stock_take, "differs": differences(stock_take), "missed": stock_take.missed.all()}


def _figures(now: Differences) -> list[Figure]:
    return [
        Figure(pgettext("stock-take", "In their place"), number(now.in_place)),
        Figure(pgettext("stock-take", "Found in another place"), number(now.misplaced)),
        Figure(pgettext("stock-take", "Not seen yet"), number(now.missing)),
        Figure(pgettext("stock-take", "In somebody's hands"), number(now.in_hand)),
    ]
