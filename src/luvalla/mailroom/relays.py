"""The relays letters leave through: which may be used, and with which settings.

A relay on this very machine counts as the controller's own. Any other needs a place, a processor with a live contract,
and outside the EEA a live ground of transfer (GDPR 28, chapter V). "Technically necessary" opens nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom import models
from luvalla.mailroom.api_relay import is_api_url
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.kinds import SomeRelay, read_relay
from luvalla.mailroom.pace import letters_today, today_utc
from luvalla.organisation.queries import egress_allowed
from luvalla.rules.countries import EEA
from luvalla.rules.ports import Door, closed_by
from luvalla.sending.errors import RelayMisconfigured
from luvalla.sending.relay import Relay
from luvalla.sending.throttle import WarmUp

UNREAD: Final = ""
"""Stands for the content of a file of credentials where only the form of a URL matters."""
HOME_COUNTRY: Final = "FI"
"""Any country of the EEA: asking for it asks for the contract alone."""


@dataclass(frozen=True, slots=True)
class Usable:
    """A relay that letters may leave through: its row, its whole URL (with credentials), and its settings."""

    row: models.Relay
    url: str
    relay: SomeRelay


def configured_relays() -> list[Usable]:
    """List the relays in their order: the one of LUVALLA_SMTP_URL alone, or else those recorded as in use.

    Raises RelayUnusable where there is none, where all are left alone by the staff, or where a URL cannot work.
    """
    if settings.LUVALLA_SMTP_URL:
        only = _from_settings(settings.LUVALLA_SMTP_URL, settings.LUVALLA_SMTP_PASSWORD_FILE)
        if only.row.rested_at is not None:
            raise RelayUnusable(RelayFault.RESTED, only.row.name)
        return [only]
    rows = models.Relay.objects.filter(in_use=True).order_by("order", "pk").select_related("processor")
    found = [_usable(row, row.url) for row in rows if row.rested_at is None]
    if not found:
        raise RelayUnusable(RelayFault.RESTED if rows else RelayFault.NONE_SET)
    return found


def lawful_relays(today: date | None = None) -> list[Usable]:
    """List the relays that letters may lawfully leave through; RelayUnusable with the first one's fault if none may.

    While a broken promise closes transfers, none outside the EEA may, whatever its records say.
    """
    found = configured_relays()
    faults = {each.row.pk: why_not(each, today) for each in found}
    lawful = [each for each in found if faults[each.row.pk] is None]
    if not lawful:
        fault = faults[found[0].row.pk]
        raise RelayUnusable(fault or RelayFault.NONE_SET, found[0].row.name)
    return lawful


def with_room(relays: Sequence[Usable]) -> list[Usable]:
    """Keep the relays whose plan has letters left for today; RelayUnusable where none has."""
    today = today_utc()
    left = [each for each in relays if (plan := plan_of(each.row)) is None or _has_room(each.row, plan, today)]
    if not left:
        raise RelayUnusable(RelayFault.DAY_FULL, relays[0].row.name)
    return left


def why_not(each: Usable, today: date | None = None) -> RelayFault | None:
    """Tell why letters may not lawfully leave through the relay today; None when they may."""
    return place_fault(each, today or timezone.localdate()) or _shut_fault(each)


def place_fault(each: Usable, today: date) -> RelayFault | None:
    """Tell why letters may not leave through the relay where it stands; None when they may."""
    if each.relay.on_loopback:
        return None
    row = each.row
    if not row.country:
        return RelayFault.UNKNOWN_PLACE
    if egress_allowed(row.country, row.processor, today):
        return None
    has_contract = egress_allowed(HOME_COUNTRY, row.processor, today)
    return RelayFault.NO_TRANSFER if has_contract and row.country.upper() not in EEA else RelayFault.NO_CONTRACT


def _shut_fault(each: Usable) -> RelayFault | None:
    is_outside = not each.relay.on_loopback and each.row.country.upper() not in EEA
    return RelayFault.NO_TRANSFER if is_outside and closed_by(Door.TRANSFER) else None


def fault_of_row(row: models.Relay, today: date) -> RelayFault | None:
    """Tell the same of a recorded relay, whether it is in use or not."""
    try:
        return place_fault(Usable(row, row.url, read_relay(row.url, read_text=lambda _: UNREAD)), today)
    except RelayMisconfigured:
        return RelayFault.MISCONFIGURED


class Standing(NamedTuple):
    """Where a relay stands: on this machine, chosen by the settings or by being in use, resting, and what is wrong."""

    row: models.Relay
    is_own: bool
    is_chosen: bool
    is_held: bool
    fault: RelayFault | None


def standings(today: date | None = None) -> list[Standing]:
    """Tell of every recorded relay where it stands, in the order in which they are tried."""
    try:
        chosen = {each.row.pk for each in configured_relays()}
    except RelayUnusable:
        chosen = set()
    rows = models.Relay.objects.order_by("order", "pk").select_related("processor")
    return [_standing(row, chosen, today or timezone.localdate()) for row in rows]


def plan_of(row: models.Relay) -> WarmUp | None:
    """Give a relay's plan of growing days, if it has one."""
    if row.warm_up_from is None or not row.warm_up_letters:
        return None
    return WarmUp(row.warm_up_from, row.warm_up_letters, row.warm_up_growth)


