"""What people may do: capabilities, and the roles that hold them. Each role has as little as its work needs."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from luvalla.people.models import Role


class Capability(StrEnum):
    """One thing a person may do; the permission people.<value> in Django."""

    WRITE_CAMPAIGN = "write_campaign"
    APPROVE_CAMPAIGN = "approve_campaign"
    SEND_CAMPAIGN = "send_campaign"
    SEE_DELIVERIES = "see_deliveries"
    BRING_IMPORT = "bring_import"
    DECIDE_IMPORT = "decide_import"
    RELEASE_IMPORT = "release_import"
    SEE_CONTACTS = "see_contacts"
    UNCOVER_ADDRESS = "uncover_address"
    CHANGE_CONTACT = "change_contact"
    EXPORT_CONTACTS = "export_contacts"
    HANDLE_SOURCE_NOTICES = "handle_source_notices"
    HANDLE_REQUESTS = "handle_requests"
    KEEP_PAPER = "keep_paper"
    READ_LEDGER = "read_ledger"
    SEE_PROMISES = "see_promises"
    GIVE_OPINION = "give_opinion"
    PUBLISH_NOTICE = "publish_notice"
    SEE_SETTINGS = "see_settings"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_USERS = "manage_users"
    REVIEW_ACCESS = "review_access"
    RELEASE_READING = "release_reading"
    WATCH_READING = "watch_reading"


SEES_ADDRESSES: Final = frozenset(
    {
        Capability.BRING_IMPORT,
        Capability.SEE_CONTACTS,
        Capability.UNCOVER_ADDRESS,
        Capability.EXPORT_CONTACTS,
        Capability.HANDLE_SOURCE_NOTICES,
        Capability.HANDLE_REQUESTS,
    }
)
"""Whoever may do one of these signs in with a second factor."""

_C = Capability
GRANTS: Final[dict[Role, frozenset[Capability]]] = {
    Role.COMMUNICATIONS: frozenset({_C.WRITE_CAMPAIGN, _C.SEND_CAMPAIGN, _C.SEE_DELIVERIES, _C.SEE_PROMISES}),
    Role.APPROVER: frozenset({_C.APPROVE_CAMPAIGN, _C.SEND_CAMPAIGN, _C.SEE_DELIVERIES, _C.SEE_PROMISES}),
    Role.CLERK: frozenset(
        {_C.BRING_IMPORT, _C.SEE_CONTACTS, _C.CHANGE_CONTACT, _C.HANDLE_SOURCE_NOTICES, _C.SEE_PROMISES}
    ),
    Role.HANDLER: frozenset(
        {
            _C.SEE_CONTACTS,
            _C.UNCOVER_ADDRESS,
            _C.CHANGE_CONTACT,
            _C.HANDLE_REQUESTS,
            _C.HANDLE_SOURCE_NOTICES,
            _C.SEE_DELIVERIES,
            _C.SEE_PROMISES,
        }
    ),
    Role.REGISTER_OWNER: frozenset(Capability)
    - {
        _C.WRITE_CAMPAIGN,
        _C.APPROVE_CAMPAIGN,
        _C.SEND_CAMPAIGN,
        _C.KEEP_PAPER,
        _C.MANAGE_USERS,
        _C.GIVE_OPINION,
    },
    Role.DATA_PROTECTION_OFFICER: frozenset(
        {
            _C.RELEASE_IMPORT,
            _C.SEE_CONTACTS,
            _C.UNCOVER_ADDRESS,
            _C.HANDLE_REQUESTS,
            _C.READ_LEDGER,
            _C.SEE_PROMISES,
            _C.GIVE_OPINION,
            _C.SEE_DELIVERIES,
            _C.SEE_SETTINGS,
            _C.RELEASE_READING,
            _C.WATCH_READING,
        }
    ),
    Role.CUSTODIAN: frozenset({_C.KEEP_PAPER, _C.SEE_PROMISES}),
    Role.AUDITOR: frozenset({_C.READ_LEDGER, _C.SEE_PROMISES, _C.SEE_DELIVERIES, _C.SEE_SETTINGS}),
    Role.ADMINISTRATOR: frozenset({_C.MANAGE_USERS, _C.SEE_SETTINGS, _C.CHANGE_SETTINGS, _C.SEE_PROMISES}),
}
"""The administrator keeps the machine and the accounts and sees no address.

The data protection officer gives opinions and publishes nothing; the register owner publishes and gives none
(GDPR 38(6)).
"""

FURTHER_GRANTS: Final[dict[Role, tuple[str, ...]]] = {
    Role.COMMUNICATIONS: (
        "campaigns.add_campaign",
        "campaigns.change_campaign",
        "campaigns.view_campaign",
    ),
    Role.APPROVER: ("campaigns.view_campaign",),
    Role.AUDITOR: ("campaigns.view_campaign",),
    Role.DATA_PROTECTION_OFFICER: ("campaigns.view_campaign",),
    Role.REGISTER_OWNER: ("campaigns.view_campaign",),
}
"""Permissions of other rooms' models that the editor asks for; the lifecycle asks for the capability."""
EVERYBODY: Final = frozenset({"wagtailadmin.access_admin"})
"""What every account that stands open may do: enter, and see the front page."""
