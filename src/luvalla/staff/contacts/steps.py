"""What is done at the desk: a look at an address, a stop, a restriction, prohibitions, an export."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.actions import Subject
from luvalla.ledger.queries import history
from luvalla.people.releases import (
    ALONE_AT_MOST,
    ask_for_release,
    needs_second_person,
    own_releases,
    release_to_use,
    use_release,
)
from luvalla.register import stop
from luvalla.register.actions import export_contacts, uncover_address
from luvalla.register.errors import ExportClosed
from luvalla.register.queries import exportable_contacts, shown_address
from luvalla.register.stop import StopAnswer
from luvalla.rules.ports import Door, closed_by, why_shut
from luvalla.staff.contacts.forms import ExportForm, ProhibitForm, ReasonForm, RestrictForm, UncoverForm
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


class ExportContacts(DeskView):
    """Gives an audience's addresses as a file, for a reason that stays in the ledger."""

    any_of: ClassVar[tuple[str, ...]] = ("export_contacts",)
    template_name = "staff/contacts/export.html"
    title = pgettext_lazy("contacts", "Export addresses")
    lead = pgettext_lazy(
        "contacts",
        "The file holds addresses in plain text and nothing else. Restricted contacts and those who have forbidden "
        "disclosure are left out. Destroy the file as soon as you no longer need it.",
    )

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Contacts"), reverse("staff_contacts:list")), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        ready = own_releases(self.user).filter(is_released=True, verb="register.export_contacts")
        return super().get_context_data(**{"form": ExportForm(), "ready": ready, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse | StreamingHttpResponse:
        """Give the file, or say what is missing."""
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        given = form.cleaned_data
        if (question := self._second_person(given)) is not None:
            return question
        try:
            lines = export_contacts(
                audience=given["audience"],
                to=given["to"],
                purpose=given["purpose"],
                reason=given["reason"],
                actor=self.actor,
            )
        except ExportClosed as closed:
            shut = pgettext("contacts", "Exports are closed, and no address has left. %(why)s")
            form.add_error(None, shut % {"why": why_shut(closed.broken)})
            return self.render_to_response(self.get_context_data(form=form))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        name = f"{given['audience'].key}-{timezone.localdate().isoformat()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "no-store"
        return answer

    def _second_person(self, given: dict[str, Any]) -> HttpResponse | None:
        """Ask a second person for a large export; None where none is needed, or one has released it just now."""
        count = exportable_contacts(given["audience"]).count()
        if not needs_second_person(count) or closed_by(Door.EXPORT):
            return None
        subject = Subject("audience", given["audience"].key)
        release = release_to_use(verb="register.export_contacts", subject=subject, by=self.user)
        if release is not None:
            use_release(release=release, by=self.user, count=count)
            return None
        reason = f"{given['to']}: {given['reason']}" if given["to"] else given["reason"]
        asked = {"purpose": given["purpose"], "reason": reason}
        ask_for_release(verb="register.export_contacts", subject=subject, count=count, by=self.user, **asked)
        return self.render_to_response(self.get_context_data(asked=count, most=ALONE_AT_MOST))
