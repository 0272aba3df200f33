"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.organisation"
    label = "organisation"

    def ready(self) -> None:
        """Register the checks of the room's claims and its records of accountability."""
        from luvalla.organisation import claims, records  # noqa: PLC0415  # models are ready only now

        claims.take_part()
        records.take_part()
