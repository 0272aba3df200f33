"""What is done at the desk: a look at an address, a stop, a restriction, prohibitions."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.queries import history
from luvalla.register import stop
from luvalla.register.actions import uncover_address
from luvalla.register.queries import shown_address
from luvalla.register.stop import StopAnswer
from luvalla.staff.contacts.forms import ProhibitForm, ReasonForm, RestrictForm, UncoverForm
from luvalla.staff.contacts.views import ContactPage
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb

SHOWN_SECONDS = 30


class StepPage(ContactPage):
    """A question about one contact, and what is done when it is answered."""

    any_of: ClassVar[tuple[str, ...]] = ("change_contact",)
    template_name = "staff/contacts/step.html"
    form_class: ClassVar[type[forms.Form]] = ReasonForm
    button = pgettext_lazy("button", "Continue")

    def note_look(self) -> None:
        """The question shows nothing but the masked address, and what is done has a row of its own."""

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        *way, contact = super().crumbs()
        back = reverse("staff_contacts:contact", args=[self.kwargs["pk"]])
        return [*way, Crumb(contact.label, back), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the question."""
        contact = self.contact
        words = {"form": self.form_class(), "button": self.button, "contact": contact, "shown": shown_address(contact)}
        return DeskView.get_context_data(self, **{**words, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Do it, or say what is missing."""
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        return self.carry_out(form.cleaned_data)

    @abstractmethod
    def carry_out(self, given: dict[str, Any]) -> HttpResponse:
        """Do what was asked."""

    def answered(self, answer: StopAnswer, sentence: str) -> HttpResponse:
        """Say what was done and whether it is finished."""
        return self.render_to_response(
            DeskView.get_context_data(self, answer=answer, sentence=sentence, contact_pk=self.kwargs["pk"])
        )


class Uncover(StepPage):
    """Shows an address for half a minute, with its row in the ledger. Works without scripts as a page of its own."""

    any_of: ClassVar[tuple[str, ...]] = ("uncover_address",)
    template_name = "staff/contacts/uncover.html"
    form_class = UncoverForm
    title = pgettext_lazy("look", "Show the address")

    def get_template_names(self) -> list[str]:
        """Give a script only the part it puts into its page."""
        is_part = "X-Luvalla-Part" in self.request.headers
        return ["staff/contacts/uncover_part.html" if is_part else self.template_name]

    def carry_out(self, given: dict[str, Any]) -> HttpResponse:
        """Open the address and name the ledger's row."""
        contact = self.contact
        reason = str(pgettext("look", "Looked at on the contacts desk"))
        opened = uncover_address(contact=contact, purpose=given["purpose"], reason=reason, actor=self.actor)
        row = history("contact", str(contact.ref)).filter(actor=str(self.actor)).first()
        answer = self.render_to_response(self.get_context_data(opened=opened, row=row, seconds=SHOWN_SECONDS))
        answer["Cache-Control"] = "no-store"
        return answer


class StopLetters(StepPage):
    """Withdraws or objects for a data subject who called, wrote or came: the same function as every other channel."""

    title = pgettext_lazy("contacts", "Stop the letters")
    lead = pgettext_lazy(
        "contacts",
        "No letter leaves after this, and the address is erased from all stores. It doesn't come back with an import. "
        "This cannot be undone.",
    )
    button = pgettext_lazy("contacts", "Stop and erase")

    def carry_out(self, given: dict[str, Any]) -> HttpResponse:
        """Stop and erase."""
        answer = stop.withdraw(contact_id=self.contact.pk, channel=given["channel"], actor=self.actor)
        return self.answered(answer, pgettext("contacts", "The letters have stopped. None will leave any more."))


class RestrictContact(StepPage):
    """Restricts the processing for a data subject (GDPR 18)."""

    form_class = RestrictForm
    title = pgettext_lazy("contacts", "Restrict the processing")
    lead = pgettext_lazy(
        "contacts",
        "The address stays where it is and is otherwise left alone: no letters, no imports, no exports. "
        "The restriction is lifted only after the data subject has been told.",
    )
    button = pgettext_lazy("contacts", "Restrict")

    def carry_out(self, given: dict[str, Any]) -> HttpResponse:
        """Restrict."""
        answer = stop.restrict(
            contact_id=self.contact.pk, reason=given["reason"], channel=given["channel"], actor=self.actor
        )
        return self.answered(answer, pgettext("contacts", "The processing is restricted. No letter leaves any more."))


class ProhibitKinds(StepPage):
    """Records prohibitions for a data subject, kind by kind (GDPR 21)."""

    form_class = ProhibitForm
    title = pgettext_lazy("contacts", "Record a prohibition")
    lead = pgettext_lazy(
        "contacts", "Letters of the chosen kinds stop at once. The others go on, and the source is told."
    )
    button = pgettext_lazy("contacts", "Record the prohibition")

    def carry_out(self, given: dict[str, Any]) -> HttpResponse:
        """Prohibit."""
        answer = stop.prohibit(
            contact_id=self.contact.pk, kinds=given["kinds"], channel=given["channel"], actor=self.actor
        )
        return self.answered(answer, pgettext("contacts", "The prohibition is in force."))
