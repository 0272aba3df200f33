"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.api"
    label = "api"

    def ready(self) -> None:
        """Begin the room's work: its tasks."""
        from luvalla.api import tasks  # noqa: F401, PLC0415  # models are ready only now
