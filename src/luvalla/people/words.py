"""Words of the interface for what this room calls by a code."""

from __future__ import annotations

from typing import Final

from django.utils.translation import pgettext_lazy

from luvalla.people.models import Role

ROLES: Final = {
    Role.COMMUNICATIONS: pgettext_lazy("role", "communications"),
    Role.APPROVER: pgettext_lazy("role", "approver"),
    Role.CLERK: pgettext_lazy("role", "clerk"),
    Role.HANDLER: pgettext_lazy("role", "handler"),
    Role.REGISTER_OWNER: pgettext_lazy("role", "register owner"),
    Role.DATA_PROTECTION_OFFICER: pgettext_lazy("role", "data protection officer"),
    Role.CUSTODIAN: pgettext_lazy("role", "custodian"),
    Role.AUDITOR: pgettext_lazy("role", "auditor, reads only"),
    Role.ADMINISTRATOR: pgettext_lazy("role", "administrator"),
}
