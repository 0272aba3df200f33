"""Employers of the people, with their contracts; and the organisation's mailboxes with their users."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from luvalla.people.actions import end_contract
from luvalla.people.employers import mailboxes, record_employer, record_mailbox, remove_mailbox, set_mailbox_users
from luvalla.people.models import Employer, Mailbox
from luvalla.people.queries import has_contract
from luvalla.staff.parts import Crumb
from luvalla.staff.people.forms import EmployerForm, MailboxForm, NothingForm
from luvalla.staff.people.pages import FormPage, PeoplePage
from luvalla.staff.people.words import EMPLOYERS, MAILBOXES

READERS = ("manage_users", "see_settings", "review_access")


class Employers(PeoplePage):
    """Whose people have accounts, and until when."""

    any_of: ClassVar[tuple[str, ...]] = READERS
    template_name = "staff/people/employers.html"
    title = pgettext_lazy("people", "Employers")
    lead = pgettext_lazy("people", "When a contract ends, the accounts of its people shut by themselves.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the employers."""
        today = timezone.localdate()
        found = Employer.objects.select_related("processor").prefetch_related("people").order_by("name")
        rows = [
            {
                "employer": each,
                "kind": EMPLOYERS[each.kind],
                "until": min((d for d in _ends(each) if d), default=None),
                "is_over": not has_contract(each, today),
                "count": sum(person.left_on is None for person in each.people.all()),
            }
            for each in found
        ]
        return super().get_context_data(rows=rows, **kwargs)


class EmployerStep(FormPage):
    """A question about employers."""

    @property
    def back(self) -> str:
        """Back to the employers."""
        return reverse("staff_people:employers")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        people, here = super().crumbs()
        return [people, Crumb(str(Employers.title), self.back), here]


class RecordEmployer(EmployerStep):
    """Records a new employer, or what has changed about one."""

    title = pgettext_lazy("people", "Record an employer")
    form_class = EmployerForm

    def make_form(self, given: Any = None, files: Any = None) -> forms.Form:
        """Show what is recorded of the employer, where there is one."""
        if given is not None or "pk" not in self.kwargs:
            return super().make_form(given, files)
        employer = get_object_or_404(Employer, pk=self.kwargs["pk"])
        names = ("name", "kind", "processor", "contract_reference", "contract_until")
        return self.form_class(initial={name: getattr(employer, name) for name in names})

    def carry_out(self, given: dict[str, Any]) -> None:
        """Record it."""
        record_employer(**given, actor=self.actor)


class EndContract(EmployerStep):
    """Asks before a contract is ended, and ends it: its people's accounts shut at once."""

    title = pgettext_lazy("people", "End the contract")
    lead = pgettext_lazy("people", "The accounts of its people shut at once, and their sessions end.")
    form_class = NothingForm
    button = pgettext_lazy("people", "End the contract")
    is_grave = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give whose it is."""
        return super().get_context_data(**{"about": get_object_or_404(Employer, pk=self.kwargs["pk"]), **kwargs})

    def carry_out(self, given: dict[str, Any]) -> None:  # noqa: ARG002  # nothing is asked
        """End it."""
        end_contract(employer=get_object_or_404(Employer, pk=self.kwargs["pk"]), actor=self.actor)


class Mailboxes(PeoplePage):
    """The organisation's own mailboxes, and who may use each."""

    any_of: ClassVar[tuple[str, ...]] = READERS
    template_name = "staff/people/mailboxes.html"
    title = pgettext_lazy("people", "The organisation's mailboxes")
    lead = pgettext_lazy("people", "Each is used only by people named here, under the same undertaking of secrecy.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the mailboxes."""
        rows = [{"box": each, "kind": MAILBOXES[each.kind], "users": list(each.users.all())} for each in mailboxes()]
        return super().get_context_data(rows=rows, **kwargs)


class RecordMailbox(FormPage):
    """Puts a mailbox on the list, or changes who may use it."""

    title = pgettext_lazy("people", "Record a mailbox")
    form_class = MailboxForm

    @property
    def back(self) -> str:
        """Back to the mailboxes."""
        return reverse("staff_people:mailboxes")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        people, here = super().crumbs()
        return [people, Crumb(str(Mailboxes.title), self.back), here]

    def make_form(self, given: Any = None, files: Any = None) -> forms.Form:
        """Show what is recorded of the mailbox, where there is one."""
        if given is not None or "pk" not in self.kwargs:
            return super().make_form(given, files)
        box = get_object_or_404(Mailbox, pk=self.kwargs["pk"])
        return self.form_class(
            initial={"address": box.address, "kind": box.kind, "note": box.note, "users": box.users.all()}
        )

    def carry_out(self, given: dict[str, Any]) -> None:
        """Record it, and who may use it."""
        with transaction.atomic():
            box = record_mailbox(address=given["address"], kind=given["kind"], note=given["note"], actor=self.actor)
            set_mailbox_users(mailbox=box, users=list(given["users"]), actor=self.actor)


class RemoveMailbox(PeoplePage):
    """Takes a mailbox off the list."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:  # noqa: ARG002  # Django's signature
        """Take it off."""
        remove_mailbox(mailbox=get_object_or_404(Mailbox, pk=self.kwargs["pk"]), actor=self.actor)
        return HttpResponseRedirect(reverse("staff_people:mailboxes"))


def _ends(employer: Employer) -> list[Any]:
    return [employer.contract_until, employer.processor.contract_until if employer.processor else None]
