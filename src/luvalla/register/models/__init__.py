"""The register's tables, by subject: where addresses come from, contacts, what was given out, stops."""

from __future__ import annotations

from luvalla.register.models.contacts import (
    Contact,
    DeclaredValue,
    PendingSignUp,
    Permission,
    Prohibition,
    Rectification,
    Restriction,
    StagedProhibition,
    Suppression,
)
from luvalla.register.models.disclosures import ChangeToTell, DiscloseeNotice, Disclosure, Seen, SingleDisclosure
from luvalla.register.models.sources import Audience, Batch, BatchLine, Source
from luvalla.register.models.stops import ErasedTotal, Forgetting, PermissionProof, SourceNotice, Stop

__all__ = (
    "Audience",
    "Batch",
    "BatchLine",
    "ChangeToTell",
    "Contact",
    "DeclaredValue",
    "DiscloseeNotice",
    "Disclosure",
    "ErasedTotal",
    "Forgetting",
    "PendingSignUp",
    "Permission",
    "PermissionProof",
    "Prohibition",
    "Rectification",
    "Restriction",
    "Seen",
    "SingleDisclosure",
    "Source",
    "SourceNotice",
    "StagedProhibition",
    "Stop",
    "Suppression",
)
