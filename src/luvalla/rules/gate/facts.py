"""The facts the gate decides on. Plain values; whoever asks has read them in the claiming transaction."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from luvalla.rules.purposes import LegalBasis, PermissionKind, Prohibited


class Reason(StrEnum):
    """Why the gate refuses. The order here is the order of the count: the first that applies names the refusal."""

    IN_DOUBT = "in_doubt"
    PURPOSE_UNKNOWN = "purpose_unknown"
    BASIS_MISSING = "basis_missing"
    BALANCING_TEST_EXPIRED = "balancing_test_expired"
    SUPPRESSED = "suppressed"
    RESTRICTED = "restricted"
    PROHIBITED = "prohibited"
    PERMISSION_MISSING = "permission_missing"
    EVIDENCE_INCOMPLETE = "evidence_incomplete"
    PERMISSION_UNFIT = "permission_unfit"
    UNDELIVERABLE = "undeliverable"


class CampaignFacts(NamedTuple):
    """What is known of a campaign: one per window."""

    purpose: str
    purposes: frozenset[str]
    """The closed list of the notice."""
    basis: LegalBasis | None
    is_marketing: bool
    balancing_test_until: datetime | None
    """End of the newest approved test's life; only asked for where the basis is a legitimate interest."""
    forbidden_by: Prohibited
    """Any of these prohibitions stops this purpose."""
    audience: int
    now: datetime


class PermissionFacts(NamedTuple):
    """One live permission of a contact."""

    kind: PermissionKind
    audience: int
    has_evidence: bool
    """Source and evidence statement known, and what its kind needs besides."""
    purposes: frozenset[str]
    """What a consent was given for; the other kinds leave it empty and carry every purpose of their audience."""


class ContactFacts(NamedTuple):
    """What is known of a contact at the moment of the claim."""

    permissions: tuple[PermissionFacts, ...]
    prohibited: Prohibited
    suppressed: bool
    """By mailbox or by domain."""
    restricted: bool
    undeliverable: bool
