"""The listing of contacts: newest first, filtered, and as quick over two million rows as over ten.

The first two thousand ids are read along an index of the permissions; a page is cut from them. Whoever needs more
narrows the listing: nobody reads forty pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice
from typing import Final

from django.db.models import QuerySet

from luvalla.register.models import Contact, Permission, Restriction
from luvalla.register.queries import live_permissions, shown_addresses
from luvalla.rules.purposes import PermissionKind
from luvalla.staff.contacts.words import KINDS

MOST: Final = 2_000
"""How many contacts a listing reaches."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a listing is narrowed by; a domain by its token."""

    kind: str = ""
    audience: int | None = None
    source: int | None = None
    domain: bytes = b""

    def conditions(self) -> dict[str, object]:
        """Give what a permission is narrowed by."""
        given = {"kind": self.kind, "audience": self.audience, "source": self.source}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Row:
    """A contact as the listing shows it."""

    pk: int
    shown: str
    kinds: tuple[PermissionKind, ...]
    audiences: str
    sources: str
    since: date | None
    is_undeliverable: bool

    @property
    def kind_words(self) -> str:
        """The kinds of its permissions in words."""
        return ", ".join(str(KINDS[each]) for each in self.kinds)


def listed_ids(filters: Filters) -> list[int]:
    """Give the ids of the first contacts that fit, newest first, and one more than can be shown if there are more.

    Restricted contacts (GDPR 18) are left out: they are stored, and otherwise left alone.
    """
    hidden = set(Restriction.objects.filter(lifted_at=None).values_list("contact_id", flat=True))
    found = (each for each in _unique(_candidates(filters)) if each not in hidden)
    return list(islice(found, MOST + 1))


def rows_of(ids: list[int]) -> list[Row]:
    """Give a page of contacts, with what permits their letters."""
    contacts = Contact.objects.in_bulk(ids)
    page = [contacts[each] for each in ids if each in contacts]
    shown, permissions = shown_addresses(page), _permissions_of(ids)
    return [_row(each, shown[each.pk], permissions.get(each.pk, [])) for each in page]


def _candidates(filters: Filters) -> Iterable[int]:
    """Read contact ids in falling order along the index that fits the filters best."""
    permissions = live_permissions()
    if filters.domain:
        permissions = permissions.filter(contact__in=_newest_of_domain(filters.domain))
    permissions = permissions.filter(**filters.conditions())
    if filters.kind not in {"", PermissionKind.CUSTOMER}:
        # The index of the uncommon kinds is found by the very words of its condition.
        permissions = permissions.exclude(kind=PermissionKind.CUSTOMER.value)
    # Twice as many as are shown: a contact may have several permissions.
    return permissions.order_by("-contact_id").values_list("contact_id", flat=True)[: 2 * MOST]


def _newest_of_domain(domain: bytes) -> QuerySet[Contact, int]:
    return Contact.objects.filter(domain=domain).order_by("-pk").values_list("pk", flat=True)[: 2 * MOST]


def _unique(ids: Iterable[int]) -> Iterable[int]:
    return (each for each, _ in groupby(ids))


def _permissions_of(ids: list[int]) -> dict[int, list[Permission]]:
    found: dict[int, list[Permission]] = {}
    for each in live_permissions().filter(contact__in=ids).select_related("audience", "source").order_by("pk"):
        found.setdefault(each.contact_id, []).append(each)
    return found


def _row(contact: Contact, shown: str, permissions: list[Permission]) -> Row:
    since = [each.since for each in permissions if each.since]
    return Row(
        pk=contact.pk,
        shown=shown,
        kinds=tuple(dict.fromkeys(PermissionKind(each.kind) for each in permissions)),
        audiences=", ".join(dict.fromkeys(str(each.audience) for each in permissions)),
        sources=", ".join(dict.fromkeys(str(each.source) for each in permissions)),
        since=min(since) if since else None,
        is_undeliverable=contact.undeliverable_until is not None,
    )
