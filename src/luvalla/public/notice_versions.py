"""Every version of the notice as it was published: its text, its difference to the one before, its file.

The notice the organisation had before stands there too, in its own words, with the reason for each change.
"""

from __future__ import annotations

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import make_file
from luvalla.notices.adoption.weak_points import weak_points
from luvalla.notices.changes import changes
from luvalla.notices.models import EarlierNotice, EarlierSentence, NoticeVersion
from luvalla.notices.queries import current_notice, earlier_notices, notice_version, notice_versions
from luvalla.notices.registry import entries
from luvalla.public.formats import day
from luvalla.public.notice import PLACE
from luvalla.public.page import public_page, show
from luvalla.public.paths import path_of


@public_page
def version(request: HttpRequest, *, language: str, number: int) -> HttpResponse:  # noqa: ARG001  # a view is given the request
    """Show one version as it was published; only the newest has proofs, since only it is in force."""
    notice, newest = _version(number), current_notice()
    context = {
        "page": "notice_version",
        "parts": {"number": number},
        "notice": notice,
        "html": mark_safe(PLACE.sub("", notice.html_in(language))),  # noqa: S308  # our own template's output, escaped there
        "line": _line(notice, language),
        "is_newest": newest is not None and notice.version == newest.version,
    }
    return show("notice_version.html", language, context)


@public_page
def versions(request: HttpRequest, *, language: str) -> HttpResponse:  # noqa: ARG001  # as above
    """List every version, and the notice there was before the first one."""
    context = {
        "page": "notice_versions",
        "versions": [_line(each, language) for each in notice_versions()],
        "earlier": [_earlier_line(each, language) for each in earlier_notices()],
    }
    return show("notice_versions.html", language, context)


@public_page
def difference(request: HttpRequest, *, language: str, number: int) -> HttpResponse:  # noqa: ARG001  # as above
    """Show what a version says otherwise than the one before it."""
    now, before = _version(number), notice_version(number - 1)
    if before is None:
        raise Http404
    found = changes(before.html_in(language), now.html_in(language))
    context = {
        "page": "notice_difference",
        "parts": {"number": number},
        "now": _line(now, language),
        "before": _line(before, language),
        "parts_changed": [(heading, list(each)) for heading, each in groupby(found, key=lambda change: change.heading)],
    }
    return show("notice_difference.html", language, context)


@public_page
def file(request: HttpRequest, *, language: str, number: int) -> HttpResponse:  # noqa: ARG001  # as above
    """Give a version as a tagged PDF; it is made when it is asked for first, and never changes."""
    made = make_file(notice=_version(number), language=language, actor=SYSTEM)
    answer = HttpResponse(bytes(made.content), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="luvalla-notice-{number}-{language}.pdf"'
    answer["ETag"] = f'"{made.digest}"'
    return answer


@public_page
def earlier(request: HttpRequest, *, language: str, number: int) -> HttpResponse:  # noqa: ARG001  # as above
    """Show the notice there was before, sentence by sentence, with what stands for it now and why it was changed."""
    kept = EarlierNotice.objects.filter(pk=number).first()
    if kept is None:
        raise Http404
    said = [_sentence(each, language) for each in kept.sentences.all()]
    context = {
        "page": "notice_earlier",
        "parts": {"number": number},
        "kept": kept,
        "changed": sum(bool(each["reasons"]) for each in said),
        "whole": len(said),
        "groups": [(heading, list(each)) for heading, each in groupby(said, key=lambda each: each["heading"])],
    }
    return show("notice_earlier.html", language, context)


def _version(number: int) -> NoticeVersion:
    notice = notice_version(number)
    if notice is None:
        raise Http404
    return notice


def _line(notice: NoticeVersion, language: str) -> dict[str, object]:
    return {
        "version": notice.version,
        "day": day(notice.published_on, language),
        "digest": notice.digest[:16],
        "path": path_of("notice_version", language, number=notice.version),
        "file_path": path_of("notice_file", language, number=notice.version),
        "difference_path": path_of("notice_difference", language, number=notice.version) if notice.version > 1 else "",
        "opinion": notice.opinion,
        "opinion_day": day(notice.opinion.given_at, language) if notice.opinion else "",
    }


def _earlier_line(kept: EarlierNotice, language: str) -> dict[str, object]:
    return {"kept": kept, "path": path_of("notice_earlier", language, number=kept.pk)}


def _sentence(each: EarlierSentence, language: str) -> dict[str, object]:
    texts = {entry.id: entry.text_in(language) for entry in entries()}
    points = weak_points()
    return {
        "heading": each.heading,
        "is_heading": each.text == each.heading,
        "text": each.text,
        "claims": [(name, texts.get(name, "")) for name in each.claims],
        "reasons": [(points[name].wrong[language], points[name].now[language], points[name].law)
                    for name in each.weak_points if name in points],
    }  # fmt: skip
