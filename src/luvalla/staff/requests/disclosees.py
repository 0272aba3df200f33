"""Those who were given data: what they have, what they are still to be told, and what was noted by hand (GDPR 19)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.notices.records.words import BASES, DISCLOSEES
from luvalla.organisation.models import Disclosee
from luvalla.register.disclosee_notices import untold
from luvalla.register.errors import RegisterError
from luvalla.register.models import Disclosure, SingleDisclosure
from luvalla.register.single_disclosures import note_disclosure, show_disclosure, take_disclosure_back
from luvalla.rights.errors import RightsError
from luvalla.rights.telling import note_impossible, note_posted, show_letter, to_post
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import language, number
from luvalla.staff.parts import Crumb
from luvalla.staff.requests.disclosee_forms import WAYS, DisclosureForm, PostedForm, TakeBackForm, UntoldForm
from luvalla.staff.requests.downloads import download
from luvalla.staff.requests.words import sentence_of

NEWEST = 50
"""How many noted disclosures the page lists."""


class DiscloseesDesk(DeskView):
    """What the pages about disclosees share."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        listing = Crumb(pgettext("menu", "Requests"), reverse("staff_requests:list"))
        return [listing, Crumb(str(DiscloseeList.title), reverse("staff_requests:disclosees")), Crumb(str(self.title))]


