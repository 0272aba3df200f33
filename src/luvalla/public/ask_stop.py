"""Getting a stop link by mail, for those who have no letter at hand: the same answer for every address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from luvalla.ledger.actors import SUBJECT
from luvalla.organisation.callers import network_of
from luvalla.public import asking
from luvalla.public.addressform import AddressForm
from luvalla.public.limits import ASKING
from luvalla.public.page import public_page, show


@public_page
def ask_stop(request: HttpRequest, *, language: str) -> HttpResponse:
    """Ask for an address and send its mailbox the link, or the word that there is nothing to stop."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        context = {"page": "ask_stop", "form": form}
        return show("ask_stop.html", language, context, status=400 if form.is_bound else 200)
    if not ASKING.allows(network_of(request)):
        return show("too_many.html", language, {"page": "ask_stop"}, status=429)
    if form.is_by_a_person():
        asking.send_stop_link(address=form.address, language=language, actor=SUBJECT)
    return show("ask_stop_sent.html", language, {"page": "ask_stop"})
