"""How the desk takes part."""

from __future__ import annotations

from django.urls import include, path, reverse_lazy
from django.urls.resolvers import URLResolver
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.staff.contacts.notices import notices_waiting
from luvalla.staff.menu import DeskMenuItem


@hooks.register("register_admin_urls")
def add_urls() -> list[URLResolver]:
    """Give the desk's addresses."""
    return [path("contacts/", include("luvalla.staff.contacts.urls"))]


@hooks.register("register_admin_menu_item")
def add_entry() -> DeskMenuItem:
    """Give the desk's entry."""
    return DeskMenuItem(
        pgettext_lazy("menu", "Contacts"),
        reverse_lazy("staff_contacts:list"),
        name="contacts",
        icon="people",
        order=200,
        any_of=("see_contacts",),
        count=_waiting_for,
    )


def _waiting_for(user: User) -> int:
    return notices_waiting() if may(user, "handle_source_notices") else 0
