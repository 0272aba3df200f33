"""Addresses of the desk of claims."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.claims.views import AuditPack, ClaimList

app_name = "staff_claims"
urlpatterns = [path("", ClaimList.as_view(), name="list"), path("pack/", AuditPack.as_view(), name="pack")]
