"""How the desk takes part."""

from __future__ import annotations

from django.urls import include, path, reverse_lazy
from django.urls.resolvers import URLResolver
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from luvalla.staff.menu import DeskMenuItem


@hooks.register("register_admin_urls")
def add_urls() -> list[URLResolver]:
    """Give the desk's addresses."""
    return [path("ledger/", include("luvalla.staff.ledger.urls"))]


@hooks.register("register_admin_menu_item")
def add_entry() -> DeskMenuItem:
    """Give the desk's entry."""
    label = pgettext_lazy("menu", "Ledger")
    return DeskMenuItem(
        label, reverse_lazy("staff_ledger:rows"), name="ledger", icon="log", order=1000, any_of=("read_ledger",)
    )
