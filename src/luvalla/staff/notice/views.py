"""The pages of the desk of the notice."""

from __future__ import annotations

import re
from abc import abstractmethod
from itertools import groupby
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.notices.actions import give_opinion, publish_notice
from luvalla.notices.changes import changes
from luvalla.notices.errors import (
    BadDate,
    NoticesError,
    OpinionMissing,
    OpinionOutdated,
    PublishingClosed,
    ReasonMissing,
    SamePerson,
)
from luvalla.notices.models import NoticeVersion
from luvalla.notices.queries import closing_claims, current_notice, next_draft, notice_versions, opinion_on_draft
from luvalla.notices.registry import entry
from luvalla.notices.rendering import render
from luvalla.people.queries import user_of_ref
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import language
from luvalla.staff.notice.forms import OpinionForm, PublishForm
from luvalla.staff.parts import Crumb

FAULTS: dict[type[NoticesError], str | Promise] = {
    BadDate: pgettext_lazy("publishing", "The day is none, lies in the future, or before the last version's."),
    OpinionMissing: pgettext_lazy("publishing", "Nobody has given an opinion on this very text yet."),
    OpinionOutdated: pgettext_lazy(
        "opinion", "The text has changed meanwhile. Read it again before you give the opinion."
    ),
    PublishingClosed: pgettext_lazy("publishing", "A promise is broken. Nothing was published."),
    ReasonMissing: pgettext_lazy("publishing", "The opinion is against it, so the reason can't be empty."),
    SamePerson: pgettext_lazy("publishing", "Whoever gave the opinion doesn't publish on it."),
}
"""What a person reads when it can't be done; the text they wrote stays in the form."""


class Notice(DeskView):
    """The notice in force, what the next version would say otherwise, the opinion on it, and the earlier versions."""

    any_of: ClassVar[tuple[str, ...]] = ("give_opinion", "publish_notice", "see_promises")
    template_name = "staff/notice/notice.html"
    title = pgettext_lazy("menu", "Privacy notice")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the two texts' difference and where the publishing stands."""
        notice, draft, opinion = current_notice(), next_draft(), opinion_on_draft()
        changed = _changed(notice, draft.version)
        context = {
            "notice": notice,
            "draft": draft,
            "changed": changed,
            "opinion": opinion,
            "given_by": _name(opinion.given_by) if opinion else "",
            "closing": [(each, entry(each).text_in(language())) for each in closing_claims()],
            "versions": [(each, _name(each.published_by)) for each in notice_versions()],
            "opinion_form": OpinionForm(initial={"draft": draft.digest}),
            "publish_form": PublishForm(initial={"published_on": timezone.localdate().isoformat()}),
        }
        return super().get_context_data(**{**context, **kwargs})


class ReadDraft(DeskView):
    """The next version as it would be published, in the language of the interface."""

    any_of: ClassVar[tuple[str, ...]] = Notice.any_of
    template_name = "staff/notice/draft.html"
    title = pgettext_lazy("notice", "The next version")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Privacy notice"), reverse("staff_notice:notice")), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the text."""
        return super().get_context_data(text=_text_now(next_draft().version), **kwargs)


class _Act(Notice):
    """Something done at the desk; where it can't be, the desk is shown again with what was written and the fault."""

    form_class: ClassVar[type[forms.Form]]
    form_name: ClassVar[str]

    def get(self, *_: Any, **__: Any) -> HttpResponse:
        """Show the desk: there is nothing to look at here."""
        return HttpResponseRedirect(reverse("staff_notice:notice"))

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Do it, or say why not."""
        form = self.form_class(request.POST)
        if form.is_valid():
            try:
                self.act(form.cleaned_data)
            except NoticesError as fault:
                form.add_error(None, str(FAULTS[type(fault)]))
            else:
                return HttpResponseRedirect(reverse("staff_notice:notice"))
        return self.render_to_response(self.get_context_data(**{self.form_name: form}))

    @abstractmethod
    def act(self, given: dict[str, Any]) -> None:
        """Do what the form asks for; raises NoticesError."""


class GiveOpinion(_Act):
    """The data protection officer gives an opinion on the next version."""

    any_of: ClassVar[tuple[str, ...]] = ("give_opinion",)
    form_class = OpinionForm
    form_name = "opinion_form"

    def act(self, given: dict[str, Any]) -> None:
        """Record it."""
        give_opinion(is_for=given["side"] == "for", text=given["text"], draft=given["draft"], actor=self.actor)


class Publish(_Act):
    """The register owner publishes the next version."""

    any_of: ClassVar[tuple[str, ...]] = ("publish_notice",)
    form_class = PublishForm
    form_name = "publish_form"

    def act(self, given: dict[str, Any]) -> None:
        """Publish it."""
        publish_notice(published_on=given["published_on"], reason=given["reason"], actor=self.actor)


def _text_now(version: int) -> str:
    """Render the next version; marks of proofs stay out, since nothing of it is in force."""
    html = render(next_draft().facts, language(), version=version, published_on=timezone.localdate())
    return mark_safe(re.sub(r"<!--.*?-->", "", html))  # noqa: S308  # our own template's output, escaped there


def _changed(notice: NoticeVersion | None, version: int) -> list[tuple[str, list[Any]]]:
    if notice is None:
        return []
    found = changes(notice.html_in(language()), _text_now(version))
    return [(heading, list(each)) for heading, each in groupby(found, key=lambda change: change.heading)]


def _name(actor: str) -> str:
    """Name whoever the ledger names: the person, or the machine's operator."""
    kind, _, ref = actor.partition(":")
    person = user_of_ref(ref) if kind == "person" else None
    return str(person) if person else pgettext("notice", "when the installation was made")
