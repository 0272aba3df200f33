"""Files of a request: scans, letters, documents for an authority or another controller. No copy is kept of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from luvalla.rights.copies.portability import as_json, portable_of
from luvalla.rights.errors import FileRefused
from luvalla.rights.files import ending_of
from luvalla.rights.models import Attachment, Letter
from luvalla.rights.reading import (
    show_file,
    show_letter,
    show_pack,
    show_request,
)
from luvalla.rules.case_states import Right
from luvalla.staff.requests.case import CaseView
from luvalla.staff.requests.words import (
    sentence_of,
)


class FileDownload(CaseView):
    """A scan, under a name that says nothing and a type that nothing executes."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the file."""
        del request
        kept = Attachment.objects.filter(request=self.case, ref=self.kwargs["file"]).first()
        if kept is None:
            raise Http404
        try:
            opened = show_file(file=kept, actor=self.actor)
        except FileRefused as fault:
            messages.error(self.request, sentence_of(fault))
            return HttpResponseRedirect(reverse("staff_requests:case", args=[self.case.ref]))
        name = f"{self.case.number}-{kept.pk}.{ending_of(opened.content)}"
        return download(opened.content, opened.media_type, name)


class LetterDownload(CaseView):
    """The PDF of an issued letter."""

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the PDF."""
        del request
        letter = Letter.objects.filter(request=self.case, ref=self.kwargs["letter"]).first()
        content = show_letter(letter=letter, actor=self.actor) if letter else b""
        if letter is None or not content:
            raise Http404
        return download(content, "application/pdf", f"{self.case.number}-{letter.kind}.pdf")


class PackDownload(CaseView):
    """The documents that were gathered for an authority."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the ZIP file; the look is a row in the ledger."""
        del request
        complaint = self.case.complaints.exclude(sealed_pack=b"").filter(pk=self.kwargs["pk"]).first()
        if complaint is None:
            raise Http404
        return download(show_pack(complaint=complaint, actor=self.actor), "application/zip", f"{self.case.number}.zip")


class PortableDownload(CaseView):
    """The document that is transmitted to another controller at the person's wish (GDPR 20(2))."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the document; the look is a row in the ledger."""
        del request
        if Right.PORTABILITY not in self.case.chosen or not self.case.searches.exists():
            raise Http404
        show_request(request=self.case, actor=self.actor)
        return download(as_json(portable_of(self.case)), "application/json", f"{self.case.number}-portable.json")


def download(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Give a file that no copy is kept of, under a name that says nothing about anybody."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=media_type, headers=headers)
