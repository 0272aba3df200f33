"""Closed lists the law and the notice speak of: permissions, legal bases and prohibitions."""

from __future__ import annotations

import re
from enum import IntFlag, StrEnum
from typing import Final

CATCH_ALL: Final = re.compile(
    r"\b(muu|muut|muu[ns]\w*|muut(?![eo])\w*|mui\w+|ynnä|yleinen|yleiset|sekalais\w*|övrig\w*|annan|annat|andra|diverse|allmän\w*|"
    r"other\w*|misc\w*|various|general)\b",
    re.IGNORECASE,
)
"""Words of a purpose that could be anything, in the three languages of the notice."""


def is_catch_all(text: str) -> bool:
    """Tell whether a purpose's key, name or description leaves open what it is for (GDPR 5(1)(b)).

    >>> is_catch_all("Muut viestinnälliset tarpeet"), is_catch_all("Muutokset sopimuksissa")
    (True, False)
    """
    return CATCH_ALL.search(text.replace("_", " ").replace("-", " ")) is not None


class LookedAtFor(StrEnum):
    """What somebody may look at personal data for: every look says one of these, or the purpose of a letter."""

    REQUEST = "request"
    DELIVERY = "delivery"
    IMPORT = "import"
    UPKEEP = "upkeep"
    SOURCE = "source"
    ORDER = "order"
    SUPERVISION = "supervision"
    BREACH = "breach"
    SECRECY = "secrecy"
    KEYS = "keys"


class PermissionKind(StrEnum):
    """Why mail may be sent to a contact (act 917/2014, sections 200 and 202)."""

    CONSENT = "consent"
    CUSTOMER = "customer"
    LEGAL_ENTITY = "legal_entity"
    SERVICE_MESSAGE = "service_message"


class LegalBasis(StrEnum):
    """The basis of the processing itself (GDPR 6(1)); the second of the two keys."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGITIMATE_INTEREST = "legitimate_interest"


class DiscloseeKind(StrEnum):
    """What somebody is to whom personal data is disclosed (GDPR 4(9), 13(1)(e))."""

    CONTROLLER = "controller"
    JOINT_CONTROLLER = "joint_controller"
    GROUP_COMPANY = "group_company"
    AUTHORITY = "authority"
    PROCESSOR = "processor"
    """One that is given whole files; a recipient it is too (GDPR 4(9))."""


class TransferGround(StrEnum):
    """By what personal data may leave the EEA (GDPR 45, 46(2)(b) and (c), 49).

    A derogation is for the single case and opens nothing that happens again and again.
    """

    ADEQUACY = "adequacy"
    CLAUSES = "clauses"
    BINDING_RULES = "binding_rules"
    DEROGATION = "derogation"


class Prohibited(IntFlag):
    """What a data subject can forbid, kind by kind (GDPR 21(1)-(3)). A set of them fits one integer."""

    NOTHING = 0
    DIRECT_ADVERTISING = 1
    DISTANCE_SELLING = 2
    DIRECT_MARKETING = 4
    RESEARCH = 8
    DISCLOSURE = 16
    INFORMATION = 32


MARKETING: Final = Prohibited.DIRECT_ADVERTISING | Prohibited.DISTANCE_SELLING | Prohibited.DIRECT_MARKETING
"""What "no marketing" forbids, whoever it was said to."""
