"""Printing what belongs to a request: the case itself, a letter of it, a file that came with it.

Each print has its label and is kept as long as the case. It asks for a reason, and above a limit for a second person.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.actions import Subject
from luvalla.paper.days import OF_A_CASE
from luvalla.paper.errors import PaperError
from luvalla.paper.models import PaperItem
from luvalla.paper.printing import print_file, print_parts, print_pdf
from luvalla.rights.copies.on_paper import files_left_out, is_printable
from luvalla.rights.errors import FileRefused
from luvalla.rights.files import settle_scan
from luvalla.rights.models import Attachment, DataRequest, Letter
from luvalla.rights.reading import PURPOSE, show_copy_made, show_file, show_letter
from luvalla.staff.formats import language
from luvalla.staff.paper.bringing import as_file
from luvalla.staff.paper.forms import PrintForm
from luvalla.staff.paper.many import waiting_sentence, waits_for_release
from luvalla.staff.paper.views import PaperDesk
from luvalla.staff.paper.words import fault_sentence
from luvalla.staff.parts import Crumb
from luvalla.staff.requests.printed import parts_of
from luvalla.staff.requests.words import sentence_of


class CasePrint(PaperDesk, ABC):
    """What the prints of a case share; 404 for what isn't there."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)
    template_name = "staff/paper/print_case.html"
    lead: str | Promise = pgettext_lazy(
        "paper",
        "The print is an item of paper with a label, in your hands until you lock it away, and is kept as long as the "
        "case. It is written into the ledger before the file comes.",
    )
    kind: ClassVar[str] = PaperItem.Kind.CASE

    @property
    @abstractmethod
    def case(self) -> DataRequest:
        """The request."""

    @abstractmethod
    def made(self, item: dict[str, Any]) -> tuple[PaperItem, bytes]:
        """Open what is printed and print it with these facts of the item."""

    def make_sure(self) -> None:
        """Look at what is to be printed before anything is written down of it."""

    def crumbs(self) -> list[Crumb]:
        """Give the way: from the requests, where the print was asked for."""
        listing = Crumb(pgettext("menu", "Requests"), reverse("staff_requests:list"))
        case = Crumb(self.case.number, reverse("staff_requests:case", args=[self.case.ref]))
        return [listing, case, Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the case and the form."""
        return super().get_context_data(**{"case": self.case, "form": PrintForm(), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the file."""
        form = PrintForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        if waits_for_release(self.user, form.cleaned_data["reason"]):
            return self._refused(waiting_sentence(), form)
        try:
            self.make_sure()
            with transaction.atomic():
                item, made = self.made(self._facts(form.cleaned_data["reason"]))
        except PaperError as fault:
            return self._refused(fault_sentence(fault), form)
        except FileRefused as fault:
            return self._refused(sentence_of(fault), form)
        return as_file(made, item)

    def _facts(self, reason: str) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "about": Subject(OF_A_CASE, str(self.case.ref)),
            "description": self.case.number,
            "folded": bytes(self.case.folded),
            "purpose": PURPOSE,
            "reason": reason,
            "actor": self.actor,
        }

    def _refused(self, fault: str, form: PrintForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(fault=fault, form=form), status=409)


class PrintCase(CasePrint):
    """Prints a case as its pages show it."""

    title: str | Promise = pgettext_lazy("paper", "Print the case")

    @cached_property
    def case(self) -> DataRequest:
        """The request."""
        return get_object_or_404(DataRequest, ref=self.kwargs["ref"], is_canary=False)

    def made(self, item: dict[str, Any]) -> tuple[PaperItem, bytes]:
        """Open the case and print it, in the language of whoever reads it."""
        parts = parts_of(self.case, self.actor)
        return print_parts(title=self.case.number, parts=parts, language=language(), **item)


class PrintCaseLetter(CasePrint):
    """Prints an issued letter of a request."""

    title: str | Promise = pgettext_lazy("paper", "Print a letter of the case")

    @cached_property
    def letter(self) -> Letter:
        """The letter."""
        return get_object_or_404(Letter.objects.select_related("request"), ref=self.kwargs["letter"])

    @property
    def case(self) -> DataRequest:
        """The request it belongs to."""
        return self.letter.request

    def made(self, item: dict[str, Any]) -> tuple[PaperItem, bytes]:
        """Open the letter and print it; 404 for one that isn't issued."""
        raw = show_letter(letter=self.letter, actor=self.actor)
        if not raw:
            raise Http404
        return print_pdf(raw=raw, **item)


class PrintCaseCopy(CasePrint):
    """Prints the copy of an answered request, with the files that can be printed behind it."""

    template_name = "staff/paper/print_copy.html"
    title: str | Promise = pgettext_lazy("paper", "Print the copy")

    @cached_property
    def case(self) -> DataRequest:
        """The request; 404 for one without a copy to print."""
        found = get_object_or_404(DataRequest, ref=self.kwargs["ref"], is_canary=False)
        if not is_printable(found):
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say which files are not in the print."""
        return super().get_context_data(**{"left_out": files_left_out(self.case), **kwargs})

    def made(self, item: dict[str, Any]) -> tuple[PaperItem, bytes]:
        """Open the copy and print it."""
        return print_pdf(raw=show_copy_made(request=self.case, actor=self.actor), **item)


class PrintCaseFile(CasePrint):
    """Prints a scan or another file that came with a request."""

    title: str | Promise = pgettext_lazy("paper", "Print a file of the case")
    kind: ClassVar[str] = PaperItem.Kind.ATTACHMENT

    @cached_property
    def file(self) -> Attachment:
        """The file."""
        return get_object_or_404(Attachment.objects.select_related("request"), ref=self.kwargs["file"])

    @property
    def case(self) -> DataRequest:
        """The request it came with."""
        return self.file.request

    def make_sure(self) -> None:
        """Let the virus scanner look at a file that came while it gave no answer."""
        settle_scan(self.file, actor=self.actor)

    def made(self, item: dict[str, Any]) -> tuple[PaperItem, bytes]:
        """Open the file and print it."""
        opened = show_file(file=self.file, actor=self.actor)
        return print_file(
            raw=opened.content,
            media_type=opened.media_type,
            title=self.case.number,
            language=self.case.language,
            **item,
        )
