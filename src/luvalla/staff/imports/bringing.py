"""Bringing an export: the upload, which is sealed while it arrives, and a look at its columns."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from luvalla.ledger.errors import SealBroken
from luvalla.people.roles import Capability
from luvalla.register.importing.actions import begin_batch
from luvalla.register.importing.background import chosen_options, stage_later
from luvalla.register.importing.columns import Role
from luvalla.register.importing.errors import NotReadable, Undecided
from luvalla.register.importing.evidence import uses_kind
from luvalla.register.importing.export import Export
from luvalla.register.importing.faults import FileFault
from luvalla.register.importing.sentences import file_sentence
from luvalla.register.models import Batch
from luvalla.register.uploads import delete_upload
from luvalla.rules.purposes import PermissionKind
from luvalla.staff.contacts.words import KINDS
from luvalla.staff.desk import DeskView
from luvalla.staff.imports.drafts import Draft, drop_draft, forget_draft, harmless, keep_draft, the_draft
from luvalla.staff.imports.forms import ColumnsForm, UploadForm
from luvalla.staff.imports.preview import preview_columns
from luvalla.staff.imports.uploads import SealedUpload, SealingHandler
from luvalla.staff.imports.words import FORMATS, delimiter_word, encoding_word, unread_words
from luvalla.staff.parts import Crumb

COLUMN_FAULTS = frozenset({FileFault.NO_ADDRESS_COLUMN, FileFault.SEVERAL_ADDRESS_COLUMNS, FileFault.NO_SUCH_COLUMN})
"""Faults that another choice of columns mends."""


class BringPage(DeskView):
    """A step of bringing an export."""

    any_of: ClassVar[tuple[str, ...]] = (Capability.BRING_IMPORT,)

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Imports"), reverse("staff_imports:list")), Crumb(str(self.title))]


@method_decorator(csrf_exempt, name="dispatch")
class UploadPage(BringPage):
    """Takes the file.

    The token against forged requests stands in the form beside the file, so it is checked in `post`, once it is known
    who sends the file and how it is to be taken in. Nothing is read before that.
    """

    template_name = "staff/imports/upload.html"
    title = pgettext_lazy("imports", "Bring an export")
    lead = pgettext_lazy(
        "imports", "Nothing changes yet. First you see how the file is read, then what it would change."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form, and the imports that have to be decided first."""
        undecided = Batch.objects.filter(state__in=Batch.PENDING).select_related("source").order_by("pk")
        return super().get_context_data(**{"form": UploadForm(), "undecided": undecided, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Seal the file while it arrives."""
        self.handler = SealingHandler(request)
        request.upload_handlers = [self.handler]
        return self._take(request)

    @method_decorator(csrf_protect)
    def _take(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES, too_large=self.handler.was_too_large)
        if not form.is_valid():
            delete_upload(self.handler.sealed_as)
            return self.render_to_response(self.get_context_data(form=form))
        given = form.cleaned_data
        upload = given["file"]
        assert isinstance(upload, SealedUpload)
        draft = Draft(
            upload=upload.sealed_as,
            file_name=harmless(upload.name or ""),
            source=given["source"].pk,
            audience=given["audience"].pk if given["audience"] else None,
            permission=given["permission"],
            purposes=given["purposes"],
        )
        keep_draft(request.session, draft)
        return HttpResponseRedirect(reverse("staff_imports:columns"))


class ColumnsPage(BringPage):
    """Shows the first rows and how the file is read; it is read again in another way, compared, or let go."""

    template_name = "staff/imports/columns.html"
    title = pgettext_lazy("imports", "How the file is read")
    lead = pgettext_lazy(
        "imports",
        "Only the address, the facts of the permission and a prohibition of marketing are kept. Every other column is "
        "read and dropped.",
    )

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Show the file; without one the way leads to the upload."""
        draft = the_draft(request.session)
        return self._show(draft) if draft else HttpResponseRedirect(reverse("staff_imports:bring"))

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Do what the button says."""
        draft = the_draft(request.session)
        if draft is None or "drop" in request.POST:
            drop_draft(request.session)
            return HttpResponseRedirect(reverse("staff_imports:list" if draft else "staff_imports:bring"))
        look = Look(draft)
        form = look.form(request.POST)
        if form is None or not form.is_valid():
            return self._show(draft, look=look, form=form)
        draft.chosen = form.chosen()
        keep_draft(request.session, draft)
        again = Look(draft)
        if "again" in request.POST or again.fault:
            return HttpResponseRedirect(reverse("staff_imports:columns"))
        return self._compare(draft)

    def _compare(self, draft: Draft) -> HttpResponse:
        """Leave the reading to a job; another import of the source is decided first."""
        try:
            batch = begin_batch(
                source=draft.the_source(),
                audience=draft.the_audience(),
                permission=PermissionKind(draft.permission),
                purposes=draft.purposes,
                file_name=draft.file_name,
                upload=draft.upload,
                actor=self.actor,
            )
        except Undecided as other:
            blocking = Batch.objects.filter(pk=other.batch_id).select_related("source").first()
            return self._show(draft, blocking=blocking)
        stage_later(batch, chosen_options(draft.chosen, PermissionKind(draft.permission)))
        forget_draft(self.request.session)
        return HttpResponseRedirect(reverse("staff_imports:import", args=[batch.pk]))

    def _show(
        self, draft: Draft, *, look: Look | None = None, form: ColumnsForm | None = None, blocking: Batch | None = None
    ) -> HttpResponse:
        look = look or Look(draft)
        words = {
            "draft": draft,
            "source": draft.the_source(),
            "audience": draft.the_audience(),
            "permission": KINDS[PermissionKind(draft.permission)],
            "fault": look.fault,
            "facts": look.facts(),
            "columns": look.columns(),
            "kept_count": look.kept_count(),
            "unread": look.unread(),
            "form": form or look.form(),
            "blocking": blocking,
        }
        return self.render_to_response(self.get_context_data(**words))


class Look:
    """One look at the file of a draft: how it is read, or why it can't be."""

    def __init__(self, draft: Draft) -> None:
        """Look at the file; the fault says what is wrong with it."""
        self._draft = draft
        self.export: Export | None = None
        self.fault = ""
        self._choices: tuple[str, ...] = ()
        try:
            self.export = draft.export()
        except NotReadable as refusal:
            self.fault = file_sentence(refusal.fault, refusal.choices)
            self._choices = refusal.choices if refusal.fault in COLUMN_FAULTS else ()
        except (FileNotFoundError, SealBroken):
            self.fault = file_sentence(FileFault.INTERRUPTED)

    def form(self, given: Any = None) -> ColumnsForm | None:
        """Give the form of the columns; None when there is nothing to choose."""
        names = list(self.export.form.columns.names) if self.export else list(self._choices)
        if not names:
            return None
        return ColumnsForm(
            given,
            columns=names,
            sheets=list(self.export.form.sheets) if self.export else [],
            is_text=self.export is None or self.export.form.format == "csv",
            uses_kind=uses_kind(PermissionKind(self._draft.permission)),
            initial=self._initial(),
        )

    def _initial(self) -> dict[str, str]:
        """Give what was chosen; where nothing was, what was found."""
        chosen = {name: self._draft.chosen.get(name, "") for name in ("encoding", "delimiter")}
        if self.export is None:
            return chosen
        found = self.export.form.columns.roles
        roles = {role.value: str(found[role] + 1) if role in found else "" for role in Role}
        return {**chosen, **roles, "sheet": self.export.form.sheet}

    def columns(self) -> list[Any]:
        """Give the columns with their first cells."""
        return preview_columns(self.export) if self.export else []

    def kept_count(self) -> int:
        """Count the columns that are kept."""
        return len(self.export.form.columns.kept_for) if self.export else 0

    def unread(self) -> list[str]:
        """Say which dropped columns sound as if letters depended on them."""
        return unread_words(self.export.form.columns.dropped) if self.export else []

    def facts(self) -> dict[str, Any]:
        """Give how the file is read, in words."""
        if self.export is None:
            return {}
        form = self.export.form
        return {
            "format": FORMATS[form.format],
            "encoding": encoding_word(form.encoding) if form.encoding else "",
            "delimiter": delimiter_word(form.delimiter) if form.delimiter else "",
            "sheet": form.sheet,
            "lines": form.rows_expected,
        }
