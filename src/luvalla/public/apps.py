"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.public"
    label = "public"

    def ready(self) -> None:
        """Register the room's tasks and checks."""
        from luvalla.public import tasks  # noqa: F401, PLC0415  # registering is what the import is for
        from luvalla.public.claims import register_claims  # noqa: PLC0415  # the models are ready only now
        from luvalla.public.mail_stop import take_stop  # noqa: PLC0415  # the same
        from luvalla.rules.ports import intakes  # noqa: PLC0415  # the same

        register_claims()
        intakes.register("stop", take_stop)
