"""E-mail addresses: one spelling for each mailbox, and a reason for what isn't one (RFC 5321, 5890, 6531)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

import idna
from email_validator import EmailNotValidError, validate_email

from luvalla.rules.errors import RulesError

LONGEST: Final = 254
LONGEST_LOCAL: Final = 64
LOOKED_AT: Final = 1000
# The spelling nearly every address of an export already has; what doesn't fit goes the long way through the library.
PLAIN: Final = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)[a-z0-9_+&'/=~!#$%*?^`{|}-]+(?:\.[a-z0-9_+&'/=~!#$%*?^`{|}-]+)*"
    r"@(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z"
)
CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
FORMULA: Final = re.compile(r"[=@\t]|[+-].*\(")
BETWEEN: Final = re.compile(r"[\s,;/]")
RESERVED: Final = frozenset({"localhost", "invalid", "local"})


class Fault(StrEnum):
    """Why something is not an address; each has its sentence in the interface."""

    EMPTY = "empty"
    NO_AT_SIGN = "no_at_sign"
    SEVERAL = "several"
    FORMULA = "formula"
    TOO_LONG = "too_long"
    NO_DOMAIN = "no_domain"
    BAD_DOMAIN = "bad_domain"
    BAD_LOCAL_PART = "bad_local_part"
    CONTROL_CHARACTER = "control_character"


class NotAnAddress(RulesError):
    """What was given is not an e-mail address. Carries the fault and never the text."""

    def __init__(self, fault: Fault) -> None:
        """Keep the fault."""
        super().__init__(fault.value)
        self.fault = fault


class Address(NamedTuple):
    """A normalised address: lower case, its domain in A-labels."""

    local: str
    domain: str

    @property
    def text(self) -> str:
        """The address as it stands in the register."""
        return f"{self.local}@{self.domain}"

    @property
    def needs_smtputf8(self) -> bool:
        """Tell whether the next hop must speak SMTPUTF8 (RFC 6531): the local part has letters outside ASCII."""
        return not self.local.isascii()

    @property
    def folded(self) -> str:
        """The mailbox behind the spelling: without its plus-tag."""
        local, plus, _ = self.local.partition("+")
        return f"{local}@{self.domain}" if plus and local else self.text

    def __str__(self) -> str:
        """Never show the address by accident."""
        return f"{self.local[:1]}•••••"


def normalise(text: str) -> Address:
    """Give the one spelling of an address; NotAnAddress with its fault when it isn't one."""
    spelled = text.strip().lower()
    if len(spelled) > LOOKED_AT:  # what comes after takes longer than long texts are worth
        raise NotAnAddress(Fault.TOO_LONG)
    if PLAIN.match(spelled):
        local, _, domain = spelled.partition("@")
        if domain.rpartition(".")[2] not in RESERVED:
            return Address(local, domain)
    elif not spelled.isascii():
        local, _, domain = spelled.rpartition("@")
        labels = _a_labels(domain)
        if labels and PLAIN.match(f"{local}@{labels}"):
            return Address(local, labels)
    return _normalise_slowly(spelled)


def normalise_domain(text: str) -> str:
    """Give a domain in lower-case A-labels; NotAnAddress(BAD_DOMAIN) when it isn't one."""
    return normalise(f"x@{text.strip().removeprefix('@')}").domain


def masked(address: str, *, show_domain: bool) -> str:
    """Show an address to people: first letter, always five dots, and the domain where enough contacts share it."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••••@{readable_domain(domain) if show_domain else '•••••'}"


def readable_domain(domain: str) -> str:
    """Turn A-labels back into the letters people read; what doesn't decode stays as it is."""
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


@lru_cache(maxsize=2048)
def _a_labels(domain: str) -> str:
    """Spell a domain in A-labels; "" when it isn't one. The library takes half a millisecond for each."""
    try:
        return _normalise_slowly(f"x@{domain}").domain
    except NotAnAddress:
        return ""


def _normalise_slowly(spelled: str) -> Address:
    fault = _plain_fault(spelled)
    if fault:
        raise NotAnAddress(fault)
    try:
        checked = validate_email(
            spelled, check_deliverability=False, allow_smtputf8=True, test_environment=False, globally_deliverable=False
        )
    except EmailNotValidError:
        raise NotAnAddress(_library_fault(spelled)) from None
    domain = (checked.ascii_domain or "").lower()
    if len(checked.local_part.encode()) > LONGEST_LOCAL:
        raise NotAnAddress(Fault.TOO_LONG)
    last = domain.rpartition(".")[2]
    if "." not in domain or last in RESERVED or not last[:1].isalpha():
        raise NotAnAddress(Fault.BAD_DOMAIN)
    return Address(checked.local_part.lower(), domain)


def _plain_fault(spelled: str) -> Fault | None:
    """Name the faults that people make in exports, before the library is asked."""
    found = (
        (Fault.EMPTY, not spelled),
        (Fault.CONTROL_CHARACTER, CONTROLS.search(spelled)),
        (Fault.FORMULA, FORMULA.match(spelled)),
        (Fault.NO_AT_SIGN, "@" not in spelled),
        (Fault.SEVERAL, any(map(BETWEEN.search, spelled.split("@")[1:-1]))),
        (Fault.NO_DOMAIN, spelled.endswith("@")),
        (Fault.TOO_LONG, len(spelled) > LONGEST),
    )
    return next((fault for fault, is_so in found if is_so), None)


def _library_fault(spelled: str) -> Fault:
    local, _, domain = spelled.rpartition("@")
    if len(local) > LONGEST_LOCAL:
        return Fault.TOO_LONG
    try:
        validate_email(f"x@{domain}", check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return Fault.BAD_DOMAIN
    return Fault.BAD_LOCAL_PART
