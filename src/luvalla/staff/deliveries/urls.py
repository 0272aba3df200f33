"""Addresses of the desk of deliveries."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.deliveries import again, relays, views

app_name = "staff_deliveries"
urlpatterns = [
    path("", views.Sendings.as_view(), name="list"),
    path("<int:pk>/", views.LiveView.as_view(), name="campaign"),
    path("<int:pk>/live/", views.LiveParts.as_view(), name="live"),
    path("<int:pk>/again/", again.Again.as_view(), name="again"),
    path("<int:pk>/missed/", views.Missed.as_view(), name="missed"),
    path("relays/", relays.Relays.as_view(), name="relays"),
    path("relays/add/", relays.EditRelay.as_view(), name="add_relay"),
    path("relays/<int:relay>/", relays.EditRelay.as_view(), name="relay"),
]
