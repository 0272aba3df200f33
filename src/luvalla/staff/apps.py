"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.staff"
    label = "staff"

    def ready(self) -> None:
        """Register the check of the room's claim, and the reminders; count the first one-time code as used."""
        from allauth.mfa.signals import authenticator_added  # noqa: PLC0415  # models are ready only now

        from luvalla.staff import statistics_claims  # noqa: PLC0415  # the same
        from luvalla.staff.accounts import resetting  # noqa: F401, PLC0415  # its task registers itself
        from luvalla.staff.accounts.codes import use_first_code_up  # noqa: PLC0415  # the same
        from luvalla.staff.paper import reminding as of_paper  # noqa: F401, PLC0415  # the same
        from luvalla.staff.people import reminding  # noqa: F401, PLC0415  # the same

        statistics_claims.take_part()
        authenticator_added.connect(use_first_code_up)
