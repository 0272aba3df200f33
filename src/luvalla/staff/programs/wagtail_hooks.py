"""How the desk takes part."""

from __future__ import annotations

from django.urls import include, path, reverse_lazy
from django.urls.resolvers import URLResolver
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from luvalla.staff.menu import DeskMenuItem
from luvalla.staff.programs.views import ANY_OF


@hooks.register("register_admin_urls")
def add_urls() -> list[URLResolver]:
    """Give the desk's addresses."""
    return [path("programs/", include("luvalla.staff.programs.urls"))]


@hooks.register("register_admin_menu_item")
def add_entry() -> DeskMenuItem:
    """Give the desk's entry."""
    return DeskMenuItem(
        pgettext_lazy("menu", "Programs"),
        reverse_lazy("staff_programs:list"),
        name="programs",
        icon="again",
        order=1150,
        any_of=ANY_OF,
    )
