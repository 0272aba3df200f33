"""The checks the organisation's records contribute: the tests behind legitimate interests, and who confirmed them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from luvalla.organisation.models import BalancingTest, Purpose
from luvalla.rules.ports import Claim, Finding, Verdict, claims
from luvalla.rules.purposes import LegalBasis

OLDEST: Final = timedelta(days=2 * 365 + 1)
"""A test is assessed anew after 24 months, whatever end was written into it."""


def interests_have_live_tests() -> Finding:
    """S8: every purpose on a legitimate interest has a balancing test that is approved, not expired and not too old."""
    now = timezone.now()
    listed = _on_interests()
    without = tuple(each.key for each in listed if not _live_tests(each, now).exists())
    tests = BalancingTest.objects.filter(purpose__in=listed)
    figures = {"tests": tests.count(), "expired": tests.filter(expires_at__lte=now).count(), "purposes": len(listed)}
    verdict = Verdict.BROKEN if without else Verdict.HOLDS
    return Finding(verdict, {"without_live_test": list(without), **figures}, about=without)


def interests_are_confirmed_by_somebody() -> Finding:
    """S10: the test in force says which interest it is, and names the person who confirmed it, with the date.

    An interest without a test in force is S8's to tell.
    """
    now = timezone.now()
    newest = {each.key: _live_tests(each, now).order_by("-expires_at").first() for each in _on_interests()}
    unsaid = [key for key, test in newest.items() if test and not (test.interest.strip() and test.balance.strip())]
    nameless = [key for key, test in newest.items() if test and not _is_a_name(test.confirmed_by)]
    broken = tuple(dict.fromkeys((*unsaid, *nameless)))
    confirmed = [test.approved_at for test in newest.values() if test]
    figures = {
        "unsaid": unsaid,
        "confirmed_by_nobody": nameless,
        "interests": len(newest),
        "oldest_confirmation": timezone.localdate(min(confirmed)).isoformat() if confirmed else "",
    }
    return Finding(Verdict.BROKEN if broken else Verdict.HOLDS, figures, about=broken)


TESTS: Final = "tests/organisation/test_claims.py::"
CLAIMS: Final = (
    Claim("S8", interests_have_live_tests, TESTS + "test_an_expired_balancing_test_breaks_s8"),
    Claim("S10", interests_are_confirmed_by_somebody, TESTS + "test_an_interest_nobody_confirmed_breaks_s10"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)


def _on_interests() -> list[Purpose]:
    return list(Purpose.objects.filter(basis=LegalBasis.LEGITIMATE_INTEREST).order_by("pk"))


def _live_tests(purpose: Purpose, now: datetime) -> QuerySet[BalancingTest]:
    young = Q(approved_at__lte=now, approved_at__gt=now - OLDEST)
    return BalancingTest.objects.filter(young, purpose=purpose, expires_at__gt=now)


def _is_a_name(text: str) -> bool:
    """Tell whether it is a person's name: at least two words, no office and no address."""
    return len(text.split()) > 1 and "@" not in text
