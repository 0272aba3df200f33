"""Addresses of the desk of reading."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.reading.views import Decide, Explain, ExplainProgram, Reading

app_name = "staff_reading"
urlpatterns = [
    path("", Reading.as_view(), name="list"),
    path("alarms/<int:pk>/", Explain.as_view(), name="explain"),
    path("programs/<uuid:ref>/", ExplainProgram.as_view(), name="explain_program"),
    path("releases/<uuid:ref>/", Decide.as_view(), name="decide"),
]
