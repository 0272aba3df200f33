"""Steps taken at the desk: each asks what it needs, does it, and goes back to the case; or says why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.paper.errors import PaperError
from luvalla.register.errors import RegisterError
from luvalla.rights.actions.tasks import ON_PAPER, finish_task
from luvalla.rights.cases import said
from luvalla.rights.collecting import withhold
from luvalla.rights.doers import roles_of_actor
from luvalla.rights.errors import RightsError
from luvalla.rights.letters.texts import texts
from luvalla.rights.models import DataRequest, StoreSearch, Task
from luvalla.rights.paper_to_change import OF_AN_ITEM
from luvalla.rights.previews import Draft, draft_as_pdf, show_draft
from luvalla.staff.paper.words import fault_sentence
from luvalla.staff.parts import Crumb
from luvalla.staff.requests.case import CaseView
from luvalla.staff.requests.deciding_forms import ProposalForm
from luvalla.staff.requests.downloads import download
from luvalla.staff.requests.forms import LIFTED_AFTER, NoteForm, PostForm, TaskForm
from luvalla.staff.requests.stepping import BY_NAME, Step, draft_of, lifting_words
from luvalla.staff.requests.words import sentence_of, task_word

ON_PAPER_SENTENCE: Final = pgettext_lazy(
    "step",
    "A custodian changes %(number)s on the paper itself and notes it among the paper: that finishes this task. "
    "If it can't be done, say here why.",
)


class StepPage(CaseView):
    """One step: a question with its form, or only a button."""

    template_name = "staff/requests/step.html"
    button: Any = pgettext_lazy("button", "Continue")

    @cached_property
    def step(self) -> Step:
        """The step that is asked for, if this person can take it now."""
        step = BY_NAME.get(self.kwargs["step"])
        if step is None or not step.is_there(self.case, roles_of_actor(self.actor)):
            raise Http404
        return step

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        *way, _ = self.crumbs_below()
        return [*way, Crumb(str(self.heading))]

    @property
    def heading(self) -> Any:
        """What is done here."""
        return self.step.title

    @property
    def explanation(self) -> Any:
        """What follows from it."""
        return self.step.lead

    def empty_form(self) -> forms.Form:
        """Give the form as it is first shown."""
        if self.step.name == "letter":
            return self.step.form(initial={"paragraphs": draft_of(self.case)})
        if self.step.name == "announce-lifting":
            words, day = lifting_words(self.case), timezone.localdate() + LIFTED_AFTER
            return self.step.form(initial={"paragraphs": words, "lift_on": day})
        if self.step.name == "complaint":
            return self.step.form(initial={"country": said(self.case).authority})
        if self.step.name == "triage":
            country = said(self.case).authority
            return self.step.form(initial={"rights": self.case.rights.split(), "authority": country})
        return self.filled()

    def filled(self, *args: Any, **kwargs: Any) -> forms.Form:
        """Make the step's form; a proposal asks about each right of the case."""
        if self.step.form is ProposalForm:
            return ProposalForm(*args, rights=self.case.chosen, **kwargs)
        return self.step.form(*args, **kwargs)

    def bound_form(self, request: HttpRequest) -> forms.Form:
        """Give the form as it was filled in."""
        return self.filled(request.POST)

    def act(self, given: dict[str, Any]) -> None:
        """Do it."""
        self.step.act(self.case, given, self.actor)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the question."""
        form = kwargs.pop("form", None) or self.empty_form()
        words = {"case": self.case, "title": self.heading, "lead": self.explanation, "button": self.heading}
        return super().get_context_data(**{**words, "form": form, "can_preview": self.letter is not None, **kwargs})

    @property
    def letter(self) -> Callable[[DataRequest, Any], Draft] | None:
        """What makes the letter that leaves with the step; none for a task."""
        return self.step.letter

    def previewed(self, form: forms.Form, *, as_pdf: bool) -> HttpResponse:
        """Show the letter as it would leave, or say what it lacks; nothing is done."""
        assert self.letter is not None
        try:
            draft = self.letter(self.case, form.cleaned_data)
            text = show_draft(request=self.case, draft=draft, actor=self.actor)
        except RightsError as fault:
            return self.render_to_response(self.get_context_data(form=form, fault=sentence_of(fault)), status=409)
        if as_pdf:
            return download(draft_as_pdf(self.case, text), "application/pdf", f"{self.case.number}-{text.kind}.pdf")
        shown = {"text": text, "greeting": texts(text.language)["names"]["greeting"]}
        return self.render_to_response(self.get_context_data(form=form, **shown))

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Take the step, or say what is missing and what was kept."""
        form = self.bound_form(request)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        if "preview" in request.POST and self.letter is not None:
            return self.previewed(form, as_pdf=request.POST["preview"] == "pdf")
        try:
            self.act(form.cleaned_data)
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(form=form, fault=fault_sentence(fault)), status=409)
        except (RightsError, RegisterError) as fault:
            return self.render_to_response(self.get_context_data(form=form, fault=sentence_of(fault)), status=409)
        return self.done()

    def done(self) -> HttpResponse:
        """Go back to the case."""
        return HttpResponseRedirect(reverse("staff_requests:case", args=[self.case.ref]))


