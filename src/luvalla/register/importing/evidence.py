"""The facts of a permission as exports write them: since when, and whether the customer is a person or a company."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from luvalla.rules.purposes import PermissionKind

EARLIEST: Final = date(1900, 1, 1)
EXCEL_BEGINS: Final = date(1899, 12, 30)
FIRST_EXCEL_DAY: Final = 10_000
"""In 1927: a smaller number is a year or something else."""
LAST_EXCEL_DAY: Final = 80_000
MOST_REMEMBERED: Final = 50_000
YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
DAY_FIRST: Final = re.compile(r"(\d{1,2})[./-] ?(\d{1,2})[./-] ?(\d{4})(?!\d)")
COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)\Z")
DAYS: Final = re.compile(r"(\d{5})(?:\.\d+)?\Z")


def _words(listed: str) -> frozenset[str]:
    return frozenset(each.strip() for each in listed.split(","))


COMPANY: Final = _words(
    """
    yritys, yritysasiakas, yhtiö, yhteisö, yhteisöasiakas, organisaatio, oikeushenkilö, taloyhtiö, y,
    företag, företagskund, bolag, organisation, juridisk person, samfund,
    company, business, corporate, legal entity, legal_entity, organization, b2b
    """
)
PRIVATE: Final = _words(
    """
    yksityinen, yksityisasiakas, yksityishenkilö, henkilö, henkilöasiakas, kuluttaja, kuluttaja-asiakas, h,
    privat, privatkund, privatperson, konsument, fysisk person, person,
    private, private person, consumer, individual, residential, b2c
    """
)


NO: Final = _words(
    """
    , ei, e, ei ole, ei kieltoa, ei kieltoja, ei kielletty, sallittu, sallitaan, salli, epätosi,
    nej, inget, ingen, inga, inget förbud, inga förbud, tillåt, tillåts, tillåten, tillåtet, falskt, falsk,
    no, n, none, null, false, f, off, allow, allowed, ☐
    """
)
"""How exports say that nothing is forbidden; "Allow" is the word of fields that say whether mail is allowed."""
ZERO: Final = re.compile(r"0+(?:[.,]0+)?")
DASHES: Final = "-\u2010\u2011\u2012\u2013\u2014\u2212. "


def parse_day(text: str) -> date | None:
    """Read a day: 2019-05-01, 1.5.2019, 20190501, a spreadsheet's number of days, each also with a time after it.

    None where it isn't one, or before 1900. A day comes before its month, as people write here.

    >>> parse_day("1.5.2019 klo 12.00")
    datetime.date(2019, 5, 1)
    >>> parse_day("43586")
    datetime.date(2019, 5, 1)
    """
    text = text.strip()
    if found := YEAR_FIRST.match(text) or COMPACT.match(text):
        year, month, day = found.groups()
    elif found := DAY_FIRST.match(text):
        day, month, year = found.groups()
    elif (found := DAYS.match(text)) and FIRST_EXCEL_DAY < int(found[1]) < LAST_EXCEL_DAY:
        return EXCEL_BEGINS + timedelta(days=int(found[1]))
    else:
        return None
    try:
        parsed = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return parsed if parsed >= EARLIEST else None


class Remembered(dict[str, date | None]):
    """Days by their spelling: an export has few different ones."""

    def __missing__(self, text: str) -> date | None:
        """Read a spelling that wasn't met yet."""
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        day = self[text] = parse_day(text)
        return day


def is_company(text: str) -> bool | None:
    """Tell a company from a private person by the source's word for the kind of customer; None where it is neither."""
    word = text.strip().casefold()
    if word in COMPANY:
        return True
    return False if word in PRIVATE else None


def forbids(text: str) -> bool:
    """Tell whether a cell of a column of prohibitions forbids: all but an empty one and a plain no. In doubt it does.

    >>> [forbids(each) for each in ("x", "kyllä", "1.5.2020", "Do Not Allow")]
    [True, True, True, True]
    >>> [forbids(each) for each in ("", "Ei", "0", "FALSKT", "–", "Allow")]
    [False, False, False, False, False, False]
    """
    word = " ".join(text.split()).casefold().strip(DASHES)
    return word not in NO and ZERO.fullmatch(word) is None


def uses_kind(permission: PermissionKind) -> bool:
    """Tell whether the kind of customer makes a difference to this permission (act 917/2014, sections 200 and 202)."""
    return permission in {PermissionKind.CUSTOMER, PermissionKind.LEGAL_ENTITY}


class Told(Enum):
    """What a source's word for the kind of customer comes to, where it isn't a permission."""

    NOTHING = "nothing"
    NO_LEGAL_ENTITY = "no_legal_entity"


KindOf: TypeAlias = Callable[[str], PermissionKind | Told]


def kind_reader(permission: PermissionKind) -> KindOf:
    """Give the function that tells a row's permission from the source's word for the kind of customer.

    A company among customers gets the permission of a legal entity. A private person among legal entities can't be
    given any. A word that isn't known here tells nothing.
    """
    private = Told.NO_LEGAL_ENTITY if permission is PermissionKind.LEGAL_ENTITY else PermissionKind.CUSTOMER
    kinds = {True: PermissionKind.LEGAL_ENTITY, False: private, None: Told.NOTHING}
    return lru_cache(maxsize=256)(lambda text: kinds[is_company(text)])
