"""How the desk takes part."""

from __future__ import annotations

from django.urls import include, path, reverse_lazy
from django.urls.resolvers import URLResolver
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from luvalla.staff.imports.front import imports_waiting
from luvalla.staff.imports.views import ANY_OF
from luvalla.staff.menu import DeskMenuItem


@hooks.register("register_admin_urls")
def add_urls() -> list[URLResolver]:
    """Give the desk's addresses."""
    return [path("imports/", include("luvalla.staff.imports.urls"))]


@hooks.register("register_admin_menu_item")
def add_entry() -> DeskMenuItem:
    """Give the desk's entry."""
    return DeskMenuItem(
        pgettext_lazy("menu", "Imports"),
        reverse_lazy("staff_imports:list"),
        name="imports",
        icon="in",
        order=300,
        any_of=ANY_OF,
        count=imports_waiting,
    )
