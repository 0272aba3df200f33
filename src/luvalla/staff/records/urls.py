"""Addresses of the desk of records."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.records.authorities import CompareOne, CompareSeveral
from luvalla.staff.records.breaches import BreachPage, NewBreach
from luvalla.staff.records.changing import Change
from luvalla.staff.records.files import ConsentFile, LinkedFile, TableFile
from luvalla.staff.records.views import OneRecord, Records

app_name = "staff_records"
urlpatterns = [
    path("", Records.as_view(), name="all"),
    path("records.jsonld", LinkedFile.as_view(), name="linked"),
    path("consents.jsonld", ConsentFile.as_view(), name="consents"),
    path("breaches/new/", NewBreach.as_view(), name="new_breach"),
    path("breaches/<uuid:ref>/", BreachPage.as_view(), name="breach"),
    path("authorities/compare/", CompareSeveral.as_view(), name="authorities"),
    path("authorities/<slug:country>/", CompareOne.as_view(), name="authority"),
    path("<slug:key>/", OneRecord.as_view(), name="record"),
    path("<slug:key>/table.csv", TableFile.as_view(), name="csv"),
    path("<slug:key>/add/", Change.as_view(), name="add"),
    path("<slug:key>/<int:row>/", Change.as_view(), name="change"),
]
