"""Addresses that leave as a file: for a reason that stays in the ledger, above a limit by a second person's leave."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.actions import Subject
from luvalla.people.releases import ALONE_AT_MOST, own_releases, release_or_ask
from luvalla.register.actions import export_contacts
from luvalla.register.errors import ExportClosed
from luvalla.register.models import Source
from luvalla.register.queries import exportable_contacts
from luvalla.register.source_notices import fetch_notices, open_notices
from luvalla.rules.ports import Door, closed_by, why_shut
from luvalla.rules.purposes import LookedAtFor
from luvalla.staff.contacts.forms import ExportForm, FileReasonForm
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb


class AddressFile(DeskView, ABC):
    """A file with addresses in plain text: its form, the second person's question, and the file."""

    template_name = "staff/contacts/export.html"
    form_class: ClassVar[type[forms.Form]]
    verb: ClassVar[str]
    """What the ledger will call it; a release is asked for by it."""
    button: str | Promise
    back: ClassVar[str]
    """Where the page was opened from."""

    @abstractmethod
    def asked_for(self, given: dict[str, Any]) -> tuple[Subject, str, int]:
        """Give what the file is about, what it is for, and how many addresses would leave now."""

    @abstractmethod
    def lines(self, given: dict[str, Any]) -> Iterable[str]:
        """Give the file, whose row stands in the ledger by then; ExportClosed while a broken promise closes it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form, and the releases that can be used."""
        ready = own_releases(self.user).filter(is_released=True, verb=self.verb)
        words = {"button": self.button, "back": reverse(self.back)}
        return super().get_context_data(**{"form": self.form_class(), "ready": ready, **words, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse | StreamingHttpResponse:
        """Give the file, or say what is missing."""
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        given = form.cleaned_data
        if (asked := self._second_person(given)) is not None:
            return self.render_to_response(self.get_context_data(asked=asked, most=ALONE_AT_MOST))
        try:
            lines = self.lines(given)
        except ExportClosed as closed:
            shut = pgettext("contacts", "Exports are closed, and no address has left. %(why)s")
            form.add_error(None, shut % {"why": why_shut(closed.broken)})
            return self.render_to_response(self.get_context_data(form=form))
        subject, _purpose, _count = self.asked_for(given)
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        name = f"{subject.ref}-{timezone.localdate().isoformat()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "no-store"
        return answer

    def is_closed(self) -> bool:
        """Tell whether a broken promise closes it: then nobody is asked for a release in vain."""
        return False

    def _second_person(self, given: dict[str, Any]) -> int | None:
        """Ask a second person for a large file and tell how many addresses it has; None where it may leave now.

        The release that was used is among what is given then.
        """
        subject, purpose, count = self.asked_for(given)
        if self.is_closed():
            return None
        given["release"] = release_or_ask(
            verb=self.verb,
            subject=subject,
            count=count,
            purpose=purpose,
            reason=given["reason"],
            to=given.get("to"),
            by=self.user,
        )
        return count if given["release"] is None else None


class ExportContacts(AddressFile):
    """Gives an audience's addresses as a file."""

    any_of: ClassVar[tuple[str, ...]] = ("export_contacts",)
    form_class = ExportForm
    verb = "register.export_contacts"
    button = pgettext_lazy("contacts", "Export to a file")
    back = "staff_contacts:list"
    title = pgettext_lazy("contacts", "Export addresses")
    lead = pgettext_lazy(
        "contacts",
        "The file holds addresses in plain text and nothing else. Restricted contacts and those who have forbidden "
        "disclosure are left out. Destroy the file as soon as you no longer need it.",
    )

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Contacts"), reverse("staff_contacts:list")), Crumb(str(self.title))]

    def asked_for(self, given: dict[str, Any]) -> tuple[Subject, str, int]:
        """Give the audience, the chosen purpose, and how many of it can be exported."""
        audience = given["audience"]
        return Subject("audience", audience.key), given["purpose"], exportable_contacts(audience).count()

    def lines(self, given: dict[str, Any]) -> Iterable[str]:
        """Give the audience's addresses."""
        chosen = {name: given[name] for name in ("audience", "to", "purpose", "reason")}
        return export_contacts(**chosen, release=given.get("release") or "", actor=self.actor)

    def is_closed(self) -> bool:
        """Tell whether a broken promise closes exports."""
        return bool(closed_by(Door.EXPORT))


class FetchNotices(AddressFile):
    """Gives a source's open notices as a file."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_source_notices",)
    form_class = FileReasonForm
    verb = "register.fetch_notices"
    button = pgettext_lazy("source notice", "Fetch as a file")
    back = "staff_contacts:notices"
    title = pgettext_lazy("source notice", "Fetch the notices")
    lead = pgettext_lazy(
        "source notice",
        "The file holds addresses in plain text: whose letters must stop in the source's own system too. "
        "Destroy the file as soon as the notices have been carried out there.",
    )

    @cached_property
    def source(self) -> Source:
        """The source; 404 for the site's own sign-up, which is told nothing."""
        return get_object_or_404(Source, key=self.kwargs["source"], is_sign_up=False)

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        listing = Crumb(pgettext("menu", "Contacts"), reverse("staff_contacts:list"))
        notices = Crumb(pgettext("source notice", "Notices for the sources"), reverse("staff_contacts:notices"))
        return [listing, notices, Crumb(str(self.source))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the source with how much waits; 404 where nothing does."""
        count = open_notices(self.source).count()
        if not count:
            raise Http404
        return super().get_context_data(**{"source": self.source, "count": count, **kwargs})

    def asked_for(self, given: dict[str, Any]) -> tuple[Subject, str, int]:  # noqa: ARG002  # the same for every reason
        """Give the source and how many notices wait for it."""
        return Subject("source", self.source.key), LookedAtFor.SOURCE, open_notices(self.source).count()

    def lines(self, given: dict[str, Any]) -> Iterable[str]:
        """Give the notices' addresses."""
        return [fetch_notices(source=self.source, reason=given["reason"], actor=self.actor)]
