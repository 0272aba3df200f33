"""What an installation is told from outside: its home, its database, its relay, its secret. Knows no framework.

Every value is read from the environment first, then from LUVALLA_HOME/luvalla.toml (the same names in lower case
without the prefix), then has a default.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

CHECKOUT: Final = Path(__file__).resolve().parents[3]
SQLITE_OPTIONS: Final[dict[str, Any]] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    # Nothing is sorted or spilled into files, and what is deleted is overwritten.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
        "PRAGMA secure_delete=ON; PRAGMA cache_size=-65536;"
    ),
}

POOL: Final = {"min_size": 1, "max_size": 40, "max_idle": 60.0}
"""For a process that answers pages: a connection for each of its threads at most, given up after a minute (seconds)
without use. A new one would cost PostgreSQL a process, which takes longer than most answers."""


LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class ConfigurationError(Exception):
    """A setting cannot be used as it is. The message names the setting and what it should look like."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of one installation."""

    home: Path
    database_url: str
    smtp_url: str
    smtp_password_file: str
    base_url: str
    language: str
    debug: bool
    erasures: str = ""
    erasures_copy: str = ""
    dkim: str = ""
    metrics_token: str = ""
    """What a reader of /metrics from another machine has to show; without one only this machine may read."""
    backup_recipients: str = ""
    """Age recipients for whom backups are encrypted."""
    backup_passphrase_file: str = ""
    second_factor: bool = True
    """Whether those who can reach addresses must have a second factor; False only for a demonstration."""
    oidc_issuer: str = ""
    """Address of the organisation's own OpenID provider; empty: there is no single sign-on."""
    oidc_client_id: str = ""
    oidc_client_secret_file: str = ""
    oidc_name: str = ""
    trusted_proxies: str = ""
    """Addresses and networks of the proxies on other machines whose word on the caller's address counts."""
    scanner: str = ""
    """Where the virus scanner clamd listens on this machine; empty: there is none."""
    acknowledgements_an_hour: int = 60
    """How many requests that come by mail from unproven senders are acknowledged by themselves within an hour."""
    mail_checked_by: str = ""
    """The name under which the organisation's own mail server writes Authentication-Results; empty: none is trusted."""
    serves: bool = False
    """Whether this process answers pages, request after request."""

    def oidc_client(self) -> dict[str, Any] | None:
        """The client of single sign-on as allauth takes it; ConfigurationError when its secret's file can't be read."""
        if not self.oidc_issuer:
            return None
        try:
            secret = Path(self.oidc_client_secret_file).read_text(encoding="utf-8").strip()
        except OSError:
            message = "LUVALLA_OIDC_CLIENT_SECRET_FILE should name a file that holds the client's secret"
            raise ConfigurationError(message) from None
        return {
            "provider_id": "directory",
            "name": self.oidc_name or urlsplit(self.oidc_issuer).hostname,
            "client_id": self.oidc_client_id,
            "secret": secret,
            "settings": {"server_url": self.oidc_issuer, "oauth_pkce_enabled": True},
        }

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The proxies on other machines; ConfigurationError for what is neither an address nor a network."""
        try:
            return tuple(ip_network(each) for each in self.trusted_proxies.replace(",", " ").split())
        except ValueError:
            message = "LUVALLA_TRUSTED_PROXIES should hold addresses or networks, such as 192.0.2.10 or 192.0.2.0/28"
            raise ConfigurationError(message) from None

    @property
    def scanner_place(self) -> str | tuple[str, int] | None:
        """The path or the loopback address of clamd; ConfigurationError for anything else."""
        parts = urlsplit(self.scanner)
        if not self.scanner:
            return None
        if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc:
            return unquote(parts.path)
        if parts.scheme == "tcp" and parts.hostname in LOOPBACK and parts.port:
            return parts.hostname, parts.port
        message = "LUVALLA_SCANNER should look like unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310, on this machine"
        raise ConfigurationError(message)

    @property
    def dkim_folder(self) -> Path:
        """Where the keys lie that sign letters."""
        return Path(self.dkim).expanduser() if self.dkim else self.home / "keys" / "dkim"

    @property
    def database(self) -> dict[str, Any]:
        """The database as Django takes it."""
        database = database_settings(self.database_url, self.home)
        if self.serves and database["ENGINE"].endswith("postgresql"):
            database |= {"OPTIONS": {**database["OPTIONS"], "pool": POOL}, "CONN_HEALTH_CHECKS": True}
        return database


def read_environment(given: Mapping[str, str] | None = None) -> Environment:
    """Read the settings; ConfigurationError when the file in the home folder isn't TOML."""
    environment = os.environ if given is None else given
    home = Path(environment.get("LUVALLA_HOME") or _default_home()).expanduser().resolve()
    file = _read_file(home / "luvalla.toml")

    def setting(name: str, default: str = "") -> str:
        return environment.get(f"LUVALLA_{name.upper()}") or str(file.get(name, default))

    return Environment(
        home=home,
        database_url=setting("database_url", f"sqlite:///{home / 'luvalla.sqlite3'}"),
        smtp_url=setting("smtp_url"),
        smtp_password_file=setting("smtp_password_file"),
        base_url=setting("base_url"),
        language=setting("language"),
        debug=setting("debug") in {"1", "true", "True"},
        erasures=setting("erasures"),
        erasures_copy=setting("erasures_copy"),
        dkim=setting("dkim"),
        metrics_token=setting("metrics_token"),
        backup_recipients=setting("backup_recipients"),
        backup_passphrase_file=setting("backup_passphrase_file"),
        second_factor=setting("second_factor", "required") != "optional",
        oidc_issuer=setting("oidc_issuer"),
        oidc_client_id=setting("oidc_client_id"),
        oidc_client_secret_file=setting("oidc_client_secret_file"),
        oidc_name=setting("oidc_name"),
        trusted_proxies=setting("trusted_proxies"),
        scanner=setting("scanner"),
        acknowledgements_an_hour=_number(setting("acknowledgements_an_hour", "60"), "LUVALLA_ACKNOWLEDGEMENTS_AN_HOUR"),
        mail_checked_by=setting("mail_checked_by").strip(),
        serves="LUVALLA_SERVER_PID" in environment,
    )


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        message = f"{name} should be a whole number, 0 or more"
        raise ConfigurationError(message)
    return int(text)


def database_settings(url: str, home: Path) -> dict[str, Any]:
    """Turn sqlite:///PATH or postgresql://user:password@host:port/name?option=value into Django's settings."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = Path(unquote(parts.path))
        place = path if parts.path.startswith("/") and path.is_absolute() else home / path
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(place), "OPTIONS": SQLITE_OPTIONS}
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    message = "LUVALLA_DATABASE_URL should look like sqlite:///path/file.sqlite3 or postgresql://user@host/name"
    raise ConfigurationError(message)


def secret_key(home: Path) -> str:
    """Give Django's secret: from LUVALLA_SECRET_KEY or the home folder, made there at first use (0600)."""
    given = os.environ.get("LUVALLA_SECRET_KEY")
    place = home / "keys" / "secret"
    if given:
        return given
    if not place.exists():
        for folder in (home, place.parent):  # a mode is given to the last folder of a path only
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return place.read_text(encoding="ascii")
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
    return place.read_text(encoding="ascii")


def _default_home() -> Path:
    """Beside a checkout its own folder; installed as a package, one in the user's home."""
    return CHECKOUT / "home" if (CHECKOUT / "pyproject.toml").exists() else Path.home() / ".luvalla"


def _read_file(place: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as fault:
        message = f"luvalla.toml in the home folder is not valid TOML: {fault}"
        raise ConfigurationError(message) from None
