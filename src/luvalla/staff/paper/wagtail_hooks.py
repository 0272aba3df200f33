"""How the desk takes part."""

from __future__ import annotations

from django.urls import include, path, reverse_lazy
from django.urls.resolvers import URLResolver
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from luvalla.staff.menu import DeskMenuItem
from luvalla.staff.paper.front import paper_waiting
from luvalla.staff.paper.views import ANY_OF


@hooks.register("register_admin_urls")
def add_urls() -> list[URLResolver]:
    """Give the desk's addresses."""
    return [path("paper/", include("luvalla.staff.paper.urls"))]


@hooks.register("register_admin_menu_item")
def add_entry() -> DeskMenuItem:
    """Give the desk's entry."""
    return DeskMenuItem(
        pgettext_lazy("menu", "Paper"),
        reverse_lazy("staff_paper:list"),
        name="paper",
        icon="paper",
        order=700,
        any_of=ANY_OF,
        count=paper_waiting,
    )
