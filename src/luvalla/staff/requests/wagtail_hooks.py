"""How the desk takes part."""

from __future__ import annotations

from django.urls import include, path, reverse_lazy
from django.urls.resolvers import URLResolver
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from luvalla.staff.menu import DeskMenuItem
from luvalla.staff.requests.front import count_for


@hooks.register("register_admin_urls")
def add_urls() -> list[URLResolver]:
    """Give the desk's addresses."""
    return [path("requests/", include("luvalla.staff.requests.urls"))]


@hooks.register("register_admin_menu_item")
def add_entry() -> DeskMenuItem:
    """Give the desk's entry."""
    return DeskMenuItem(
        pgettext_lazy("menu", "Requests"),
        reverse_lazy("staff_requests:list"),
        name="requests",
        icon="case",
        order=500,
        any_of=("handle_requests", "change_contact"),
        count=count_for,
    )
