"""Days and times as people of each language write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.utils import timezone

from luvalla.notices.rendering import day_in

AT: Final = {"fi": "klo", "sv": "kl.", "en": "at"}


def day(moment: date | datetime, language: str) -> str:
    """Give 24.11.2026 or 24 November 2026."""
    return day_in(_local(moment), language)


def moment(at: datetime, language: str, *, to_the_second: bool = False) -> str:
    """Give 24.11.2026 klo 9.42 (kl. 9.42; at 9:42), with the seconds where they matter."""
    local = timezone.localtime(at)
    dot = ":" if language == "en" else "."
    clock = f"{local.hour}{dot}{local.minute:02}" + (f"{dot}{local.second:02}" if to_the_second else "")
    return f"{day_in(local, language)} {AT[language]} {clock}"


def _local(moment: date | datetime) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
