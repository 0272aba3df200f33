"""Addresses of the desk of imports."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.imports import steps
from luvalla.staff.imports.bringing import ColumnsPage, UploadPage
from luvalla.staff.imports.rows import DownloadLines, Lines, Rows
from luvalla.staff.imports.views import ImportList, ImportPage

app_name = "staff_imports"
urlpatterns = [
    path("", ImportList.as_view(), name="list"),
    path("bring/", UploadPage.as_view(), name="bring"),
    path("bring/columns/", ColumnsPage.as_view(), name="columns"),
    path("<int:pk>/", ImportPage.as_view(), name="import"),
    path("<int:pk>/apply/", steps.Apply.as_view(), name="apply"),
    path("<int:pk>/discard/", steps.Discard.as_view(), name="discard"),
    path("<int:pk>/release/", steps.Release.as_view(), name="release"),
    path("<int:pk>/rows/<slug:group>/", Rows.as_view(), name="rows"),
    path("<int:pk>/lines/<slug:group>/", Lines.as_view(), name="lines"),
    path("<int:pk>/lines/<slug:group>/file/", DownloadLines.as_view(), name="download"),
]
