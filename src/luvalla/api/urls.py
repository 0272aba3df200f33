"""Addresses of the API."""

from __future__ import annotations

from django.urls import path

from luvalla.api.mail_reports import take_report
from luvalla.api.service import service

urlpatterns = [path("mail-reports/<int:relay>", take_report), path("", service.urls)]
