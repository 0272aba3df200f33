"""Addresses of the desk of settings."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.settings.views import Settings

app_name = "staff_settings"
urlpatterns = [
    path("", Settings.as_view(), name="settings"),
]
