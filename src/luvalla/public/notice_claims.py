"""What this room proves of the notice's own pages: they are what was published (S1), every version is there (S2)."""

from __future__ import annotations

from dataclasses import replace

from luvalla.notices.claims import check_published_text, check_version_and_date
from luvalla.notices.models import NoticeVersion
from luvalla.notices.queries import MENDED_BY_PUBLISHING, current_notice
from luvalla.public.fetching import fetch
from luvalla.public.notice import PLACE
from luvalla.public.page import with_breaks
from luvalla.public.paths import LANGUAGES, path_of
from luvalla.rules.ports import Finding, Verdict


def check_served_notice() -> Finding:
    """S1: the notice in force is what the configuration gives, and its page shows it whole and in order."""
    found, notice = check_published_text(), current_notice()
    served = [each for each in LANGUAGES if notice and _is_served("notice", notice, each)]
    figures = {**found.figures, "served_as_published": len(served)}
    if notice is None or len(served) == len(LANGUAGES):
        return replace(found, figures=figures)
    return replace(found, verdict=Verdict.BROKEN, figures={**figures, MENDED_BY_PUBLISHING: False})


def check_every_version_can_be_read() -> Finding:
    """S2: versions are numbered and dated, and the page of each shows its text in every language."""
    found = check_version_and_date()
    rows = NoticeVersion.objects.order_by("version").iterator()
    unread = sum(not _is_served("notice_version", row, each, number=row.version) for row in rows for each in LANGUAGES)
    return replace(
        found,
        verdict=Verdict.BROKEN if unread else found.verdict,
        figures={**found.figures, "pages_without_their_text": unread},
    )


def _is_served(page: str, notice: NoticeVersion, language: str, **parts: object) -> bool:
    """Fetch a page of the notice and look for its published text, whose proofs stand between its parts."""
    shown, at = fetch(path_of(page, language, **parts)), 0
    for part in PLACE.split(notice.html_in(language))[::2]:
        at = shown.text.find(with_breaks(part), at)
        if at < 0:
            return False
    return shown.status == 200  # noqa: PLR2004  # OK
