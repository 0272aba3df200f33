"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.jobs"
    label = "jobs"
