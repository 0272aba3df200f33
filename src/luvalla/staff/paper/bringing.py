"""Paper comes in: a letter is printed, a letter that came on paper is entered, a label is made."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.campaigns.models import Letter
from luvalla.campaigns.queries import archive
from luvalla.ledger.actions import NOBODY, Subject
from luvalla.paper.actions import enter_item
from luvalla.paper.days import OF_A_CASE
from luvalla.paper.errors import PaperError
from luvalla.paper.models import PaperItem
from luvalla.paper.printing import label_pdf, print_text
from luvalla.staff.paper.forms import EnterForm, PrintForm
from luvalla.staff.paper.views import ItemPage, PaperDesk
from luvalla.staff.paper.words import fault_sentence

LETTERS = 50
RULED: Final = re.compile(r"^[=-]{3,}$", re.MULTILINE)
"""Lines that stand for rules in the mail's plain text; on paper they are only noise."""


class EnterItem(PaperDesk):
    """Enters a letter that came on paper, or a print that another program made."""

    template_name = "staff/paper/enter.html"
    title: str | Promise = pgettext_lazy("paper", "Enter paper")
    lead: str | Promise = pgettext_lazy(
        "paper", "A letter that came by post or over the desk, or a print made elsewhere. It gets a label."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form; from a request's page its number is filled in."""
        asked = {"arrived_on": timezone.localdate(), "kind": PaperItem.Kind.CASE, "case": self.request.GET.get("case")}
        form = EnterForm(initial=asked)
        return super().get_context_data(**{"form": form, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Enter it, and go to its page, where the label is."""
        form = EnterForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        given, case = form.cleaned_data, form.cleaned_data["case"]
        try:
            item = enter_item(
                kind=given["kind"],
                origin=given["origin"],
                pages=given["pages"],
                arrived_on=given["arrived_on"],
                folded=given["address"] or (bytes(case.folded) if case else b""),
                about=Subject(OF_A_CASE, str(case.ref)) if case else NOBODY,
                description=given["description"],
                actor=self.actor,
            )
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(form=form, fault=fault_sentence(fault)), status=409)
        return HttpResponseRedirect(reverse("staff_paper:item", args=[item.ref]))


class PrintLetter(PaperDesk):
    """Prints a copy of a letter that was sent, with its label on the page."""

    template_name = "staff/paper/print.html"
    title: str | Promise = pgettext_lazy("paper", "Print a letter")
    lead: str | Promise = pgettext_lazy(
        "paper",
        "Each print is an item of paper with a label, in your hands until you lock it away. It is written into the "
        "ledger before the file comes.",
    )
    any_of: ClassVar[tuple[str, ...]] = PaperDesk.any_of

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the letters that were sent, and ask for the reason."""
        letters = archive().defer("compiled", "web_html", "text")[:LETTERS]
        return super().get_context_data(**{"letters": letters, "form": PrintForm(), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the file."""
        chosen, form = request.POST.get("letter", ""), PrintForm(request.POST)
        letter = archive().filter(pk=int(chosen)).first() if chosen.isdecimal() else None
        if letter is None:
            return self.render_to_response(self.get_context_data(), status=404)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            item, made = self._print(letter, form.cleaned_data["reason"])
        except PaperError as fault:
            words = self.get_context_data(fault=fault_sentence(fault), form=form)
            return self.render_to_response(words, status=409)
        return as_file(made, item)

    def _print(self, letter: Letter, reason: str) -> tuple[PaperItem, bytes]:
        return print_text(
            title=letter.campaign.subject,
            text=RULED.sub("", letter.text),
            language=letter.language,
            kind=PaperItem.Kind.LETTER,
            about=Subject("campaign", str(letter.campaign.ref)),
            purpose=letter.campaign.purpose.key,
            reason=reason,
            actor=self.actor,
        )


class LabelFile(ItemPage):
    """Gives the label alone, to be stuck on the paper."""

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:  # noqa: ARG002  # Django's signature
        """Give the file."""
        return as_file(label_pdf(self.item), self.item)


def as_file(made: bytes, item: PaperItem) -> HttpResponse:
    """Give a PDF under the number of its item; no copy of it is kept anywhere."""
    name = f"P-{item.pk}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)
