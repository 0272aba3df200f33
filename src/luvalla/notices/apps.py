"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.notices"
    label = "notices"

    def ready(self) -> None:
        """Register the checks, the nightly run, the records, what is kept, and stand guard at the doors."""
        from luvalla.notices import tasks  # noqa: F401, PLC0415  # registering is what the import is for
        from luvalla.notices.claims import register_claims  # noqa: PLC0415  # the models are ready only now
        from luvalla.notices.doors import stand_guard  # noqa: PLC0415  # the same
        from luvalla.notices.events import watch_events  # noqa: PLC0415  # the same
        from luvalla.notices.keeping import KEEPING  # noqa: PLC0415  # the same
        from luvalla.notices.records import packing  # noqa: PLC0415  # the same
        from luvalla.rules.ports import keepings  # noqa: PLC0415  # beside them

        register_claims()
        keepings.register(KEEPING.name, KEEPING)
        stand_guard()
        watch_events()
        packing.take_part()
