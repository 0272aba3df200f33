"""Adopting the notice an organisation has: what it says, what has to change, and what of it is taken into use.

The file itself is not kept. What was read of it travels in the page, signed, until somebody decides.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.notices.actions import keep_earlier_notice
from luvalla.notices.adoption.adopting import Adopted, understand
from luvalla.notices.adoption.configuring import as_toml, controller_of, earlier_notice_of
from luvalla.notices.adoption.errors import NotANotice, NoticeFault
from luvalla.notices.adoption.reading import LARGEST_FILE, Line, Original, read_notice
from luvalla.notices.adoption.telling import as_document
from luvalla.notices.registry import entry
from luvalla.organisation.actions import record_controller
from luvalla.organisation.errors import NotInOrder, NotSetUp
from luvalla.organisation.queries import the_controller
from luvalla.staff.arriving import ScannedFileField
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import language
from luvalla.staff.parts import Crumb

ACCEPTED: Final = ".txt,.html,.htm,.docx,.pdf"
SALT: Final = "luvalla.staff.notice.adopting"
A_DAY: Final = 24 * 3600
FAULTS: Final[dict[NoticeFault, str | Promise]] = {
    NoticeFault.TOO_LARGE: pgettext_lazy(
        "adoption", "The file is larger than any privacy notice. Nothing was read. Save the notice alone as a file."
    ),
    NoticeFault.BROKEN: pgettext_lazy("adoption", "The file is damaged and can't be read. Save it anew and try again."),
    NoticeFault.ENCRYPTED: pgettext_lazy(
        "adoption", "The file is protected by a password. Save it without one and try again."
    ),
    NoticeFault.NO_TEXT: pgettext_lazy(
        "adoption", "The file holds no text. A scanned picture has to be typed or recognised first."
    ),
    NoticeFault.UNKNOWN_FORMAT: pgettext_lazy(
        "adoption", "The file is none of text, HTML, Word (.docx) and PDF. Save it as one of them."
    ),
    NoticeFault.UNKNOWN_LANGUAGE: pgettext_lazy("adoption", "The text is in none of Finnish, Swedish and English."),
}
DETAILS: Final[dict[str, str | Promise]] = {
    "name": pgettext_lazy("adoption", "Name"),
    "business_id": pgettext_lazy("adoption", "Business id"),
    "street": pgettext_lazy("adoption", "Street address"),
    "postcode": pgettext_lazy("adoption", "Postal code"),
    "city": pgettext_lazy("adoption", "City"),
    "email": pgettext_lazy("adoption", "E-mail"),
    "phone": pgettext_lazy("adoption", "Telephone"),
    "website": pgettext_lazy("adoption", "Website"),
    "dpo_email": pgettext_lazy("adoption", "The data protection officer's e-mail"),
}
"""What of the controller's particulars a notice says, and can be taken over from it."""


class AdoptForm(forms.Form):
    """The notice as a file."""

    file = ScannedFileField(
        label=pgettext_lazy("adoption", "Your privacy notice as a file"),
        help_text=pgettext_lazy(
            "adoption",
            "Text, HTML, Word (.docx) or PDF, in Finnish, Swedish or English. It is read here on this machine; the "
            "file itself is not kept.",
        ),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )

    def clean_file(self) -> Original:
        """Read it; whatever is wrong with it is said in a sentence."""
        given = self.cleaned_data["file"]
        try:
            original = read_notice(given.read(LARGEST_FILE + 1))
            understand(original)
        except NotANotice as refused:
            raise forms.ValidationError(str(FAULTS[refused.fault])) from None
        return original


