"""How the desk takes part."""

from __future__ import annotations

from django.urls import include, path, reverse_lazy
from django.urls.resolvers import URLResolver
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from luvalla.staff.menu import DeskMenuItem
from luvalla.staff.reading.front import things_waiting


@hooks.register("register_admin_urls")
def add_urls() -> list[URLResolver]:
    """Give the desk's addresses."""
    return [path("reading/", include("luvalla.staff.reading.urls"))]


@hooks.register("register_admin_menu_item")
def add_entry() -> DeskMenuItem:
    """Give the desk's entry."""
    return DeskMenuItem(
        pgettext_lazy("menu", "Reading"),
        reverse_lazy("staff_reading:list"),
        name="reading",
        icon="eye",
        order=960,
        any_of=("watch_reading", "release_reading"),
        count=things_waiting,
    )
