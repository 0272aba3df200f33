"""Words of the records: what the law's closed lists are called in the interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.rules.breach import Kind, Risk
from luvalla.rules.purposes import DiscloseeKind, LegalBasis, TransferGround

Words = Mapping[str, str | Promise]
BASES: Final[Words] = {
    LegalBasis.CONSENT: pgettext_lazy("records", "consent, article 6(1)(a)"),
    LegalBasis.CONTRACT: pgettext_lazy("records", "contract, article 6(1)(b)"),
    LegalBasis.LEGAL_OBLIGATION: pgettext_lazy("records", "legal obligation, article 6(1)(c)"),
    LegalBasis.LEGITIMATE_INTEREST: pgettext_lazy("records", "legitimate interest, article 6(1)(f)"),
}
GROUNDS: Final[Words] = {
    TransferGround.ADEQUACY: pgettext_lazy("records", "adequacy decision, article 45"),
    TransferGround.CLAUSES: pgettext_lazy("records", "standard clauses, article 46(2)(c)"),
    TransferGround.BINDING_RULES: pgettext_lazy("records", "binding corporate rules, article 46(2)(b)"),
    TransferGround.DEROGATION: pgettext_lazy("records", "derogation for a single case, article 49"),
}
DISCLOSEES: Final[Words] = {
    DiscloseeKind.CONTROLLER: pgettext_lazy("records", "controller of its own"),
    DiscloseeKind.JOINT_CONTROLLER: pgettext_lazy("records", "joint controller"),
    DiscloseeKind.GROUP_COMPANY: pgettext_lazy("records", "company of the group"),
    DiscloseeKind.AUTHORITY: pgettext_lazy("records", "authority"),
}
BREACHES: Final[Words] = {
    Kind.CONFIDENTIALITY: pgettext_lazy("records", "seen by others"),
    Kind.INTEGRITY: pgettext_lazy("records", "changed"),
    Kind.AVAILABILITY: pgettext_lazy("records", "lost or out of reach"),
}
RISKS: Final[Words] = {
    "": pgettext_lazy("records", "not assessed yet"),
    Risk.UNLIKELY: pgettext_lazy("records", "unlikely"),
    Risk.LIKELY: pgettext_lazy("records", "likely"),
    Risk.HIGH: pgettext_lazy("records", "high"),
}
