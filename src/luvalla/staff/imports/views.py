"""Pages of the desk of imports: the list, and an import in whatever state it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final

from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.ledger.queries import history
from luvalla.people.models import User
from luvalla.people.roles import Capability
from luvalla.register.importing.comparing import Group, Note
from luvalla.register.importing.sentences import file_sentence, row_sentence
from luvalla.register.models import Batch
from luvalla.rules.purposes import PermissionKind
from luvalla.staff.contacts.words import KINDS
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import number
from luvalla.staff.imports.difference import Counted, changes_in_words, difference_of, prohibitions_of
from luvalla.staff.imports.words import FORMATS, LEADS, STATES, TITLES, delimiter_word, encoding_word, unread_words
from luvalla.staff.ledger.rows import sentences_of
from luvalla.staff.ledger.sentences import ACTORS
from luvalla.staff.parts import Crumb, Part

PAGE: Final = 30
HISTORY: Final = 20
REFRESH_SECONDS: Final = 2
DIGEST_SHOWN: Final = 12
ANY_OF: Final = (Capability.BRING_IMPORT, Capability.DECIDE_IMPORT, Capability.RELEASE_IMPORT)
State = Batch.State


@dataclass(frozen=True, slots=True)
class Listed:
    """An import as the list shows it."""

    batch: Batch
    state: tuple[Any, str, str]
    who: str
    permission: Any
    counts: Counted
    gone: int


class ImportList(DeskView):
    """All imports, the newest first."""

    any_of: ClassVar[tuple[str, ...]] = ANY_OF
    template_name = "staff/imports/list.html"
    title = pgettext_lazy("imports", "Imports")
    lead = pgettext_lazy(
        "imports", "An export of a source is read, compared with the register and carried out at once, or not at all."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give a page of the list."""
        batches = Batch.objects.select_related("source", "audience").order_by("-pk")
        page = Paginator(batches, PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(**{"page": page, "rows": _listed(list(page.object_list)), **kwargs})


class ImportPage(DeskView):
    """An import: how far its reading is, what it would change, or what became of it."""

    any_of: ClassVar[tuple[str, ...]] = ANY_OF
    template_name = "staff/imports/import.html"

    @cached_property
    def batch(self) -> Batch:
        """The import; 404 when there is none of that number."""
        batch = Batch.objects.select_related("source", "audience").filter(pk=self.kwargs["pk"]).first()
        if batch is None:
            raise Http404
        return batch

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Imports"), reverse("staff_imports:list")), Crumb(name_of(self.batch))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give the page; while the file is being read it comes again by itself, unless the person wants it to stay."""
        answer = super().get(request, *args, **kwargs)
        if self.batch.state == State.READING and "still" not in request.GET:
            answer["Refresh"] = str(REFRESH_SECONDS)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give what the page shows in the batch's state."""
        batch = self.batch
        state = State(batch.state)
        done = history("batch", str(batch.ref))[:HISTORY]
        return super().get_context_data(**{
            "title": TITLES[state],
            "lead": LEADS[state],
            "batch": batch,
            "state": STATES[state],
            "name": name_of(batch),
            "facts": facts_of(batch),
            "permission": KINDS[PermissionKind(batch.permission)],
            "history": sentences_of(done),
            **self._of_state(state),
            **kwargs,
        })  # fmt: skip

    def _of_state(self, state: Batch.State) -> dict[str, Any]:
        if state == State.READING:
            return _reading(self.batch)
        if state == State.FAILED:
            return {"fault": file_sentence(self.batch.fault)}
        return self._difference()

    def _difference(self) -> dict[str, Any]:
        batch, counts = self.batch, Counted(self.batch.counts)
        kept, dropped = batch.reading.get("kept", []), batch.reading.get("dropped", [])
        return {
            "difference": difference_of(batch),
            "prohibitions": prohibitions_of(batch),
            "unread": unread_words(dropped),
            "before_and_after": _before_and_after(batch, counts),
            "change_count": counts.changes,
            "changes": changes_in_words(batch),
            "reasons": reasons_of(batch),
            "refused": counts[Group.REFUSED],
            "has_lines": batch.lines.exists(),
            "kept": kept,
            "dropped": dropped,
            "dropped_words": _dropped(len(dropped)),
            **self._decision(counts),
        }

    def _decision(self, counts: Counted) -> dict[str, Any]:
        """Tell who may do what about it now."""
        batch, me = self.batch, str(self.actor)
        waits = batch.state == State.AWAITING_RELEASE
        undecided = batch.state in {State.STAGED, State.AWAITING_RELEASE}
        return {
            "undecided": undecided,
            "waits_for_release": waits,
            "was_released": bool(batch.released_by),
            "gone": counts[Note.GONE],
            "before": counts.before,
            "brought_by": person_named(batch.brought_by),
            "released_by": person_named(batch.released_by) if batch.released_by else "",
            "may_release": waits and self.may(Capability.RELEASE_IMPORT) and batch.brought_by != me,
            "brought_it": batch.brought_by == me,
            "released_it": batch.released_by == me,
            "may_apply": undecided and not waits and self.may(Capability.DECIDE_IMPORT) and batch.released_by != me,
            "may_discard": undecided and may_discard(self, batch),
        }


def may_discard(page: DeskView, batch: Batch) -> bool:
    """Tell whether the person may let an import go: whoever decides on imports, or brought it."""
    return page.may(Capability.DECIDE_IMPORT) or batch.brought_by == str(page.actor)


def name_of(batch: Batch) -> str:
    """Name an import by its file, or by its number."""
    return batch.file_name or pgettext("imports", "Import %(number)d") % {"number": batch.pk}


def person_named(actor: str) -> str:
    """Name who did something."""
    return names_of([actor])[actor]


def names_of(actors: list[str]) -> dict[str, str]:
    """Name several doers at once."""
    refs = {each.partition(":")[2] for each in actors if each.startswith("person:")}
    people = {f"person:{each.ref}": str(each) for each in User.objects.filter(ref__in=refs)}
    return {each: people.get(each) or str(ACTORS.get(each.partition(":")[0], each)) for each in actors}


def reasons_of(batch: Batch) -> list[dict[str, Any]]:
    """Give the reasons of the refused rows: how many each, and the first line."""
    found = batch.lines.filter(group=Group.REFUSED).values("fault").annotate(count=Count("pk"), first=Min("line"))
    return [
        {"words": row_sentence(each["fault"]), "count": each["count"], "first": each["first"]}
        for each in found.order_by("-count", "first")
    ]


def facts_of(batch: Batch) -> dict[str, str]:
    """Give what is known of the file, in words."""
    reading, digest = batch.reading, batch.digest[:DIGEST_SHOWN]
    return {
        "format": FORMATS.get(reading.get("format", ""), ""),
        "encoding": encoding_word(reading["encoding"]) if reading.get("encoding") else "",
        "delimiter": delimiter_word(reading["delimiter"]) if reading.get("delimiter") else "",
        "sheet": reading.get("sheet", ""),
        "digest": " ".join(digest[at : at + 4] for at in range(0, len(digest), 4)),
    }


def _listed(batches: list[Batch]) -> list[Listed]:
    names = names_of([each.brought_by for each in batches])
    return [
        Listed(
            batch=each,
            state=STATES[State(each.state)],
            who=names[each.brought_by],
            permission=KINDS[PermissionKind(each.permission)],
            counts=Counted(each.counts),
            gone=each.counts.get(Note.GONE, 0),
        )
        for each in batches
    ]


def _reading(batch: Batch) -> dict[str, Any]:
    """Tell how far a reading is, whether it waits for its turn, and whether its reader has died."""
    read, expected = batch.rows_read, max(batch.rows_expected, batch.rows_read)
    words = {"read": number(read), "expected": number(expected)}
    label = pgettext("imports", "%(read)s of about %(expected)s rows read") % words
    left = pgettext("imports", "not read yet")
    return {
        "waits_for_turn": batch.lease_until is None,
        "is_dead": batch.lease_until is not None and batch.lease_until < timezone.now(),
        "parts": [Part("accepted", read, label), Part("left", expected - read, left)],
        "progress_label": label if batch.rows_expected else pgettext("imports", "%(read)s rows read") % words,
    }


def _before_and_after(batch: Batch, counts: Counted) -> str:
    words = {"before": number(counts.before), "after": number(counts.after)}
    if batch.state in {State.APPLIED, State.SETTLED}:
        return pgettext("imports", "From this source: %(before)s contacts before, %(after)s after the import") % words
    return pgettext("imports", "From this source: %(before)s contacts now, %(after)s after the import") % words


def _dropped(count: int) -> str:
    if not count:
        return pgettext(
            "imports",
            "The address, the facts of the permission and a prohibition of marketing are kept. The file has nothing "
            "else.",
        )
    return npgettext(
        "imports",
        "The address, the facts of the permission and a prohibition of marketing are kept. %(count)s other column "
        "was read and not kept.",
        "The address, the facts of the permission and a prohibition of marketing are kept. %(count)s other columns "
        "were read and not kept.",
        count,
    ) % {"count": number(count)}  # fmt: skip
