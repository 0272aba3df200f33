"""Where the staff interface meets Wagtail: styles, icons, the sidebar; and where the desks are found.

A desk is a package of this room with a module `wagtail_hooks`; being there is enough to take part.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.search import admin_search_areas

from luvalla.staff.icons import NAMES
from luvalla.staff.menu import DeskMenuItem

STYLES = ("luvalla/tokens.css", "staff/luvalla.css", "staff/wagtail.css")


@hooks.register("insert_global_admin_css")
def add_styles() -> SafeString:
    """Load the tokens and components after Wagtail's own styles."""
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(each),) for each in STYLES))


@hooks.register("register_icons")
def add_icons(icons: list[str]) -> list[str]:
    """Give Wagtail's sprite the line icons of the desks."""
    return [*icons, *(f"staff/icons/{name}.svg" for name in NAMES)]


@hooks.register("construct_main_menu")
def keep_desks(request: HttpRequest, items: list[Any]) -> None:  # noqa: ARG001  # the hook's signature
    """Show the desks and nothing else: pages, reports, documents, settings and help are no part of Luvalla."""
    items[:] = [item for item in items if isinstance(item, DeskMenuItem)]


# The sidebar's search would put what is sought into the address of a page.
admin_search_areas.registered_search_areas = []


for place in sorted(Path(__file__).parent.glob("*/wagtail_hooks.py")):
    import_module(f"luvalla.staff.{place.parent.name}.wagtail_hooks")
