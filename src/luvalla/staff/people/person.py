"""A person: appointment, employer, undertaking; and what can be done about each."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from luvalla.people.actions import (
    Appointment,
    appoint,
    close_account,
    record_undertaking,
    revoke_undertaking,
    set_roles,
)
from luvalla.people.models import User
from luvalla.people.queries import accounts, roles_of, why_closed
from luvalla.people.undertakings import countersign, keep_scan, open_scan
from luvalla.staff.accounts.copies import copy_of, pdf_answer
from luvalla.staff.parts import Crumb
from luvalla.staff.people.forms import AppointmentForm, LeaveForm, NothingForm, PaperForm, ReasonForm
from luvalla.staff.people.listing import row_of
from luvalla.staff.people.pages import PeoplePage, PersonStep


class PersonPage(PeoplePage):
    """Everything the organisation has recorded of a person at work here."""

    any_of: ClassVar[tuple[str, ...]] = ("manage_users", "see_settings", "review_access")
    template_name = "staff/people/person.html"

    @property
    def person(self) -> User:
        """The person; 404 for nobody."""
        return get_object_or_404(accounts(), ref=self.kwargs["ref"])

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        people, _ = super().crumbs()
        return [people, Crumb(self.person.full_name)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the person."""
        person = self.person
        earlier = person.undertakings.exclude(opens=person).select_related("text").order_by("-signed_at")
        boxes = person.mailboxes.order_by("address")
        return super().get_context_data(
            **{
                **row_of(person),
                "person": person,
                "user": self.user,  # whoever reads the page, not whom the row is about
                "earlier": earlier,
                "boxes": boxes,
                "title": person.full_name,
                **kwargs,
            }
        )


class UndertakingDocument(PersonPage):
    """Gives the document of an undertaking in force: the typeset one, or the scan of paper, which is a row."""

    http_method_names = ("get",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:  # noqa: ARG002  # Django's signature
        """Give the file."""
        undertaking = self.person.undertaking
        if undertaking is None:
            raise Http404
        if not undertaking.scan:
            return pdf_answer(copy_of(undertaking), "undertaking.pdf")
        answer = HttpResponse(open_scan(undertaking=undertaking, actor=self.actor), content_type=undertaking.scan_type)
        answer["Content-Disposition"] = 'attachment; filename="undertaking"'
        answer["Cache-Control"] = "no-store"
        return answer


class ChangeAppointment(PersonStep):
    """Appoints the person anew: other roles, another time, another task."""

    title = pgettext_lazy("people", "Appointment and roles")
    form_class = AppointmentForm

    def make_form(self, given: Any = None, files: Any = None) -> forms.Form:
        """Show what is recorded now."""
        if given is not None:
            return super().make_form(given, files)
        person = self.person
        recorded = {name: getattr(person, name) for name in ("appointed_by", "appointed_for", "appointed_until")}
        return self.form_class(initial={"roles": [role.value for role in roles_of(person)], **recorded})

    def carry_out(self, given: dict[str, Any]) -> None:
        """Record it."""
        person = self.person
        appointment = Appointment(given["appointed_by"], given["appointed_for"], until=given["appointed_until"])
        with transaction.atomic():
            appoint(user=person, appointment=appointment, actor=self.actor)
            if set(given["roles"]) != {role.value for role in roles_of(person)}:
                set_roles(user=person, roles=given["roles"], actor=self.actor)


class RecordPaper(PersonStep):
    """Records an undertaking signed on paper, with its scan."""

    title = pgettext_lazy("people", "Undertaking signed on paper")
    form_class = PaperForm
    button = pgettext_lazy("people", "Record the undertaking")

    def carry_out(self, given: dict[str, Any]) -> None:
        """Record it and keep the scan, both or neither."""
        moment = timezone.make_aware(datetime.combine(given["signed_on"], time(12)))
        with transaction.atomic():
            undertaking = record_undertaking(
                user=self.person,
                typed_name=given["typed_name"],
                language=given["language"],
                signed_at=min(moment, timezone.now()),
                actor=self.actor,
            )
            keep_scan(undertaking=undertaking, scan=given["scan"].read(), actor=self.actor)


class Countersign(PersonStep):
    """Countersigns an undertaking for the controller."""

    title = pgettext_lazy("people", "Countersign the undertaking")
    lead = pgettext_lazy(
        "people", "You confirm for the controller, with your own name, that you have seen the signature."
    )
    form_class = NothingForm
    button = pgettext_lazy("people", "Countersign")

    def carry_out(self, given: dict[str, Any]) -> None:  # noqa: ARG002  # nothing is asked
        """Countersign."""
        undertaking = self.person.undertaking
        if undertaking is None:
            raise Http404
        countersign(undertaking=undertaking, by=self.user)


class Revoke(PersonStep):
    """Asks before an undertaking is revoked, and revokes it: the account shuts and its sessions end at once."""

    title = pgettext_lazy("settings", "Shut an account")
    lead = pgettext_lazy(
        "settings",
        "The undertaking of secrecy is revoked and every session ends at once. The account opens again only with a new "
        "undertaking.",
    )
    form_class = ReasonForm
    button = pgettext_lazy("settings", "Shut the account")
    is_grave = True

    def carry_out(self, given: dict[str, Any]) -> None:
        """Revoke it, with the reason."""
        person = self.person
        if why_closed(person) is None:
            revoke_undertaking(user=person, reason=given["reason"], actor=self.actor)


class Leave(PersonStep):
    """Records that a person leaves: the account shuts for good, now or when a day to come begins."""

    title = pgettext_lazy("people", "The person leaves")
    lead = pgettext_lazy(
        "people",
        "The account shuts for good and its mailboxes are taken away. The undertaking goes on binding the person. "
        "What is recorded of them is kept for three years, then erased.",
    )
    form_class = LeaveForm
    button = pgettext_lazy("people", "Record that they leave")
    is_grave = True

    def make_form(self, given: Any = None, files: Any = None) -> forms.Form:
        """Propose today."""
        if given is not None:
            return super().make_form(given, files)
        return self.form_class(initial={"left_on": timezone.localdate()})

    def carry_out(self, given: dict[str, Any]) -> None:
        """Record it."""
        close_account(user=self.person, reason=given["reason"], left_on=given["left_on"], actor=self.actor)
