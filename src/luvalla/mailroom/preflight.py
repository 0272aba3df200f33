"""What is tried before a campaign starts: that a relay may be used, answers, is one, and lets us in."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from luvalla.mailroom import models
from luvalla.mailroom.api_relay import TIMEOUTS, ApiRelay
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.kinds import SomeRelay
from luvalla.mailroom.posting import run_apart, signing_keys
from luvalla.mailroom.relays import Usable, configured_relays, lawful_relays, why_not, with_room
from luvalla.sending.errors import RelayMisconfigured
from luvalla.sending.outcome import Outcome, Reason
from luvalla.sending.relay import Relay, Security, Timeouts
from luvalla.sending.smtp import Transport

SHORT: Final = Timeouts(connect=10, greeting=15, command=15, leave=1)
"""Seconds: whoever waits for a preflight sits before a screen."""
FAULTS: Final = {
    Reason.AUTH: RelayFault.WRONG_CREDENTIALS,
    Reason.PROTOCOL: RelayFault.NOT_A_RELAY,
    Reason.NO_CONNECTION: RelayFault.UNREACHABLE,
    Reason.CONNECTION_LOST: RelayFault.UNREACHABLE,
    Reason.TIMEOUT: RelayFault.UNREACHABLE,
    Reason.RELAY_BUSY: RelayFault.BUSY,
}
CERTIFICATE_EXPIRED: Final = 10
CERTIFICATE_OF_ANOTHER: Final = frozenset({62, 64})
"""Codes of OpenSSL's X509_V_ERR_…: another name, another IP address."""


class Tried(NamedTuple):
    """What trying a relay showed."""

    row: models.Relay
    fault: RelayFault | None
    certificate_until: datetime | None
    """The end of the certificate of a relay that lets us in over TLS; None of any other."""


def usable_relays() -> list[Usable]:
    """Give the relays that may be used today and let us in, in their order; RelayUnusable with the first one's fault.

    The same where a DKIM key cannot be used: letters that should be signed don't leave without.
    """
    relays = with_room(lawful_relays())
    signing_keys()
    faults = run_apart(_try_all(relays))
    letting_in = [each for each, fault in zip(relays, faults, strict=True) if fault is None]
    if not letting_in:
        raise RelayUnusable(faults[0] or RelayFault.REFUSES_US, relays[0].row.name)
    return letting_in


def tried_relays() -> list[Tried]:
    """Try every configured relay for itself, in their order, whether another one works or not.

    Raises RelayUnusable where none is set, or where a DKIM key cannot be used.
    """
    relays = configured_relays()
    signing_keys()
    unlawful = [why_not(each) for each in relays]
    faults = run_apart(_try_all([each for each, fault in zip(relays, unlawful, strict=True) if fault is None]))
    shown = iter(faults)
    return [_tried(each, fault or next(shown)) for each, fault in zip(relays, unlawful, strict=True)]


def _tried(each: Usable, fault: RelayFault | None) -> Tried:
    relay = each.relay
    if fault or not isinstance(relay, Relay) or relay.security is Security.PLAIN:
        return Tried(each.row, fault, None)
    return Tried(each.row, None, _certificate_until(relay))


async def _try_all(relays: Sequence[Usable]) -> list[RelayFault | None]:
    return list(await asyncio.gather(*(_try(each.relay) for each in relays)))


async def _try(relay: SomeRelay) -> RelayFault | None:
    """Open one connection and say goodbye."""
    if isinstance(relay, ApiRelay):
        return await asyncio.to_thread(_fault_of_api, relay)
    hasty = replace(relay, timeouts=SHORT)
    transport = Transport(hasty)
    outcome = await transport.open()
    await transport.close()
    return None if outcome is None else await asyncio.to_thread(fault_of, outcome, hasty)


def _fault_of_api(relay: ApiRelay) -> RelayFault | None:
    """Ask the API for its address alone: any answer says that it is there, and nothing is sent."""
    import requests  # noqa: PLC0415  # heavy, and most relays speak SMTP

    try:
        requests.head(relay.open_backend().api_url, timeout=TIMEOUTS, allow_redirects=False)
    except RelayMisconfigured:
        return RelayFault.WRONG_CREDENTIALS
    except requests.exceptions.SSLError:
        return RelayFault.CERTIFICATE_UNTRUSTED
    except requests.exceptions.RequestException:
        return RelayFault.UNREACHABLE
    return None


def fault_of(outcome: Outcome, relay: Relay) -> RelayFault:
    """Name what keeps us from a relay."""
    if outcome.reason is Reason.TLS:
        return _tls_fault(relay)
    return FAULTS.get(outcome.reason, RelayFault.REFUSES_US)


def _tls_fault(relay: Relay) -> RelayFault:
    """Look again for what is wrong with the encryption: an Outcome keeps no details of certificates."""
    try:
        _shown_certificate(relay)
    except ssl.SSLCertVerificationError as fault:
        return _certificate_fault(fault.verify_code)
    except (OSError, smtplib.SMTPException):
        return RelayFault.NO_TLS
    return RelayFault.NO_TLS


def _certificate_until(relay: Relay) -> datetime | None:
    """Give the end of a relay's certificate; None where it isn't shown a second time."""
    try:
        until = _shown_certificate(relay)["notAfter"]
    except (OSError, smtplib.SMTPException, KeyError):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)


def _shown_certificate(relay: Relay) -> dict[str, Any]:
    """Open an encrypted connection and give the certificate that is shown; raises what ssl and smtplib raise."""
    wait, name = SHORT.connect, relay.ehlo_name
    if relay.security is Security.TLS:
        context = relay.tls_context()
        with smtplib.SMTP_SSL(relay.host, relay.port, local_hostname=name, timeout=wait, context=context) as secured:
            return _certificate_of(secured)
    with smtplib.SMTP(relay.host, relay.port, local_hostname=name, timeout=wait) as plain:
        plain.starttls(context=relay.tls_context())
        return _certificate_of(plain)


def _certificate_of(client: smtplib.SMTP) -> dict[str, Any]:
    return (client.sock.getpeercert() if isinstance(client.sock, ssl.SSLSocket) else None) or {}


def _certificate_fault(code: int) -> RelayFault:
    if code == CERTIFICATE_EXPIRED:
        return RelayFault.CERTIFICATE_EXPIRED
    return RelayFault.CERTIFICATE_OF_ANOTHER if code in CERTIFICATE_OF_ANOTHER else RelayFault.CERTIFICATE_UNTRUSTED