class TaskPage(StepPage):
    """A task, finished."""

    letter = None

    @cached_property
    def task(self) -> Task:
        """The open task."""
        found = Task.objects.filter(request=self.case, ref=self.kwargs["task"], done_at=None).first()
        if found is None:
            raise Http404
        return found

    @property
    def heading(self) -> Any:
        """What is to be done."""
        return task_word(self.task.kind, self.task.about)

    @property
    def explanation(self) -> Any:
        """Which system it is about, or how paper is destroyed, corrected or marked."""
        if self.task.kind in ON_PAPER:
            return ON_PAPER_SENTENCE % {"number": self.task.about}
        if not self.is_of_paper:
            return "" if self.task.kind == Task.Kind.POST else self.task.about
        sentence = pgettext(
            "step",
            "%(number)s is destroyed among the paper, with its method and a witness: that finishes this task. "
            "If it can't be destroyed, say here why.",
        )
        return sentence % {"number": self.task.about}

    @property
    def is_of_paper(self) -> bool:
        """Whether paper is to be destroyed or changed, which isn't ticked off here."""
        return self.task.kind in OF_AN_ITEM

    def empty_form(self) -> forms.Form:
        """Give the form as it is first shown."""
        return self._form()

    def bound_form(self, request: HttpRequest) -> forms.Form:
        """Give the form as it was filled in."""
        return self._form(request.POST)

    def _form(self, *given: Any) -> forms.Form:
        if self.task.kind == Task.Kind.POST:
            return PostForm(*given, case=self.case)
        return TaskForm(*given, kind=self.task.kind)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say on the button what it does: the task has been done elsewhere."""
        is_post = self.task.kind == Task.Kind.POST
        button = pgettext("button", "Note the posting") if is_post else pgettext("button", "Note it")
        return super().get_context_data(**{"button": button, **kwargs})

    def act(self, given: dict[str, Any]) -> None:
        """Finish it."""
        posted = {name: given[name] for name in ("posted_on", "prints") if name in given}
        finish_task(task=self.task, result=given["result"], note=given["note"], **posted, actor=self.actor)


class WithholdPage(StepPage):
    """One finding left out of the copy, with the reason (GDPR 15(4))."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)
    letter = None
    heading = pgettext_lazy("step", "Leave out of the copy")
    explanation = pgettext_lazy("step", "Only where the copy would harm the rights of others (GDPR 15(4)).")

    def empty_form(self) -> forms.Form:
        """Give the form as it is first shown."""
        return NoteForm()

    def bound_form(self, request: HttpRequest) -> forms.Form:
        """Give the form as it was filled in."""
        return NoteForm(request.POST)

    @cached_property
    def search(self) -> StoreSearch:
        """The search of this case that found it; 404 for another case's, or a finding that there isn't."""
        search = StoreSearch.objects.filter(request=self.case, pk=self.kwargs["pk"]).first()
        if search is None or not 0 <= self.kwargs["number"] < search.found:
            raise Http404
        return search

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the question about what was found."""
        return super().get_context_data(**{"search": self.search, **kwargs})

    def act(self, given: dict[str, Any]) -> None:
        """Leave it out."""
        withhold(search=self.search, number=self.kwargs["number"], note=given["note"], actor=self.actor)
