"""Addresses of the desk of programs."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.programs.views import AddWebhook, MakeToken, ProgramList

app_name = "staff_programs"
urlpatterns = [
    path("", ProgramList.as_view(), name="list"),
    path("token/", MakeToken.as_view(), name="token"),
    path("webhook/", AddWebhook.as_view(), name="webhook"),
]
