"""Words of the records: what the law's closed lists are called in the interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.rules.breach import Kind, Risk
from luvalla.rules.purposes import DiscloseeKind, LegalBasis, PermissionKind, TransferGround

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
PERMISSIONS: Final[Words] = {
    PermissionKind.CONSENT: pgettext_lazy("records", "consent, section 200 of act 917/2014"),
    PermissionKind.CUSTOMER: pgettext_lazy("records", "customer exception, section 200"),
    PermissionKind.LEGAL_ENTITY: pgettext_lazy("records", "legal person, section 202"),
    PermissionKind.SERVICE_MESSAGE: pgettext_lazy("records", "service message, no marketing"),
}
ORIGINS: Final[Words] = {
    "subjects": pgettext_lazy("records", "the person"),
    "staff": pgettext_lazy("records", "the user and the user's superior"),
    "system": pgettext_lazy("records", "the system's own work"),
}
"""Where data comes from, besides the register's sources."""
GUARDS: Final[Words] = {
    "sealed": pgettext_lazy("records", "sealed with keys kept outside the database"),
    "tokens": pgettext_lazy("records", "found by keyed tokens only"),
    "hashed": pgettext_lazy("records", "passwords as argon2id hashes"),
    "tls": pgettext_lazy("records", "carried over TLS with a checked certificate"),
    "undertakings": pgettext_lazy("records", "personal accounts under an undertaking of secrecy"),
    "two_factors": pgettext_lazy("records", "two factors for whoever sees addresses"),
    "ledger": pgettext_lazy("records", "every look and change in a chained ledger"),
    "chained": pgettext_lazy("records", "each row chained to the one before and signed"),
    "gate": pgettext_lazy("records", "no letter past the gate"),
    "separation": pgettext_lazy("records", "refusals decided by another person than the handler"),
    "erasures": pgettext_lazy("records", "held against old backups by the ledger of erasures"),
    "backups": pgettext_lazy("records", "encrypted backups"),
    "locked": pgettext_lazy("records", "locked place with a named custodian"),
    "labels": pgettext_lazy("records", "a label and a record of each change of hands"),
    "witness": pgettext_lazy("records", "destruction before a witness"),
}
"""How an activity's data is guarded."""
TERMS: Final[Words] = {
    "a": pgettext_lazy("records", "only on documented instructions"),
    "b": pgettext_lazy("records", "its people are bound to secrecy"),
    "c": pgettext_lazy("records", "security of article 32"),
    "d": pgettext_lazy("records", "no processor of its own without leave"),
    "e": pgettext_lazy("records", "help with the rights of data subjects"),
    "f": pgettext_lazy("records", "help with security, breaches and assessments"),
    "g": pgettext_lazy("records", "deletion or return at the end"),
    "h": pgettext_lazy("records", "proof and audits"),
}
"""What a processor's contract must say: the points of GDPR 28(3)."""
DISCLOSEES: Final[Words] = {
    DiscloseeKind.CONTROLLER: pgettext_lazy("records", "controller of its own"),
    DiscloseeKind.JOINT_CONTROLLER: pgettext_lazy("records", "joint controller"),
    DiscloseeKind.GROUP_COMPANY: pgettext_lazy("records", "company of the group"),
    DiscloseeKind.AUTHORITY: pgettext_lazy("records", "authority"),
    DiscloseeKind.PROCESSOR: pgettext_lazy("records", "processor that is given files"),
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
