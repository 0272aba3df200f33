"""What every page of a desk is made of: who may open it, its title and way, and its rows in the ledger of reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import pgettext
from django.views.generic import TemplateView
from wagtail.admin.auth import reject_request
from wagtail.admin.menu import admin_menu

from luvalla.ledger.actions import NOBODY, Subject, record_look
from luvalla.ledger.actors import Actor
from luvalla.people.models import User
from luvalla.people.queries import actor_of, may
from luvalla.register.seen import keep_seen
from luvalla.staff.formats import language
from luvalla.staff.parts import Crumb
from luvalla.staff.words import LANGUAGES


class DeskView(TemplateView):
    """A page of a desk. Subclasses say who may open it; without a capability of the list it answers 403.

    The undertaking of secrecy is looked at before any view, where a session becomes a person; `may` looks again.
    """

    any_of: ClassVar[tuple[str, ...]]
    """Capabilities (people.roles.Capability); one of them is enough."""
    for_everybody: ClassVar[bool] = False
    """Whether every account that stands open may open it."""
    title: str | Promise = ""
    lead: str | Promise = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer those who may, send strangers to sign in, and refuse the others and say so."""
        if not isinstance(request.user, User):
            answer: HttpResponseBase = reject_request(request)
            return answer
        if not self.for_everybody and not any(may(request.user, each) for each in self.any_of):
            return self.refuse()
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> User:
        """The person at the desk."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def actor(self) -> Actor:
        """The person at the desk, as the ledger names them."""
        return actor_of(self.user)

    def may(self, capability: str) -> bool:
        """Tell whether the person at the desk may do this too."""
        return may(self.request.user, capability)

    def crumbs(self) -> list[Crumb]:
        """Give the way to this page; its last step is the page itself."""
        return [Crumb(str(self.title))]

    def record_read(
        self,
        verb: str,
        *,
        purpose: str,
        subject: Subject = NOBODY,
        reason: str = "",
        facts: Mapping[str, object] | None = None,
        seen: Collection[int] = (),
    ) -> int:
        """Write that the person has read this and what for, and give the number of the ledger's row.

        seen are the contacts' numbers where the page shows many of them at once.
        """
        with transaction.atomic():
            row = record_look(verb, actor=self.actor, subject=subject, purpose=purpose, reason=reason, facts=facts)
            keep_seen(row, seen)
        return row.pk

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the page what the shell needs."""
        shell = {"title": self.title, "lead": self.lead, "crumbs": self.crumbs(), "plain_menu": self._plain_menu()}
        people = {"may": Capabilities(self.user), "other_languages": other_languages()}
        return super().get_context_data(**{**shell, **people, **kwargs})

    def refuse(self) -> HttpResponseBase:
        """Say that the page isn't for this person's roles."""
        title = pgettext("refused", "This page is not for your role")
        words = {"title": title, "crumbs": [Crumb(title)], "plain_menu": self._plain_menu()}
        words["other_languages"] = other_languages()
        return TemplateResponse(self.request, "staff/refused.html", words, status=403)

    def _plain_menu(self) -> list[Any]:
        """Give the menu's entries for browsers without scripts."""
        return sorted(admin_menu.menu_items_for_request(self.request), key=lambda item: item.order)


def other_languages() -> list[tuple[str, str]]:
    """Give the languages that the page isn't in, each under its own name."""
    return [each for each in LANGUAGES if each[0] != language()]


class Capabilities:
    """What the person may do, for templates: {% if may.uncover_address %}."""

    def __init__(self, user: User) -> None:
        """Keep the person."""
        self._user = user

    def __getitem__(self, capability: str) -> bool:
        """Tell whether the person may."""
        return may(self._user, capability)
