"""Addresses of the contacts desk."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.contacts.exports import ExportContacts, FetchNotices
from luvalla.staff.contacts.notices import HandleNotices, SourceNotices
from luvalla.staff.contacts.steps import ProhibitKinds, RestrictContact, StopLetters, Uncover
from luvalla.staff.contacts.views import ContactList, ContactPage

app_name = "staff_contacts"
urlpatterns = [
    path("", ContactList.as_view(), name="list"),
    path("export/", ExportContacts.as_view(), name="export"),
    path("notices/", SourceNotices.as_view(), name="notices"),
    path("notices/<slug:source>/fetch/", FetchNotices.as_view(), name="fetch_notices"),
    path("notices/<slug:source>/handle/", HandleNotices.as_view(), name="handle_notices"),
    path("<int:pk>/", ContactPage.as_view(), name="contact"),
    path("<int:pk>/uncover/", Uncover.as_view(), name="uncover"),
    path("<int:pk>/stop/", StopLetters.as_view(), name="stop"),
    path("<int:pk>/restrict/", RestrictContact.as_view(), name="restrict"),
    path("<int:pk>/prohibit/", ProhibitKinds.as_view(), name="prohibit"),
]
