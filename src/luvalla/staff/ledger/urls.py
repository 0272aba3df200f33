"""Addresses of the ledger's desk."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.ledger.views import LedgerPage

app_name = "staff_ledger"
urlpatterns = [path("", LedgerPage.as_view(), name="rows")]
