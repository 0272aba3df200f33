"""Working days of Finland, by which paper is locked away, and how long paper is kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import holidays

from luvalla.paper.models import PaperItem

HANDLING_DAYS: Final = 3
"""Working days of initial handling: reading, scanning, answering. The paper is locked away a working day later."""
KEPT_DAYS: Final[dict[str, int]] = {
    PaperItem.Origin.PRINTED: 90,
    PaperItem.Origin.PRINTED_ELSEWHERE: 90,
    PaperItem.Origin.RECEIVED: 2 * 365,
}
"""Days for which paper is kept unless it belongs to a case: prints are copies, letters are originals."""
OF_A_CASE: Final = "request"
"""What paper of a data subject's request is about, as the ledger names it."""
STOCK_TAKE_DAYS: Final = 183
"""A stock-take is made every six months."""
SATURDAY: Final = 5


def working_day_after(day: date, count: int = 1) -> date:
    """Give the working day so many working days after a day: neither Saturday, Sunday nor a public holiday."""
    for _ in range(count):
        day += timedelta(days=1)
        while day.weekday() >= SATURDAY or day in holidays.country_holidays("FI", years=day.year):
            day += timedelta(days=1)
    return day


def lock_by(begins: date, handling_days: int = HANDLING_DAYS) -> date:
    """Give the last day on which paper may lie open: a working day after its handling ends."""
    return working_day_after(begins, handling_days + 1)


def keep_until(origin: str, about_kind: str, begins: date) -> date | None:
    """Give the last day of the usual retention; None for paper of a case, which goes with what was said in it."""
    return None if about_kind == OF_A_CASE else begins + timedelta(days=KEPT_DAYS[origin])
