"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.organisation"
    label = "organisation"

    def ready(self) -> None:
        """Register the checks of the room's claims, its records of accountability, and what it keeps for a time."""
        from luvalla.organisation import attempts, claims, records  # noqa: PLC0415  # models are ready only now
        from luvalla.rules.ports import keepings  # noqa: PLC0415  # the same

        keepings.register(attempts.KEEPING.name, attempts.KEEPING)
        claims.take_part()
        records.take_part()
