"""Addresses of the desk of the notice."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.notice.adopting import Adopt
from luvalla.staff.notice.views import GiveOpinion, Notice, Publish, ReadDraft

app_name = "staff_notice"
urlpatterns = [
    path("", Notice.as_view(), name="notice"),
    path("draft/", ReadDraft.as_view(), name="draft"),
    path("adopt/", Adopt.as_view(), name="adopt"),
    path("opinion/", GiveOpinion.as_view(), name="opinion"),
    path("publish/", Publish.as_view(), name="publish"),
]
