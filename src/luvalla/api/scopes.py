"""What a token may do; for a person's token each also needs what the person may do at that moment."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from luvalla.people.roles import Capability


class Scope(StrEnum):
    """One thing a token may do."""

    READ_CONTACTS = "contacts.read"
    READ_ADDRESSES = "contacts.addresses"
    BRING_IMPORTS = "imports.bring"
    FETCH_NOTICES = "notices.fetch"
    BRING_STOPS = "stops.bring"
    READ_CAMPAIGNS = "campaigns.read"
    BRING_COPIES = "copies.bring"


OF_ANOTHER_CONTROLLER: Final = frozenset({Scope.BRING_COPIES})
"""What another controller's token may do, and nobody else's: it lets copies in and nothing out (GDPR 20(2))."""
NEEDS: Final[dict[Scope, Capability]] = {
    Scope.READ_CONTACTS: Capability.SEE_CONTACTS,
    Scope.READ_ADDRESSES: Capability.EXPORT_CONTACTS,
    Scope.BRING_IMPORTS: Capability.BRING_IMPORT,
    Scope.FETCH_NOTICES: Capability.HANDLE_SOURCE_NOTICES,
    Scope.BRING_STOPS: Capability.CHANGE_CONTACT,
    Scope.READ_CAMPAIGNS: Capability.SEE_DELIVERIES,
}
OF_A_SOURCE: Final = frozenset({Scope.BRING_IMPORTS, Scope.FETCH_NOTICES})
"""Scopes that work on one source of addresses, which the token names."""
GIVES_ADDRESSES: Final = frozenset({Scope.READ_ADDRESSES, Scope.FETCH_NOTICES})
"""Scopes by which addresses leave in plain text: a broken promise about exports closes them."""
