"""Versions of the undertaking's text: which is in force on a day, and until when a signature under one counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from luvalla.people import texts
from luvalla.people.models import UndertakingText

UNDERTAKING_HOLDS: Final = timedelta(days=2 * 365)
"""After this an undertaking is read and signed again."""


def current_text(day: date | None = None) -> UndertakingText:
    """Give the version in force today or on a day; the one that ships is written into the database at first use."""
    begun = UndertakingText.objects.filter(in_force_from__lte=day or timezone.localdate())
    newest = begun.order_by("in_force_from", "pk").last()
    if newest is not None:
        return newest
    text, _ = UndertakingText.objects.get_or_create(
        version=texts.VERSION,
        defaults={
            "in_force_from": texts.IN_FORCE_FROM,
            **{f"text_{language}": texts.shipped_text(language) for language in texts.LANGUAGES},
        },
    )
    return text


def counts_until(text: UndertakingText, signed_at: datetime) -> datetime:
    """Tell until when a signature under a text counts: two years, or to the end of the grace of a newer text.

    A text that was published and isn't in force yet is a newer one, too.
    """
    same_day = Q(in_force_from=text.in_force_from, pk__gt=text.pk)
    newer = UndertakingText.objects.filter(Q(in_force_from__gt=text.in_force_from) | same_day)
    return min([signed_at + UNDERTAKING_HOLDS, *(end_of_grace(each) for each in newer)])


def end_of_grace(text: UndertakingText) -> datetime:
    """Tell when undertakings of earlier texts cease to count."""
    return datetime.combine(text.in_force_from + timedelta(days=text.grace_days), time(), tzinfo=UTC)
