"""The desk of records against WCAG 2.2 AA, wide and narrow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.ledger.actors import OPERATOR
from luvalla.organisation.breaches import Account, record_breach
from luvalla.organisation.models import Breach
from luvalla.people.models import User
from luvalla.rules.breach import Kind
from tests.browser.staff.conftest import SignIn
from tests.browser.staff.test_accessible import shortcomings

pytestmark = pytest.mark.needs_chromium
PAGES = {
    "records": "/staff/records/",
    "record-processing": "/staff/records/processing/",
    "record-tests": "/staff/records/balancing-tests/",
    "record-processors": "/staff/records/processors/",
    "record-transfers": "/staff/records/transfers/",
    "record-authorities": "/staff/records/authorities/",
    "authorities-compare": "/staff/records/authorities/compare/",
    "authority": "/staff/records/authorities/fi/",
    "record-retention": "/staff/records/retention/",
    "record-breaches": "/staff/records/breaches/",
    "record-add": "/staff/records/transfers/add/",
    "record-consents": "/staff/records/consents.jsonld",
    "breach-new": "/staff/records/breaches/new/",
    "breach": "/staff/records/breaches/{breach}/",
}


@pytest.fixture
def breach(owner: User) -> Breach:
    """Write a breach down that the authority waits to hear of."""
    now = timezone.now()
    return record_breach(
        kind=Kind.CONFIDENTIALITY,
        detected_at=now - timedelta(hours=26),
        aware_at=now - timedelta(hours=24),
        account=Account("Kokouskutsu lähti niin, että neljäkymmentä saajaa näki toistensa osoitteet."),
        subjects=40,
        actor=OPERATOR,
    )


@pytest.mark.parametrize("window", [("fi", 1280, "light"), ("en", 390, "dark")], ids=["wide", "narrow"])
def test_the_desk_of_records_is_accessible(
    window: tuple[str, int, str], sign_in_as: SignIn, owner: User, breach: Breach
) -> None:
    language, width, scheme = window
    page = sign_in_as(owner, width=width, scheme=scheme, language=language)
    for name, path in PAGES.items():
        page.goto(path.format(breach=breach.ref))
        assert shortcomings(page, f"{name}-{language}") == []
