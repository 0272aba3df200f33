"""The acknowledgements that wait: mails that came when too many did, or from senders that may be forged."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.rights.errors import StepRefused
from luvalla.rights.mail_senders import AUTOMATIC, FORGED, PACE
from luvalla.rights.pace import drop, held_requests, let_go, why_held
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import number
from luvalla.staff.parts import Crumb

MOST: Final = 200
"""How many of them the page shows at once; what isn't shown isn't settled either."""
WHY: Final[dict[str, str | Promise]] = {
    PACE: pgettext_lazy("held", "Too many came within an hour"),
    FORGED: pgettext_lazy("held", "The sender seems to be forged"),
    AUTOMATIC: pgettext_lazy("held", "A program or an automatic list seems to have sent it"),
}


class HeldList(DeskView):
    """Each mail whose acknowledgement waits, with the reason; all that are shown are let go or dropped at once."""

    template_name = "staff/requests/held.html"
    any_of: ClassVar[tuple[str, ...]] = ("handle_requests", "change_contact")
    title: str | Promise = pgettext_lazy("held", "Acknowledgements that wait")
    lead: str | Promise = pgettext_lazy(
        "held",
        "These requests came by mail and are cases with their due dates; every stop in them has taken effect. Nobody "
        "has been written to yet, because a stranger whose address was forged would get a mail about nothing. Open a "
        "few of them, and then decide about all.",
    )

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        listing = Crumb(pgettext("menu", "Requests"), reverse("staff_requests:list"))
        return [listing, Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give what waits, and the last one shown: what comes meanwhile is not decided with it."""
        shown = list(held_requests()[:MOST])
        why = why_held(shown)
        rows = [(each, WHY.get(why.get(each.pk, ""), "")) for each in shown]
        more = held_requests().count() - len(shown)
        up_to = shown[-1].pk if shown else 0
        return super().get_context_data(**{"rows": rows, "more": more, "up_to": up_to, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponseBase:
        """Let those that were shown go, or drop them."""
        up_to = request.POST.get("up_to", "")
        act = {"go": let_go, "drop": drop}.get(request.POST.get("do", ""))
        if act is None or not up_to.isdecimal() or len(up_to) > len(str(2**62)):
            return HttpResponse(status=400)
        try:
            settled = act(up_to=int(up_to), actor=self.actor)
        except StepRefused:
            return self.refuse()
        messages.success(request, _told(settled, is_let_go=act is let_go))
        return HttpResponseRedirect(reverse("staff_requests:list"))


def _told(settled: int, *, is_let_go: bool) -> str:
    said = (
        npgettext("held", "%(number)s acknowledgement leaves now.", "%(number)s acknowledgements leave now.", settled)
        if is_let_go
        else npgettext(
            "held",
            "%(number)s acknowledgement was dropped. The request stays, with its due date.",
            "%(number)s acknowledgements were dropped. The requests stay, with their due dates.",
            settled,
        )
    )
    return said % {"number": number(settled)}
