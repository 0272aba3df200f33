"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.staff"
    label = "staff"

    def ready(self) -> None:
        """Register the check of the room's claim, and the reminders."""
        from luvalla.staff import statistics_claims  # noqa: PLC0415  # models are ready only now
        from luvalla.staff.people import reminding  # noqa: F401, PLC0415  # the same

        statistics_claims.take_part()
