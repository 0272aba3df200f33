"""How the desk takes part."""

from __future__ import annotations

from django.urls import include, path, reverse_lazy
from django.urls.resolvers import URLResolver
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from luvalla.staff.deliveries.front import held_campaigns
from luvalla.staff.deliveries.views import ANYBODY
from luvalla.staff.menu import DeskMenuItem


@hooks.register("register_admin_urls")
def add_urls() -> list[URLResolver]:
    """Give the desk's addresses."""
    return [path("deliveries/", include("luvalla.staff.deliveries.urls"))]


@hooks.register("register_admin_menu_item")
def add_entry() -> DeskMenuItem:
    """Give the desk's entry; what is counted are letters that wait for somebody to mend something."""
    return DeskMenuItem(
        pgettext_lazy("menu", "Deliveries"),
        reverse_lazy("staff_deliveries:list"),
        name="deliveries",
        icon="send",
        order=400,
        any_of=ANYBODY,
        count=held_campaigns,
    )
