"""The versions of the notice against WCAG 2.2 AA: the difference, the notice before, the list."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from luvalla.ledger.actors import SYSTEM, person
from luvalla.notices.actions import give_opinion, keep_earlier_notice, publish_notice
from luvalla.notices.adoption.adopting import adopt
from luvalla.notices.adoption.configuring import sentence_of
from luvalla.notices.queries import next_draft
from luvalla.organisation.actions import record_controller, record_processor
from luvalla.public.paths import path_of
from tests.browser.public.test_accessible import page, shortcomings
from tests.notices.adoption.notices import as_docx

__all__ = ["page"]
pytestmark = pytest.mark.needs_chromium


def test_differences_and_the_notice_before_are_accessible(site: str, page: Page) -> None:
    adopted = adopt(as_docx())
    kept = keep_earlier_notice(
        details={
            "language": adopted.language,
            "dated": adopted.found.dated,
            "digest": adopted.digest,
            "sentence": [sentence_of(each) for each in adopted.sentences],
        },
        actor=SYSTEM,
    )
    record_controller(details={"street": "Uusikatu 7", "phone": "010 111 1111"}, actor=SYSTEM)
    contract = {"contract_reference": "A", "contract_from": "2026-01-01"}
    record_processor(details={"name": "Postitutka Oy", "role": "x", "country": "SE", **contract}, actor=SYSTEM)
    give_opinion(is_for=True, text="Right.", draft=next_draft().digest, actor=person("officer"))
    publish_notice(published_on=timezone.localdate(), actor=person("owner"))
    for name, parts in (
        ("notice_difference", {"number": 2}),
        ("notice_earlier", {"number": kept.pk}),
        ("notice_versions", {}),
        ("notice_version", {"number": 1}),
    ):
        page.goto(site + path_of(name, "fi", **parts))
        assert shortcomings(page, f"{name}-fi") == []
