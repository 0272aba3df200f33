"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class CampaignsConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        """Bring in the checks of the room's claims, and keep the pictures' permissions in order after migrations."""
        from luvalla.campaigns import claims  # noqa: PLC0415  # models are ready only now
        from luvalla.campaigns.installation import install_picture_permissions  # noqa: PLC0415  # models are ready

        claims.take_part()
        # Wagtail's permissions on pictures are there once its own tables are.
        post_migrate.connect(install_picture_permissions, sender=apps.get_app_config("wagtailadmin"))
