"""A relay written as a URL: smtp://, smtps:// or smtp+starttls://, with credentials and options."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from luvalla.sending.errors import RelayFault, RelayMisconfigured
from luvalla.sending.relay import Relay, Security

_SCHEMES: Final = {
    "smtp": (Security.PLAIN, 25),
    "smtps": (Security.TLS, 465),
    "smtp+starttls": (Security.STARTTLS, 587),
}
_NUMBERS: Final = frozenset({"connections", "window", "user_timeout_ms"})
_OPTIONS: Final = _NUMBERS | {"password_file", "ca_file", "ehlo_name", "pipelining"}


def read_relay_url(url: str, *, read_text: Callable[[Path], str] = Path.read_text) -> Relay:
    """Read a relay's URL; RelayMisconfigured says what is wrong with it, without repeating it: it may hold a password.

    smtp://HOST[:PORT]           plain, port 25
    smtps://HOST[:PORT]          TLS from the first byte, port 465
    smtp+starttls://HOST[:PORT]  TLS after STARTTLS, port 587; refused where the server doesn't offer it

    USER:PASSWORD@ before the host, percent-encoded. After "?": password_file=PATH (its first line), ca_file=PATH (the
    certificates to trust instead of the system's), ehlo_name, connections, window, user_timeout_ms, pipelining=no.
    """
    parts = _split(url)
    security, port = _SCHEMES[parts.scheme.lower()]
    options = _options(parts.query)
    relay = Relay(
        host=_host(parts),
        port=_port(parts, port),
        security=security,
        username=unquote(parts.username or ""),
        password=_password(parts, options.pop("password_file", ""), read_text),
    )
    return replace(relay, **_settings(options))


def _split(url: str) -> SplitResult:
    """Cut the URL and refuse what a relay's URL never has."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise RelayMisconfigured(RelayFault.NOT_A_URL) from None
    if parts.scheme.lower() not in _SCHEMES:
        raise RelayMisconfigured(RelayFault.SCHEME)
    if parts.path not in ("", "/") or parts.fragment:
        raise RelayMisconfigured(RelayFault.PATH)
    return parts


def _host(parts: SplitResult) -> str:
    """Give the host, an international name as its A-labels."""
    host = unquote(parts.hostname or "")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise RelayMisconfigured(RelayFault.HOST) from None


def _port(parts: SplitResult, default: int) -> int:
    """Give the port, or the scheme's own."""
    try:
        return default if parts.port is None else parts.port
    except ValueError:
        raise RelayMisconfigured(RelayFault.PORT) from None


def _options(query: str) -> dict[str, str]:
    """Read what stands after the question mark; each option once, none unknown."""
    pairs = parse_qsl(query, keep_blank_values=True)
    options = dict(pairs)
    if set(options) - _OPTIONS or len(options) < len(pairs):
        raise RelayMisconfigured(RelayFault.OPTION)
    return options


def _password(parts: SplitResult, path: str, read_text: Callable[[Path], str]) -> str:
    """Give the password of the URL, or the first line of the file that holds it."""
    if not path:
        return unquote(parts.password or "")
    if parts.password is not None:
        raise RelayMisconfigured(RelayFault.PASSWORD_TWICE)
    try:
        return (read_text(Path(path)).splitlines() or [""])[0]
    except (OSError, UnicodeError):
        raise RelayMisconfigured(RelayFault.PASSWORD_FILE) from None


def _settings(options: dict[str, str]) -> dict[str, Any]:
    """Turn the other options into a relay's settings."""
    settings: dict[str, Any] = {}
    for name, value in options.items():
        if name in _NUMBERS:
            settings[name] = _number(value)
        elif name == "pipelining":
            settings[name] = value.lower() not in ("no", "false", "0", "off")
        elif name == "ca_file":
            settings["tls_context"] = _trusting(value)
        else:
            settings[name] = value
    return settings


def _number(value: str) -> int:
    """Read a whole number."""
    if not (value.isascii() and value.isdecimal()) or len(value) > 9:
        raise RelayMisconfigured(RelayFault.NUMBER)
    return int(value)


def _trusting(ca_file: str) -> Callable[[], ssl.SSLContext]:
    """Make contexts that check certificates against this file; read now, so that a wrong path is said at the start."""
    try:
        ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError):
        raise RelayMisconfigured(RelayFault.CA_FILE) from None
    return lambda: ssl.create_default_context(cafile=ca_file)