class Adopt(DeskView):
    """Asks for the file, then tells sentence by sentence what it was taken for."""

    any_of: ClassVar[tuple[str, ...]] = ("publish_notice", "give_opinion", "change_settings")
    template_name = "staff/notice/adopt.html"
    title: str | Promise = pgettext_lazy("adoption", "Adopt the notice you have")
    lead = pgettext_lazy(
        "adoption",
        "Each sentence is looked at by fixed rules: what it promises, what checks it here, and what has to change by "
        "law.",
    )

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Privacy notice"), reverse("staff_notice:notice")), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form, or what was read."""
        return super().get_context_data(**{"form": AdoptForm(), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponseBase:
        """Read a file, or do with a read one what the button says."""
        acts = {"keep": self._keep, "draft": self._draft, "take": self._take}
        if request.POST.get("act") in acts:
            return acts[request.POST["act"]](request)
        form = AdoptForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        return self._show(form.cleaned_data["file"])

    def _show(self, original: Original, **more: Any) -> HttpResponse:
        """Show what was read, signed so that it comes back as it was."""
        self.template_name = "staff/notice/adopted.html"
        adopted = understand(original)
        self.title = _headline(adopted)
        report = as_document(adopted, language())
        names = sorted(
            {name for each in report["sentences"] for name in each["claims"]}, key=lambda name: int(name[1:])
        )
        context = {
            "report": report,
            "promises": [(name, entry(name).text_in(language())) for name in names],
            "details": _details(adopted),
            "read": signing.dumps([original.format, original.lines], salt=SALT, compress=True),
        }
        return self.render_to_response(self.get_context_data(**context, **more))

    def _keep(self, request: HttpRequest) -> HttpResponseBase:
        """Keep the notice's own words beside the published ones."""
        original = _read_before(request)
        if not self.may("publish_notice"):
            return self.refuse()
        keep_earlier_notice(details=earlier_notice_of(understand(original)), actor=self.actor)
        return self._show(original, is_kept=True)

    def _draft(self, request: HttpRequest) -> HttpResponse:
        """Give a first configuration as a file, for a new installation."""
        content = as_toml(understand(_read_before(request)))
        name = f"organisation-{timezone.localdate()}.toml"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(content.encode(), content_type="application/toml; charset=utf-8", headers=headers)

    def _take(self, request: HttpRequest) -> HttpResponseBase:
        """Take the chosen particulars into the settings; the notice then waits for its next version."""
        original = _read_before(request)
        if not self.may("change_settings"):
            return self.refuse()
        said, _ = controller_of(understand(original))
        chosen = {name: said[name] for name in request.POST.getlist("detail") if name in DETAILS and said.get(name)}
        if not chosen:
            return self._show(original, fault=pgettext("adoption", "Choose what is taken over."))
        try:
            record_controller(details=chosen, actor=self.actor)
        except NotInOrder:
            fault = pgettext("adoption", "One of these is not right, so nothing was taken over. Choose fewer of them.")
            return self._show(original, fault=fault)
        return HttpResponseRedirect(reverse("staff_notice:notice"))


def _read_before(request: HttpRequest) -> Original:
    """Give what was read of the file when it was brought; 404 where it isn't ours or older than a day."""
    try:
        kind, lines = signing.loads(request.POST.get("read", ""), salt=SALT, max_age=A_DAY)
    except signing.BadSignature:
        raise Http404 from None
    return Original(kind, tuple(Line(text, is_heading) for text, is_heading in lines))


def _headline(adopted: Adopted) -> str:
    whole, lost = len(adopted.sentences), len(adopted.not_placed)
    said = npgettext(
        "adoption",
        "%(placed)s of %(whole)s sentence has its place here",
        "%(placed)s of %(whole)s sentences have their place here",
        whole,
    )
    return said % {"placed": whole - lost, "whole": whole}


def _details(adopted: Adopted) -> list[dict[str, Any]]:
    """Give what the notice itself says of the controller beside what the settings say; assumed values are left out."""
    said, assumed = controller_of(adopted)
    try:
        controller = the_controller()
    except NotSetUp:
        return []
    return [
        {"name": name, "label": label, "said": said[name], "now": getattr(controller, name),
         "is_same": said[name].casefold() == str(getattr(controller, name)).casefold()}
        for name, label in DETAILS.items()
        if said.get(name) and name not in assumed
    ]  # fmt: skip
