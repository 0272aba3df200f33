"""A relay that is a processor's mail API, reached through django-anymail: its URL and its secrets.

    anymail+postmark:?secrets_file=/etc/luvalla/postmark.toml
    anymail+mailjet://api.eu.mailjet.com/v3.1/?secrets_file=/etc/luvalla/mailjet.toml

The word behind the plus is anymail's name of the API. A host, where one is given, is the API's own address, reached by
HTTPS, and by HTTP on this machine only. The file is TOML: anymail's settings of that API without its name, in lower
case, such as `server_token = "..."`; `webhook_secret = "name:word"` is what the API shows when it reports. Nothing of
it is ever written into the database.
"""

from __future__ import annotations

import importlib
import importlib.util
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from luvalla.sending.errors import RelayFault, RelayMisconfigured

SCHEME: Final = "anymail+"
OPTIONS: Final = frozenset({"secrets_file", "connections"})
NOT_FOR_LETTERS: Final = frozenset({"base", "base_requests", "test", "console"})
REPORTING: Final = frozenset({"postmark"})
"""APIs whose reports are read, and which are told each letter's mark."""
MARK: Final = "letter"
"""Under which name an API is told it."""
TIMEOUTS: Final = (10.0, 30.0)
"""Seconds to connect, and to wait for an answer."""


@dataclass(frozen=True, slots=True)
class ApiRelay:
    """A mail API. settings: what its backend takes, with the credentials."""

    backend: str
    host: str = ""
    """Empty for the API's usual address."""
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    connections: int = 4
    report_secret: str = field(default="", repr=False)
    """"name:word" with which it reports bounces and complaints; "" where it doesn't."""

    @property
    def can_report(self) -> bool:
        """Whether its reports are understood here."""
        return self.backend in REPORTING

    @property
    def on_loopback(self) -> bool:
        """Whether it answers on this machine: a stand-in, or a gateway of the organisation's own."""
        return is_loopback(self.host)

    def open_backend(self) -> Any:
        """Make anymail's backend. Raises RelayMisconfigured where the settings don't suffice."""
        from anymail.exceptions import AnymailConfigurationError  # noqa: PLC0415  # heavy, and most relays speak SMTP

        module = importlib.import_module(f"anymail.backends.{self.backend}")
        try:
            return module.EmailBackend(fail_silently=False, **{"requests_timeout": TIMEOUTS, **self.settings})
        except (AnymailConfigurationError, TypeError):
            raise RelayMisconfigured(RelayFault.CREDENTIALS) from None


def is_api_url(url: str) -> bool:
    """Tell whether a relay's URL is one of a mail API."""
    return url.strip().lower().startswith(SCHEME)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def read_api_url(url: str, *, read_text: Callable[[Path], str] = Path.read_text) -> ApiRelay:
    """Read the URL of a mail API. Raises RelayMisconfigured, without repeating it."""
    parts = _split(url)
    backend = parts.scheme.lower().removeprefix(SCHEME).replace("-", "_")
    if backend in NOT_FOR_LETTERS or not backend.isidentifier() or not _is_known(backend):
        raise RelayMisconfigured(RelayFault.SCHEME)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if set(options) - OPTIONS:
        raise RelayMisconfigured(RelayFault.OPTION)
    settings = _secrets(options.get("secrets_file", ""), read_text)
    secret = str(settings.pop("webhook_secret", ""))
    host = parts.hostname or ""
    if host:
        scheme = "http" if is_loopback(host) else "https"
        settings["api_url"] = f"{scheme}://{parts.netloc}{parts.path}"
    return ApiRelay(backend, host, settings, _number(options.get("connections", "4")), secret)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        has_credentials = parts.username is not None or (parts.port or 1) < 1
    except ValueError:
        raise RelayMisconfigured(RelayFault.NOT_A_URL) from None
    if has_credentials:
        raise RelayMisconfigured(RelayFault.CREDENTIALS)
    return parts


def _is_known(backend: str) -> bool:
    return importlib.util.find_spec(f"anymail.backends.{backend}") is not None


def _secrets(path: str, read_text: Callable[[Path], str]) -> dict[str, Any]:
    """Read the settings of the API from their file."""
    if not path:
        return {}
    try:
        return tomllib.loads(read_text(Path(path)))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError):
        raise RelayMisconfigured(RelayFault.PASSWORD_FILE) from None


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 64:  # noqa: PLR2004  # threads
        raise RelayMisconfigured(RelayFault.CONNECTIONS)
    return int(text)
