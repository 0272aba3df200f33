"""What the pages of this desk have in common: their way, and a form that does one thing."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.people.errors import PeopleError
from luvalla.people.models import User
from luvalla.people.queries import accounts
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb
from luvalla.staff.people.words import refusal_words


class PeoplePage(DeskView):
    """A page under the list of people."""

    any_of: ClassVar[tuple[str, ...]] = ("manage_users",)

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "People"), reverse("staff_people:list")), Crumb(str(self.title))]


class FormPage(PeoplePage):
    """A question with a form, and what is done when it is answered. What is refused is said in the form."""

    template_name = "staff/people/form.html"
    form_class: ClassVar[type[forms.Form]]
    button: str | Promise = pgettext_lazy("button", "Save")
    is_grave = False
    """Whether the button stops something."""

    @property
    def back(self) -> str:
        """Where the page leads to when it is done or left."""
        return reverse("staff_people:list")

    def make_form(self, given: Any = None, files: Any = None) -> forms.Form:
        """Make the form, filled with what was given."""
        return self.form_class(given, files) if given is not None else self.form_class()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the question."""
        words = {"button": self.button, "back": self.back, "is_grave": self.is_grave}
        form = kwargs.pop("form", None) or self.make_form()
        return super().get_context_data(**{"form": form, **words, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Do it, or say what is missing."""
        form = self.make_form(request.POST, request.FILES)
        if form.is_valid():
            try:
                return self.carry_out(form.cleaned_data) or HttpResponseRedirect(self.back)
            except PeopleError as fault:
                form.add_error(None, refusal_words(fault))
        return self.render_to_response(self.get_context_data(form=form))

    @abstractmethod
    def carry_out(self, given: dict[str, Any]) -> HttpResponse | None:
        """Do what was asked; without an answer of its own the page leads back."""


class PersonStep(FormPage):
    """A question about one person."""

    @property
    def person(self) -> User:
        """The person; 404 for nobody."""
        return get_object_or_404(accounts(), ref=self.kwargs["ref"])

    @property
    def back(self) -> str:
        """Back to the person."""
        return reverse("staff_people:person", args=[self.kwargs["ref"]])

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        people, here = super().crumbs()
        return [people, Crumb(self.person.full_name, self.back), here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give whose it is."""
        return super().get_context_data(**{"person": self.person, **kwargs})
