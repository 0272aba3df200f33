"""Values of a notice: who the controller is, where, how it is reached, the date, the periods, and what is sent why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from stdnum.exceptions import ValidationError
from stdnum.fi import ytunnus
from stdnum.se import orgnr

from luvalla.notices.adoption.patterns import Patterns
from luvalla.notices.adoption.placing import Placed

MAILBOX: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
SITE: Final = re.compile(r"\b(?:https?://|www\.)[\w.-]+\.[a-z]{2,}", re.IGNORECASE)
PHONE: Final = re.compile(r"(?<![\w-])(?:\+\d{1,3}[ \d()-]{6,16}\d|0\d{1,3}[ -]\d[\d -]{4,12}\d|0\d{6,11})(?![\w-])")
POSTAL: Final = re.compile(r"\b(?:FI-|SE-)?(\d{5}|\d{3} \d{2})\s+([A-ZÅÄÖ][\wåäöÅÄÖ-]+(?: [A-ZÅÄÖ][\wåäö-]+)?)")
COMPANY: Final = re.compile(
    r"\b((?:[A-ZÅÄÖ0-9][\wåäöÅÄÖé&.'-]*\s+|(?:ja|och|and|of|the|i|för|ry|rf)\s+){0,6}"
    r"(?:Oyj?|Ab|AB|Abp|Ky|Tmi|Oy Ab|ry|rf|r\.y\.|r\.f\.|kunta|kaupunki|Ltd|Limited|plc|Inc|GmbH|A/S|AS|LLC|stiftelse))"
    r"(?![\w-])"
)
INTRODUCED: Final = re.compile(
    r"(?:controller|rekisterinpitäjä(?:nä)?|ansvarig\w*)[^,.\n]{0,40}?\b(?:is|on|toimii|är)\s+(?:the\s+)?([^,.\n]{3,100})",
    re.IGNORECASE,
)
STREET: Final = re.compile(
    r"\b([A-ZÅÄÖ][\wåäö'-]*(?: [A-ZÅÄÖ][\wåäö'-]*)?(?:katu|tie|kuja|väylä|puisto|tori|aukio|raitti|polku|"
    r"rinne|ranta|kaari|bulevardi|esplanadi|vägen|gatan|torget|gränden|stigen|esplanaden"
    r"| Street| Road| Lane| Avenue| Square| Way)"
    r" \d+(?: ?[A-Z]\b)?(?:-\d+)?|\d+ [A-Z]\w+ (?:Street|Road|Lane|Avenue|Square|Way))"
)
BUSINESS_ID: Final = re.compile(r"\b(\d{7}-\d|\d{6}-\d{4})\b")
PERIOD: Final = re.compile(
    r"\b(\d{1,3})\s*(päivä|vuorokau|viikk|kuukau|kk\b|vuo|vuot|dag|dygn|veck|månad|år|day|week|month|year)",
    re.IGNORECASE,
)
DATE: Final = re.compile(
    r"\b(\d{1,2})[./](\d{1,2})[./](\d{1,4})\b|\b(\d{4})-(\d{2})-(\d{2})\b|\b(\d{1,2})\.? (\w+?)(?:ta)? (\d{4})\b"
)
MONTHS: Final = {
    name: number
    for names in (
        "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu",
        "januari februari mars april maj juni juli augusti september oktober november december",
        "january february march april may june july august september october november december",
    )
    for number, name in enumerate(names.split(), start=1)
}
OLDEST: Final = date(1995, 1, 1)


@dataclass(frozen=True, slots=True)
class Found:
    """What a notice says of its controller and of the letters. An empty value was not found."""

    name: str = ""
    business_id: str = ""
    business_id_is_right: bool = False
    street: str = ""
    postcode: str = ""
    city: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    officer_email: str = ""
    dated: str = ""
    date: date | None = None
    periods: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    """Names of others that the parts on recipients and disclosures mention."""
    purposes: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    is_consent: bool = False
    interest: str = field(default="", repr=False)
    source: str = field(default="", repr=False)


def find(placed: Sequence[Placed], known: Patterns) -> Found:
    """Look through the parts of a notice where each value stands."""
    near = _text(placed, ("controller", "contact", "title", ""))
    dated, day = _date(placed)
    about = _text(placed, ("purposes", "basis", "interest", "title", "data"))
    everywhere = _text(placed, None)
    number = _first(BUSINESS_ID, near) or _first(BUSINESS_ID, everywhere)
    postal = POSTAL.search(_text(placed, ("controller", "contact"))) or POSTAL.search(_before_complaint(placed))
    mailbox, officer = _mailboxes(placed, known)
    name = _name(placed, number)
    return Found(
        name=name,
        business_id=number,
        business_id_is_right=_is_right(number),
        street=_first(STREET, _text(placed, ("controller", "contact"))) or _first(STREET, _before_complaint(placed)),
        postcode=postal[1] if postal else "",
        city=postal[2] if postal else "",
        email=mailbox,
        phone=_first(PHONE, BUSINESS_ID.sub(" ", _text(placed, ("controller", "contact")))).strip(),
        website=_first(SITE, near),
        officer_email=officer,
        dated=dated,
        date=day,
        periods=tuple(each[0] for each in PERIOD.finditer(_text(placed, ("retention",)))),
        companies=_others(_text(placed, ("recipients", "disclosure", "transfers", "analytics")), name),
        purposes=_kinds(about, known, ("customer_information", "direct_marketing", "opinion_research", "events")),
        audiences=_kinds(everywhere, known, ("customers", "stakeholders", "prospects")),
        sources=_kinds(_text(placed, ("sources",)), known, ("crm", "sign_up")),
        is_consent=bool(_kinds(everywhere, known, ("consent_basis",))),
        interest=_text(placed, ("interest",)) or _saying(placed, "S10"),
        source=_text(placed, ("sources",)),
    )


def _text(placed: Iterable[Placed], parts: tuple[str, ...] | None) -> str:
    said = (each.sentence for each in placed if not each.sentence.is_heading or each.sentence.part == "title")
    return "\n".join(each.text for each in said if parts is None or each.part in parts)


def _before_complaint(placed: Iterable[Placed]) -> str:
    """Leave out the part that holds the address of the authority."""
    return "\n".join(each.sentence.text for each in placed if each.sentence.part != "complaint")


def _saying(placed: Iterable[Placed], claim: str) -> str:
    return " ".join(each.sentence.text for each in placed if claim in each.claims and not each.sentence.is_heading)


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return (match[1] if match.re.groups else match[0]) if match else ""


def _is_right(number: str) -> bool:
    try:
        (ytunnus if re.fullmatch(r"\d{7}-\d", number) else orgnr).validate(number)
    except ValidationError:
        return False
    return bool(number)


def _name(placed: Sequence[Placed], number: str) -> str:
    """Give the name before the business id, else the first one that looks like an organisation's."""
    for each in placed:
        text = each.sentence.text
        if number and number in text:
            before = re.sub(r"[\s(,;:–-]*(?:y-tunnus|fo-nummer|org\.?-?(?:nr|nummer)|business id)?[\s:(]*$", "",
                            text.partition(number)[0], flags=re.IGNORECASE)  # fmt: skip
            named = _first(COMPANY, before) or before.rsplit(": ", 1)[-1]
            if named and len(named) < 120:  # noqa: PLR2004  # the column's width
                return named.strip(" ,(")
    near = _text(placed, ("controller",)) or _text(placed, ("title", ""))
    return _first(COMPANY, near) or _first(INTRODUCED, near) or near.partition("\n")[0].strip(" ,.")[:120]