class DiscloseeList(DiscloseesDesk):
    """Each disclosee with what it was given and what it is still to be told; below, what was noted by hand."""

    template_name = "staff/requests/disclosees.html"
    title: str | Promise = pgettext_lazy("disclosees", "Who was given data")
    lead: str | Promise = pgettext_lazy(
        "disclosees",
        "Who has the data hears of a correction, an erasure and a restriction. Luvalla mails it where it can, and the "
        "rest is posted here. Whoever asks is told to whom their own data was given.",
    )

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        *way, here = super().crumbs()
        return [way[0], here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the disclosees."""
        noted = SingleDisclosure.objects.select_related("to").order_by("-given_on", "-pk")
        rows = [(each, WAYS[each.way], BASES[each.basis]) for each in noted[:NEWEST]]
        disclosees = [_row(each) for each in Disclosee.objects.order_by("name")]
        return super().get_context_data(**{"disclosees": disclosees, "noted": rows, **kwargs})


class DiscloseeForm(DiscloseesDesk, ABC):
    """A page with one form."""

    template_name = "staff/requests/question.html"
    button: str | Promise

    @abstractmethod
    def empty_form(self) -> forms.Form:
        """Give the form as it is first shown."""

    @abstractmethod
    def bound_form(self, request: HttpRequest) -> forms.Form:
        """Give the form as it was filled in."""

    @abstractmethod
    def act(self, given: dict[str, Any]) -> None:
        """Do it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        form = kwargs.pop("form", None) or self.empty_form()
        back = reverse("staff_requests:disclosees")
        return super().get_context_data(**{"form": form, "button": self.button, "back": back, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Do it, or say what is missing."""
        form = self.bound_form(request)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            self.act(form.cleaned_data)
        except (RightsError, RegisterError) as fault:
            return self.render_to_response(self.get_context_data(form=form, fault=sentence_of(fault)), status=409)
        return HttpResponseRedirect(reverse("staff_requests:disclosees"))


class NoteDisclosure(DiscloseeForm):
    """Somebody's data was given otherwise than by an export."""

    title: str | Promise = pgettext_lazy("disclosees", "Note a disclosure")
    lead: str | Promise = pgettext_lazy(
        "disclosees",
        "For data that was given by telephone, on paper, by e-mail or in person. Whom it concerned is sealed. The "
        "person is told of it when they ask, and the recipient is told of later changes.",
    )
    button = pgettext_lazy("disclosees", "Note it")

    def empty_form(self) -> forms.Form:
        """Give the form as it is first shown."""
        return DisclosureForm()

    def bound_form(self, request: HttpRequest) -> forms.Form:
        """Give the form as it was filled in."""
        return DisclosureForm(request.POST)

    def act(self, given: dict[str, Any]) -> None:
        """Note it."""
        note_disclosure(**given, actor=self.actor)
        messages.success(self.request, pgettext("disclosees", "The disclosure was noted."))


class DisclosurePage(DiscloseeForm):
    """A noted disclosure, opened: the look is a row in the ledger. A wrong one is taken back."""

    template_name = "staff/requests/disclosure.html"
    title: str | Promise = pgettext_lazy("disclosees", "A noted disclosure")
    lead: str | Promise = pgettext_lazy("requests", "This look is written into the ledger.")
    button = pgettext_lazy("disclosees", "Take the note back")

    @cached_property
    def disclosure(self) -> SingleDisclosure:
        """The disclosure of the address."""
        return get_object_or_404(SingleDisclosure.objects.select_related("to"), ref=self.kwargs["ref"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Open it."""
        row = self.disclosure
        given = show_disclosure(disclosure=row, actor=self.actor)
        words = {"way": WAYS[row.way], "basis": BASES[row.basis], "purpose": row.to.purpose_in(language())}
        return super().get_context_data(**{"disclosure": row, "given": given, **words, **kwargs})

    def empty_form(self) -> forms.Form:
        """Give the form as it is first shown."""
        return TakeBackForm()

    def bound_form(self, request: HttpRequest) -> forms.Form:
        """Give the form as it was filled in."""
        return TakeBackForm(request.POST)

    def act(self, given: dict[str, Any]) -> None:
        """Take it back."""
        take_disclosure_back(disclosure=self.disclosure, reason=given["reason"], actor=self.actor)
        messages.success(self.request, pgettext("disclosees", "The note was taken back."))


class OfDisclosee(DiscloseesDesk):
    """What one disclosee is to be told by post; 404 where nothing is."""

    @cached_property
    def disclosee(self) -> Disclosee:
        """The disclosee of the address."""
        found = get_object_or_404(Disclosee, pk=self.kwargs["pk"])
        if not to_post(found).exists():
            raise Http404
        return found


class DiscloseeStep(OfDisclosee, DiscloseeForm):
    """A page with one form about what one disclosee is to be told by post."""

    @property
    def explanation(self) -> str:
        """Who is told of how many changes."""
        return f"{self.disclosee.name}, {_changes(to_post(self.disclosee).count())}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the disclosee."""
        return super().get_context_data(**{"lead": self.explanation, **kwargs})


class NotePosted(DiscloseeStep):
    """The letter to a disclosee was posted."""

    title: str | Promise = pgettext_lazy("disclosees", "Note the posting")
    button = pgettext_lazy("disclosees", "Note the posting")

    def empty_form(self) -> forms.Form:
        """Give the form as it is first shown."""
        return PostedForm()

    def bound_form(self, request: HttpRequest) -> forms.Form:
        """Give the form as it was filled in."""
        return PostedForm(request.POST)

    def act(self, given: dict[str, Any]) -> None:
        """Note it."""
        told = note_posted(to=self.disclosee, posted_on=given["posted_on"], actor=self.actor)
        said = pgettext("disclosees", "Noted as told: %(changes)s.") % {"changes": _changes(told)}
        messages.success(self.request, said)


class NoteImpossible(DiscloseeStep):
    """A disclosee can't be told."""

    title: str | Promise = pgettext_lazy("disclosees", "The recipient can't be told")
    button = pgettext_lazy("disclosees", "Note it")

    def empty_form(self) -> forms.Form:
        """Give the form as it is first shown."""
        return UntoldForm()

    def bound_form(self, request: HttpRequest) -> forms.Form:
        """Give the form as it was filled in."""
        return UntoldForm(request.POST)

    def act(self, given: dict[str, Any]) -> None:
        """Note it."""
        note_impossible(to=self.disclosee, why=given["why"], actor=self.actor)
        messages.success(self.request, pgettext("disclosees", "Noted why the recipient can't be told."))


class DiscloseeLetter(OfDisclosee):
    """The letter to a disclosee as a PDF, made anew for what waits."""

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the PDF; the look is a row in the ledger."""
        del request
        try:
            content = show_letter(to=self.disclosee, actor=self.actor)
        except RightsError:
            raise Http404 from None
        return download(content, "application/pdf", f"disclosee-{self.disclosee.pk}.pdf")


def disclosees_to_post() -> list[Disclosee]:
    """Give the disclosees whom people have to tell by post."""
    waiting = Disclosee.objects.filter(pk__in=untold().order_by().values("to")).order_by("name")
    return [each for each in waiting if to_post(each).exists()]


def _row(to: Disclosee) -> dict[str, Any]:
    exports = Disclosure.objects.filter(to=to).aggregate(count=Count("pk"), last=Max("at"))
    noted = SingleDisclosure.objects.filter(to=to).aggregate(count=Count("pk"), last=Max("given_on"))
    by_post = to_post(to)
    return {
        "to": to,
        "kind": DISCLOSEES[to.kind],
        "exports": exports,
        "noted": noted,
        "is_general": not exports["count"] and not to.is_noted_singly,
        "by_mail": untold(to).count() - by_post.count(),
        "by_post": by_post.count(),
        "is_printed": by_post.exclude(printed_at=None).exists(),
    }


def _changes(count: int) -> str:
    words = npgettext("disclosees", "%(count)s change", "%(count)s changes", count)
    return words % {"count": number(count)}
