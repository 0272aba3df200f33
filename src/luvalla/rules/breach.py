"""The clock of a personal data breach, and what has to be told to whom (GDPR 33 and 34).

>>> from datetime import UTC, datetime
>>> aware = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
>>> notify_by(aware)
datetime.datetime(2026, 11, 30, 16, 30, tzinfo=datetime.timezone.utc)

The hours run through weekends and holidays: Regulation 1182/71, article 3(4), lengthens no period told in hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

HOURS: Final = 72
"""Within these the authority is told after the controller has become aware (GDPR 33(1))."""


class Risk(StrEnum):
    """What a breach means for the rights and freedoms of those it is about."""

    UNLIKELY = "unlikely"
    LIKELY = "likely"
    HIGH = "high"


class Kind(StrEnum):
    """What happened to the data (GDPR 4(12)): seen by others, changed, or lost."""

    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"


def notify_by(aware_at: datetime, hours: int = HOURS) -> datetime:
    """Tell until when the authority has to be told, counted from the moment the controller became aware."""
    return aware_at + timedelta(hours=hours)


def authority_is_told(risk: Risk) -> bool:
    """Tell whether the authority has to be told: unless a risk is unlikely (GDPR 33(1))."""
    return risk is not Risk.UNLIKELY


def subjects_are_told(risk: Risk) -> bool:
    """Tell whether those concerned have to be told too: where the risk is high (GDPR 34(1))."""
    return risk is Risk.HIGH