def _mailboxes(placed: Iterable[Placed], known: Patterns) -> tuple[str, str]:
    """Give the controller's mailbox and that of its data protection officer."""
    officer = general = ""
    for each in placed:
        text = each.sentence.text
        near = f"{each.sentence.heading} {text}".lower()
        for box in MAILBOX.findall(text) if each.sentence.part != "complaint" else ():
            is_officer = any(word.search(near) for word in known.words["officer"])
            officer, general = (officer or box, general) if is_officer else (officer, general or box)
    return general, officer


def _date(placed: Sequence[Placed]) -> tuple[str, date | None]:
    """Give the notice's date as it was written, and the day where it is one."""
    written = ""
    for each in placed:
        match = DATE.search(each.sentence.text) if "S2" in each.claims else None
        if match:
            written = written or match[0]
            day = _day(match)
            if day:
                return match[0], day
    return written, None


def _day(match: re.Match[str]) -> date | None:
    day, month, year, iso_year, iso_month, iso_day, named_day, name, named_year = match.groups()
    numbers = (year, month, day) if year else (iso_year, iso_month, iso_day)
    if named_year:
        numbers = (named_year, str(MONTHS.get(name.lower(), 0)), named_day)
    try:
        found = date(*(int(each) for each in numbers))
    except ValueError:
        return None
    return found if found >= OLDEST else None


def _others(text: str, own: str) -> tuple[str, ...]:
    names = dict.fromkeys(each.strip() for each in COMPANY.findall(text))
    return tuple(each for each in names if each and each != own and len(each.split()) > 1)


def _kinds(text: str, known: Patterns, names: tuple[str, ...]) -> tuple[str, ...]:
    lower = text.lower()
    return tuple(name for name in names if any(each.search(lower) for each in known.words[name]))
