"""The privacy notice as it was published, with what the checks of its claims have last seen beside each part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.notices.doors import how_to_mend
from luvalla.notices.models import NoticeVersion
from luvalla.notices.queries import (
    ClaimState,
    claim_verdicts,
    current_notice,
    worst,
)
from luvalla.notices.registry import SECTIONS
from luvalla.public.formats import moment
from luvalla.public.page import public_page, show
from luvalla.public.paths import path_of
from luvalla.rules.ports import Verdict

PLACE: Final = re.compile(r"<!--proof:([a-z-]+)-->")
"""Where the stored notice leaves room for a proof."""


MARKS: Final = {
    Verdict.HOLDS: "holds",
    Verdict.BROKEN: "broken",
    Verdict.UNKNOWN: "unknown",
    Verdict.NOT_BUILT: "unbuilt",
}
WORDS: Final = {
    Verdict.HOLDS: pgettext_lazy("verdict", "Holds"),
    Verdict.BROKEN: pgettext_lazy("verdict", "Broken"),
    Verdict.UNKNOWN: pgettext_lazy("verdict", "Unknown"),
    Verdict.NOT_BUILT: pgettext_lazy("verdict", "Not built"),
}


CLOSED: Final = {
    "publishing": pgettext_lazy("closed", "publishing a new notice"),
    "sending": pgettext_lazy("closed", "sending letters"),
    "export": pgettext_lazy("closed", "giving out addresses"),
    "sign_in": pgettext_lazy("closed", "signing in"),
    "transfer": pgettext_lazy("closed", "transfers abroad"),
    "print": pgettext_lazy("closed", "printing"),
    "analytics": pgettext_lazy("closed", "visitor statistics"),
}
"""What a broken claim closes, as the public reads it."""


class Line(NamedTuple):
    """A claim inside a proof: its words and its own verdict."""

    id: str
    text: str
    mark: str
    word: str | Promise
    seen: str
    """When it was last checked; empty where it never was."""
    closed: str = ""
    """What is closed while it is broken, in words."""
    mend: str = ""
    """Who mends it, and how."""

    @property
    def when(self) -> str:
        """The time as it follows the claim's id."""
        return f", {self.seen}" if self.seen else ""


class Proof(NamedTuple):
    """What stands beside a part of the notice: the verdict that speaks for all its claims, and each of them."""

    section: str
    mark: str
    word: str | Promise
    note: str
    """When it was checked, or how many of its claims hold where not all can be checked."""
    lines: tuple[Line, ...]


@public_page
def current(request: HttpRequest, *, language: str) -> HttpResponse:  # noqa: ARG001  # a view is given the request
    """Show the notice in force, with its proofs as of now."""
    notice = current_notice()
    if notice is None:
        raise Http404
    states = claim_verdicts()
    head = {"has_unbuilt": any(each.verdict is Verdict.NOT_BUILT for each in states)}
    html = _with_proofs(notice, _proofs(states, language), language, head)
    return show("notice.html", language, {"page": "notice", "notice": notice, "html": html})


def _with_proofs(notice: NoticeVersion, proofs: dict[str, Proof], language: str, head: Mapping[str, object]) -> str:
    """Put each proof where the published text leaves room for it. The text itself isn't touched."""
    file_path = path_of("notice_file", language, number=notice.version)

    def put(place: re.Match[str]) -> str:
        section = place[1]
        if section == "head":
            links = {"versions_path": path_of("notice_versions", language), "file_path": file_path}
            return render_to_string("public/notice/key.html", {**head, **links})
        proof = proofs.get(section)
        return render_to_string("public/notice/proof.html", {"proof": proof}) if proof else ""

    return mark_safe(PLACE.sub(put, notice.html_in(language)))  # noqa: S308  # both are our own templates' output, escaped there


def _proofs(states: Iterable[ClaimState], language: str) -> dict[str, Proof]:
    by_section: dict[str, list[ClaimState]] = {each: [] for each in SECTIONS}
    for state in states:
        by_section[state.entry.section].append(state)
    return {section: _proof(section, claims, language) for section, claims in by_section.items() if claims}


def _proof(section: str, claims: list[ClaimState], language: str) -> Proof:
    verdict = worst([each.verdict for each in claims])
    note = _note(verdict, claims, language)
    return Proof(section, MARKS[verdict], WORDS[verdict], note, tuple(_claim(each, language) for each in claims))


def _note(verdict: Verdict, claims: list[ClaimState], language: str) -> str:
    holding = sum(each.verdict is Verdict.HOLDS for each in claims)
    checked = [each.checked_at for each in claims if each.checked_at]
    if verdict is Verdict.NOT_BUILT:
        said = pgettext("notice", "%(holding)s of %(all)s claims hold") % {"holding": holding, "all": len(claims)}
        return said if holding else ""
    return pgettext("notice", "checked %(moment)s") % {"moment": moment(min(checked), language)} if checked else ""


def _claim(state: ClaimState, language: str) -> Line:
    seen = moment(state.checked_at, language) if state.checked_at else ""
    line = Line(state.id, state.entry.text_in(language), MARKS[state.verdict], WORDS[state.verdict], seen)
    if state.verdict is not Verdict.BROKEN:
        return line
    closed = ", ".join(str(CLOSED.get(each, each)) for each in state.closed)
    return line._replace(closed=closed, mend=how_to_mend(state.id, language))
