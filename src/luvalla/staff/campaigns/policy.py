"""Who may do what in the editor, and when: only drafts are written, and nothing of the lifecycle is in its reach."""

from __future__ import annotations

from typing import Any, Final

from wagtail.permission_policies import ModelPermissionPolicy

from luvalla.campaigns.models import Campaign
from luvalla.people.queries import may
from luvalla.people.roles import Capability

NEVER: Final = frozenset({"delete", "publish", "lock", "unlock"})
"""A draft is discarded on its own page; the rest is the lifecycle's."""
WRITING: Final = frozenset({"add", "change"})


class CampaignPolicy(ModelPermissionPolicy):
    """Writing needs the capability and a draft; looking needs the permission to view."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Tell whether the person may do this to some campaign."""
        if action in NEVER:
            return False
        return bool(super().user_has_permission(user, action)) and (
            action not in WRITING or may(user, Capability.WRITE_CAMPAIGN)
        )

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """Tell whether the person may do one of these to some campaign."""
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Campaign) -> bool:
        """Tell whether the person may do this to this campaign: it is written only while it is a draft."""
        return self.user_has_permission(user, action) and (action not in WRITING or instance.is_draft)
