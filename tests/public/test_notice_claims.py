"""The notice's pages show what was published, and each way in which they could stop doing so is noticed."""

from __future__ import annotations

import pytest
from django.utils import timezone
from django.utils.safestring import mark_safe

from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import publish_notice
from luvalla.notices.models import NoticeVersion
from luvalla.public import notice, notice_versions
from luvalla.public.notice_claims import check_every_version_can_be_read, check_served_notice
from luvalla.rules.ports import Verdict
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def example(world: World) -> World:
    """Give the example organisation with two versions of its notice."""
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    return world


def test_the_pages_show_what_was_published() -> None:
    finding = check_served_notice()
    assert (finding.verdict, finding.figures["served_as_published"]) == (Verdict.HOLDS, 3)
    assert check_every_version_can_be_read().verdict is Verdict.HOLDS


def test_a_page_edited_by_hand_breaks_s1() -> None:
    newest = NoticeVersion.objects.get(version=2)
    NoticeVersion.objects.filter(version=2).update(html_sv=newest.html_sv.replace("Mallila", "Mallby"))
    assert check_served_notice().verdict is Verdict.BROKEN


def test_a_page_that_shows_another_text_than_the_published_one_breaks_s1(monkeypatch: pytest.MonkeyPatch) -> None:
    put, said, instead = notice._with_proofs, "rekisterin omistaja päättää", "kukaan ei päätä"
    monkeypatch.setattr(notice, "_with_proofs", lambda *given: mark_safe(put(*given).replace(said, instead)))  # noqa: S308  # our own text
    finding = check_served_notice()
    assert (finding.verdict, finding.figures["served_as_published"]) == (Verdict.BROKEN, 2)


def test_a_version_that_cannot_be_read_breaks_s2(monkeypatch: pytest.MonkeyPatch) -> None:
    found = notice_versions.notice_version
    monkeypatch.setattr(notice_versions, "notice_version", lambda number: found(number) if number > 1 else None)
    finding = check_every_version_can_be_read()
    assert (finding.verdict, finding.figures["pages_without_their_text"]) == (Verdict.BROKEN, 3)


def test_an_earlier_version_edited_by_hand_breaks_s2() -> None:
    first = NoticeVersion.objects.get(version=1)
    NoticeVersion.objects.filter(version=1).update(html_fi=first.html_fi + "<p>x</p>")
    finding = check_every_version_can_be_read()
    assert (finding.verdict, finding.figures["as_published"]) == (Verdict.BROKEN, 1)
