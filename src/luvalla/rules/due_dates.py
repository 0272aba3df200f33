"""Due dates of requests by Regulation (EEC, Euratom) No 1182/71, article 3, for the month of GDPR 12(3).

A period in months ends with the day of the last month that has the same number as the day of the event, or with the
last day of that month where it has none (article 3(2)(c)). An end on a Saturday, a Sunday or a public holiday moves to
the end of the next working day (3(4)). Eves lengthen Finnish periods (act 150/1930, section 5), but are no public
holidays: here they lengthen nothing.

>>> due_date(date(2026, 1, 31)), extended_due_date(date(2026, 1, 31))
(datetime.date(2026, 3, 2), datetime.date(2026, 4, 30))
>>> due_date(date(2026, 3, 5))   # the fifth of April is Easter Sunday
datetime.date(2026, 4, 7)
>>> due_date(date(2026, 4, 1))   # the first of May is a holiday, and a Friday
datetime.date(2026, 5, 4)
>>> due_date(date(2026, 8, 31))
datetime.date(2026, 9, 30)
>>> due_date(date(2026, 12, 6))  # Epiphany
datetime.date(2027, 1, 7)
>>> due_date(date(2028, 1, 31))
datetime.date(2028, 2, 29)
>>> due_date(date(2026, 11, 24)) # Christmas Eve is a working day here
datetime.date(2026, 12, 24)
>>> due_date(day_of_arrival(datetime.fromisoformat("2026-03-31T21:30Z")))
datetime.date(2026, 5, 4)
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

HELSINKI: Final = ZoneInfo("Europe/Helsinki")
MONTH: Final = 1
EXTENDED_MONTHS: Final = 3
"""The month and the two further ones of GDPR 12(3), all counted from the receipt."""
EVES: Final = frozenset({"Jouluaatto", "Juhannusaatto", "Pääsiäislauantai"})
"""Days the calendar lists with the holidays although no act makes them public holidays."""
SATURDAY: Final = 5


def day_of_arrival(moment: datetime) -> date:
    """Give the day on which something arrived, as it was in Finland. The moment carries its time zone."""
    return moment.astimezone(HELSINKI).date()


def due_date(receipt: date) -> date:
    """Give the last day to answer a request that arrived on that day: one month."""
    return _next_working_day(_months_later(receipt, MONTH))


def extended_due_date(receipt: date) -> date:
    """Give the last day when the time was extended (GDPR 12(3)): three months from the receipt."""
    return _next_working_day(_months_later(receipt, EXTENDED_MONTHS))


def is_working_day(day: date) -> bool:
    """Tell whether a day is neither Saturday, Sunday nor a public holiday in Finland."""
    return day.weekday() < SATURDAY and day not in _public_holidays(day.year)


def working_day_before(day: date, *, working_days: int) -> date:
    """Go back so many working days: when somebody is to be reminded."""
    while working_days > 0:
        day -= timedelta(days=1)
        working_days -= is_working_day(day)
    return day


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _next_working_day(day: date) -> date:
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


@cache
def _public_holidays(year: int) -> frozenset[date]:
    named = holidays.country_holidays("FI", years=year, language="fi")
    return frozenset(day for day, name in named.items() if not EVES & set(name.split("; ")))
