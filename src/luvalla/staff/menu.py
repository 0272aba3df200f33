"""Entries of the sidebar: shown to those who may use the desk, with the count of what waits there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import npgettext
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem

from luvalla.people.models import User
from luvalla.people.queries import may


class DeskMenuItem(MenuItem):
    """An entry for a desk.

    any_of are capabilities: one of them is enough. count tells how much waits at the desk for this person.
    """

    def __init__(
        self,
        label: str | Promise,
        url: str | Promise,
        *,
        name: str,
        icon: str,
        order: int,
        any_of: tuple[str, ...] = (),
        count: Callable[[User], int] | None = None,
    ) -> None:
        """Keep what decides whether and how the entry is shown."""
        super().__init__(label, url, name=name, icon_name=f"lv-{icon}", order=order)
        self.any_of = any_of
        self.count = count

    def is_shown(self, request: HttpRequest) -> bool:
        """Show the desk to those who may use it."""
        return not self.any_of or any(may(request.user, each) for each in self.any_of)

    def render_component(self, request: HttpRequest) -> Any:
        """Give the entry with its count, which is part of its name for those who listen."""
        waiting = self.count(request.user) if self.count and isinstance(request.user, User) else 0
        attributes = {}
        if waiting:
            spoken = npgettext("menu", "%(count)d waiting", "%(count)d waiting", waiting) % {"count": waiting}
            attributes = {"data-lv-count": str(waiting), "aria-label": f"{self.label}: {spoken}"}
        return LinkMenuItem(self.name, str(self.label), str(self.url), icon_name=self.icon_name, attrs=attributes)