def check_url(url: str) -> RelayFault | None:
    """Tell what is wrong with a URL that is to be recorded: no relay, or a password in it; None when it is right."""
    try:
        has_password = urlsplit(url).password is not None
        read_relay(url, read_text=lambda _: UNREAD)
    except (RelayMisconfigured, ValueError):
        return RelayFault.MISCONFIGURED
    return RelayFault.WRONG_CREDENTIALS if has_password else None


def without_credentials(url: str) -> str:
    """Give a relay's URL as it may be stored and shown."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        place = f"{place}:{parts.port}"
    query = _options(parts.query, without=("password_file", "secrets_file"))
    path = parts.path if is_api_url(url) else ""
    return SplitResult(parts.scheme, place, path, query, "").geturl()


def _has_room(row: models.Relay, plan: WarmUp, today: date) -> bool:
    return letters_today(row.pk) < plan.most_on(today)


def _from_settings(url: str, password_file: str) -> Usable:
    """Read the relay of the settings and give it a row, which letters and the screen refer to."""
    if password_file:
        parts = urlsplit(url)
        query = urlencode([*parse_qsl(parts.query), ("password_file", password_file)])
        url = parts._replace(query=query).geturl()
    relay = _settings_of(url, "LUVALLA_SMTP_URL")
    return Usable(_row_of(url, relay), url, relay)


@transaction.atomic
def _row_of(url: str, relay: SomeRelay) -> models.Relay:
    """Give the row of the settings' relay; without the settings it isn't in use."""
    shown = without_credentials(url)
    row = models.Relay.objects.filter(url=shown).order_by("pk").select_related("processor").first()
    if row is not None:
        return row
    name = f"{relay.host}:{relay.port}" if isinstance(relay, Relay) else relay.backend
    row, _ = models.Relay.objects.update_or_create(name=name, defaults={"url": shown, "in_use": False})
    record("mailroom.note_relay", actor=SYSTEM, subject=Subject("relay", str(row.pk)))
    return row


def _standing(row: models.Relay, chosen: Collection[int], today: date) -> Standing:
    try:
        is_own = read_relay(row.url, read_text=lambda _: UNREAD).on_loopback
    except RelayMisconfigured:
        is_own = False
    is_held = row.held_until is not None and row.held_until > timezone.now()
    fault = fault_of_row(row, today) or (RelayFault(row.last_fault) if row.last_fault and is_held else None)
    return Standing(row, is_own, row.pk in chosen, is_held, fault)


def _usable(row: models.Relay, url: str) -> Usable:
    relay = _settings_of(url, row.name)
    return Usable(row, url, replace(relay, connections=row.connections) if "connections=" not in url else relay)


def _settings_of(url: str, name: str) -> SomeRelay:
    try:
        return read_relay(url)
    except RelayMisconfigured:
        raise RelayUnusable(RelayFault.MISCONFIGURED, name) from None


def _options(query: str, *, without: Collection[str]) -> str:
    kept: Iterable[tuple[str, str]] = (each for each in parse_qsl(query) if each[0] not in without)
    return urlencode(list(kept))
