"""The list of paper, and an item's page: what its label's code opens, on a phone first."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.paper.days import OF_A_CASE
from luvalla.paper.destruction import destructions_to_witness, outsider_of
from luvalla.paper.models import PaperItem
from luvalla.paper.queries import (
    gone_items,
    items,
    items_in_the_open,
    items_in_wrong_hands,
    items_missing,
    items_past_their_time,
    open_searches,
    places,
    running_stock_take,
    stock_take_due,
    why_not_handle,
)
from luvalla.rights.models import DataRequest
from luvalla.rights.paper_to_change import destruction_task_of
from luvalla.rights.queries import open_custodian_tasks
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import number
from luvalla.staff.paper.words import KINDS, METHOD_WORDS, ORIGINS, WHATS
from luvalla.staff.parts import Crumb

ANY_OF: Final = ("keep_paper", "handle_requests")
PAGE: Final = 50


class PaperDesk(DeskView):
    """What the pages of this desk share."""

    any_of: ClassVar[tuple[str, ...]] = ANY_OF

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Paper"), reverse("staff_paper:list")), Crumb(str(self.title))]


class PaperList(PaperDesk):
    """Everything on paper, what is late first; an item is found by the number on its label."""

    template_name = "staff/paper/list.html"
    title = pgettext_lazy("menu", "Paper")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go to the item whose number was given, or show the list."""
        found = _item_numbered(request.GET.get("number", ""))
        if found is not None:
            return HttpResponseRedirect(reverse("staff_paper:item", args=[found.ref]))
        return super().get(request, *args, **kwargs)

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the items, and what has to be done."""
        shows_gone = "gone" in self.request.GET
        shown = gone_items() if shows_gone else items().order_by("place", "lock_by", "-pk")
        late, missing = items_in_the_open().order_by("lock_by", "pk"), items_missing()
        late, unconfirmed = late.filter(destruction=None), late.exclude(destruction=None)
        page, due = Paginator(shown, PAGE).get_page(self.request.GET.get("p")), stock_take_due()
        return super().get_context_data(
            heading=_heading(late.count(), missing.count(), unconfirmed.count(), items().count()),
            late=late[:PAGE],
            unconfirmed=unconfirmed[:PAGE],
            missing=missing[:PAGE],
            wrong_hands=items_in_wrong_hands()[:PAGE],
            over=items_past_their_time().count(),
            searches=[{"search": each, "number": each.pk} for each in open_searches()],
            to_witness=destructions_to_witness(self.user),
            stock_take=running_stock_take(),
            stock_take_due=due,
            is_stock_take_late=due is not None and due < timezone.localdate(),
            page=page,
            rows=[_row(each) for each in page.object_list],
            shows_gone=shows_gone,
            other_way=reverse("staff_paper:list") + ("" if shows_gone else "?gone=1"),
            sought=self.request.GET.get("number", ""),
            **kwargs,
        )


class ItemPage(PaperDesk):
    """One item: where it is, and the one thing to do with it now."""

    template_name = "staff/paper/item.html"

    @property
    def item(self) -> PaperItem:
        """The item of the address; 404 for one that isn't there."""
        beside = ("place", "holder", "custodian", "destruction__person", "destruction__witness")
        item = PaperItem.objects.select_related(*beside).filter(ref=self.kwargs["ref"]).first()
        if item is None:
            raise Http404
        return item

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Paper"), reverse("staff_paper:list")), Crumb(str(self.item))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the item with its history and what can be done."""
        item, is_running = self.item, running_stock_take() is not None
        is_mine = item.holder_id == self.user.pk
        is_missing = items_missing().filter(pk=item.pk).exists()
        case, task = case_of(item), destruction_task_of(item)
        takes_place = is_mine or is_running or is_missing or item.lost_at is not None
        return super().get_context_data(**{
            "title": str(item),
            "item": item,
            "kind": KINDS[item.kind],
            "origin": ORIGINS[item.origin],
            "is_mine": is_mine,
            "is_counting": is_running,
            "is_late": items_in_the_open().filter(pk=item.pk).exists(),
            "is_missing": is_missing,
            "is_wrong_hands": items_in_wrong_hands().filter(pk=item.pk).exists(),
            "takes_place": takes_place,
            "places": places().filter(is_locked=True) if takes_place else (),
            "case": case,
            "needs_custodian": case is not None and open_custodian_tasks().filter(request=case).exists(),
            "destroy_for": task.request if task is not None else None,
            "is_in_destruction": item.destruction is not None
            and self.user.pk in {item.destruction.person_id, item.destruction.witness_id},
            "outsider": outsider_of(item.destruction) if item.destruction is not None else "",
            "may_handle": not why_not_handle(self.user),
            "events": [_event(each) for each in item.events.select_related("person", "place").order_by("-pk")],
            **kwargs,
        })  # fmt: skip


def _item_numbered(text: str) -> PaperItem | None:
    digits = text.strip().upper().removeprefix("P").strip()
    return PaperItem.objects.filter(pk=int(digits)).first() if digits.isdecimal() and len(digits) < 10 else None  # noqa: PLR2004  # what a database's number holds


def case_of(item: PaperItem) -> DataRequest | None:
    """Give the request that an item belongs to."""
    return DataRequest.objects.filter(ref=item.about_ref).first() if item.about_kind == OF_A_CASE else None


def _heading(late: int, missing: int, unconfirmed: int, there: int) -> str:
    if late:
        words = npgettext(
            "paper",
            "%(count)s item should lie in a locked place.",
            "%(count)s items should lie in a locked place.",
            late,
        )
        return words % {"count": number(late)}
    if missing:
        words = npgettext("paper", "%(count)s item is missing.", "%(count)s items are missing.", missing)
        return words % {"count": number(missing)}
    if unconfirmed:
        return pgettext("paper", "A destruction has not been confirmed.")
    if not there:
        return pgettext("paper", "There is no paper.")
    words = npgettext(
        "paper", "%(count)s item of paper, and it is where it should be.",
        "%(count)s items of paper, and all are where they should be.", there,
    )  # fmt: skip
    return words % {"count": number(there)}


def _row(item: PaperItem) -> dict[str, Any]:
    return {"item": item, "kind": KINDS[item.kind], "origin": ORIGINS[item.origin]}


def _event(event: Any) -> dict[str, Any]:
    return {"event": event, "what": WHATS[event.what], "method": METHOD_WORDS.get(event.method, "")}
