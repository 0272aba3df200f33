"""The places where paper lies."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.paper.actions import add_place, give_up_place, set_lock
from luvalla.paper.errors import PaperError
from luvalla.paper.models import Place
from luvalla.paper.queries import places
from luvalla.staff.paper.forms import PlaceForm
from luvalla.staff.paper.views import PaperDesk
from luvalla.staff.paper.words import fault_sentence


class PlaceList(PaperDesk):
    """Shows the places with what lies there; adds one, says that a lock broke or was mended, gives one up."""

    any_of: ClassVar[tuple[str, ...]] = ("keep_paper",)
    template_name = "staff/paper/places.html"
    title: str | Promise = pgettext_lazy("paper", "Places")
    lead: str | Promise = pgettext_lazy("paper", "A place is locked or it isn't. Paper is kept in locked ones.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the places and the form."""
        listed = places().annotate(lying=Count("items", filter=Q(items__destroyed_at=None)))
        return super().get_context_data(**{"places": listed, "form": PlaceForm(), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Do what the button says."""
        act = request.POST.get("act", "")
        try:
            if act == "add":
                return self._add(PlaceForm(request.POST))
            self._change(act, request.POST.get("place", ""))
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(fault=fault_sentence(fault)), status=409)
        return HttpResponseRedirect(reverse("staff_paper:places"))

    def _add(self, form: PlaceForm) -> HttpResponse:
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        given = form.cleaned_data
        add_place(
            site=given["site"],
            room=given["room"],
            cabinet=given["cabinet"],
            is_locked=given["is_locked"] == "yes",
            actor=self.actor,
        )
        return HttpResponseRedirect(reverse("staff_paper:places"))

    def _change(self, act: str, number: str) -> None:
        place = get_object_or_404(Place, pk=int(number) if number.isdecimal() else 0)
        if act == "give_up":
            give_up_place(place=place, actor=self.actor)
        elif act in {"lock", "unlock"}:
            set_lock(place=place, is_locked=act == "lock", actor=self.actor)
