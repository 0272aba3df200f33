"""A letter, a call or a visit is written down, and is a case."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.steps import begin_at_once
from luvalla.rights.cases import Said
from luvalla.rights.errors import FileRefused
from luvalla.rights.files import CheckedFile, check_file
from luvalla.rights.identity import without_codes
from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb
from luvalla.staff.requests.forms import EntryForm
from luvalla.staff.requests.listing import MAY
from luvalla.staff.requests.moments import arrival_moment
from luvalla.staff.requests.words import sentence_of


class EntryPage(DeskView):
    """A letter, a call or a visit becomes a case."""

    any_of: ClassVar[tuple[str, ...]] = MAY
    template_name = "staff/requests/entry.html"
    title = pgettext_lazy("requests", "Write down a request")
    lead = pgettext_lazy("requests", "A call, a visit, a letter or a mail. A signature is accepted and never required.")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Requests"), reverse("staff_requests:list")), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        return super().get_context_data(**{"form": EntryForm(), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Open the case, or say what is missing."""
        form = EntryForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            files = _scan(form.cleaned_data["scan"])
        except FileRefused as fault:
            form.add_error("scan", sentence_of(fault))
            return self.render_to_response(self.get_context_data(form=form))
        case = receive_request(
            arrival=_arrival(form.cleaned_data, files), address=form.cleaned_data["email"], actor=self.actor
        )
        begin_at_once(request=case)
        return HttpResponseRedirect(reverse("staff_requests:case", args=[case.ref]))


def _scan(upload: Any) -> list[CheckedFile]:
    return [check_file(upload.name, upload.read())] if upload else []


def _arrival(given: dict[str, Any], files: list[CheckedFile]) -> Arrival:
    text, _ = without_codes(given["text"])
    email, new = given["email"], given["new_email"]
    return Arrival(
        channel=DataRequest.Channel(given["channel"]),
        language=given["language"],
        said=Said(
            address=email.text if email else "",
            name=given["name"],
            postal=given["postal"],
            text=text,
            representative=given["representative"],
            new_address=new.text if new else "",
            transmit_to=given["transmit_to"],
            keep_token=Right.FORGETTING not in given["rights"],
            authority=given["authority"],
        ),
        rights=given["rights"],
        prohibited=given["kinds"],
        at=arrival_moment(given["arrived"]),
        # A mail is answered by mail (GDPR 12(3)), even where the person's postal address is known.
        by_post=bool(given["postal"]) and given["channel"] != DataRequest.Channel.MAIL,
        files=files,
    )
