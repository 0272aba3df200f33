"""Words of the desk of imports for states, permissions, encodings and delimiters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import pgettext_lazy

from luvalla.register.importing.columns import Role, like_permissions, like_prohibitions
from luvalla.register.importing.sentences import unread_sentence
from luvalla.register.models import Batch
from luvalla.rules.purposes import PermissionKind

State = Batch.State

STATES: Final = {
    State.READING: (pgettext_lazy("imports", "Being read"), "clock", "wait"),
    State.STAGED: (pgettext_lazy("imports", "Waits for a decision"), "pen", "wait"),
    State.AWAITING_RELEASE: (pgettext_lazy("imports", "Waits for a second person"), "people", "wait"),
    State.APPLIED: (pgettext_lazy("imports", "Carried out"), "check", "go"),
    State.SETTLED: (pgettext_lazy("imports", "Carried out"), "check", "go"),
    State.DISCARDED: (pgettext_lazy("imports", "Discarded"), "lock", ""),
    State.FAILED: (pgettext_lazy("imports", "Not read"), "lock", "shut"),
}
"""Word, icon and tone of each state."""
TITLES: Final = {
    State.READING: pgettext_lazy("imports", "The file is being read"),
    State.STAGED: pgettext_lazy("imports", "What this import would change"),
    State.AWAITING_RELEASE: pgettext_lazy("imports", "What this import would change"),
    State.APPLIED: pgettext_lazy("imports", "What this import changed"),
    State.SETTLED: pgettext_lazy("imports", "What this import changed"),
    State.DISCARDED: pgettext_lazy("imports", "This import was discarded"),
    State.FAILED: pgettext_lazy("imports", "The file was not read"),
}
LEADS: Final = {
    State.READING: pgettext_lazy(
        "imports", "Nothing has been changed. When the file has been read, you see what it would change."
    ),
    State.STAGED: pgettext_lazy(
        "imports", "Nothing has been changed yet. All changes are made at once, or none of them."
    ),
    State.AWAITING_RELEASE: pgettext_lazy(
        "imports", "Nothing has been changed yet. All changes are made at once, or none of them."
    ),
    State.APPLIED: pgettext_lazy("imports", "All changes were made at once."),
    State.SETTLED: pgettext_lazy("imports", "All changes were made at once."),
    State.DISCARDED: pgettext_lazy("imports", "Nothing was changed. The figures tell what would have changed."),
    State.FAILED: pgettext_lazy("imports", "Nothing was changed, and nothing of the file was kept."),
}
PERMISSIONS: Final = {
    PermissionKind.CUSTOMER: pgettext_lazy(
        "imports", "Customers: the customer relationship permits letters about its own matters and similar products"
    ),
    PermissionKind.LEGAL_ENTITY: pgettext_lazy("imports", "Legal entities: companies, associations, the public sector"),
    PermissionKind.CONSENT: pgettext_lazy("imports", "Consent: each person has said yes, and the source can show it"),
    PermissionKind.SERVICE_MESSAGE: pgettext_lazy(
        "imports", "Service messages only: what the contract demands, and never marketing"
    ),
}
ROLES: Final = {
    Role.ADDRESS: pgettext_lazy("imports", "Address"),
    Role.SINCE: pgettext_lazy("imports", "Permission since"),
    Role.KIND: pgettext_lazy("imports", "Kind of customer"),
    Role.PROHIBITED: pgettext_lazy("imports", "Prohibition of marketing"),
}
DELIMITERS: Final = {
    ";": pgettext_lazy("imports", "semicolon"),
    ",": pgettext_lazy("imports", "comma"),
    "\t": pgettext_lazy("imports", "tab"),
    "|": pgettext_lazy("imports", "bar"),
}
ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "iso8859-1": "ISO 8859-1",
    "iso8859-15": "ISO 8859-15",
    "mac-roman": "Mac Roman",
    "cp850": "DOS 850",
}
"""Encodings by Python's names as people know them."""
FORMATS: Final = {"csv": "CSV", "xlsx": "Excel (.xlsx)", "ods": "OpenDocument (.ods)", "xls": "Excel (.xls)"}


def unread_words(dropped: Sequence[str]) -> list[str]:
    """Say which of the dropped columns sound as if letters depended on them, and what to do."""
    kinds = {"permissions": like_permissions(dropped), "prohibitions": like_prohibitions(dropped)}
    return [unread_sentence(kind, names) for kind, names in kinds.items() if names]


def encoding_word(name: str) -> str:
    """Name an encoding as people know it."""
    return ENCODINGS.get(name, name.upper())


def delimiter_word(sign: str) -> str:
    """Name a delimiter."""
    return str(DELIMITERS.get(sign, sign))
