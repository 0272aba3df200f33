"""The demo's stage: a home folder of its own, the example organisation, and a receiver that sees every mail."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from luvalla.cli.django import set_up_django
from luvalla.cli.errors import Misconfigured
from luvalla.cli.language import pgettext
from luvalla.config.environment import read_environment
from luvalla.mailroom.catching import CaughtMail, MailCatcher

MARK: Final = "demo"
"""A file in the home folder that says: this is a demo's, and may be made anew."""
CHECKOUT: Final = Path(__file__).resolve().parents[4]
EXAMPLE: Final = "organisation.toml"


class Stage:
    """Enter it to have a fresh demo installation; everything after works on that."""

    def __init__(self, port: int, folder: Path) -> None:
        """Take the port of the web pages, for stop links, and a folder for the export."""
        self.port = port
        self.folder = folder
        self.passwords: dict[str, str] = {}
        self._catcher = MailCatcher()

    @property
    def home(self) -> Path:
        """The demo's home folder."""
        return read_environment().home

    def __enter__(self) -> Self:
        """Start the receiver and make the installation."""
        self._catcher.__enter__()
        try:
            self._prepare()
        except BaseException:
            self._catcher.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the receiver; the home folder stays to be looked at."""
        self._catcher.__exit__(kind, fault, trace)

    def command(self, *arguments: str) -> Any:
        """Run one of our own commands with --json in this process and give its document."""
        from luvalla.cli.main import program

        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            program.main([*arguments, "--json"], prog_name="luvalla", standalone_mode=False)
        return json.loads(output.getvalue())

    def received(self, since: int = 0) -> list[CaughtMail]:
        """Give the mails received from that number on."""
        return self._catcher.caught(since)

    def _prepare(self) -> None:
        os.environ.setdefault("LUVALLA_HOME", str(_demo_home()))
        os.environ["LUVALLA_SMTP_URL"] = self._catcher.url
        os.environ["LUVALLA_BASE_URL"] = f"http://127.0.0.1:{self.port}"
        os.environ.setdefault("LUVALLA_SECOND_FACTOR", "optional")  # nobody wants to fetch a telephone for a demo
        was_demo = _clear_home(self.home)
        set_up_django()
        from luvalla.cli.installation import install, make_database, make_home, read_document

        _clear_database(was_demo=was_demo)
        make_home(self.home)
        (self.home / MARK).write_text(_database_mark(), encoding="ascii")
        make_database()
        document = read_document(_example())
        document["controller"]["base_url"] = f"http://127.0.0.1:{self.port}"
        install(document)
        self.passwords = _give_passwords()


def _demo_home() -> Path:
    return CHECKOUT / "home-demo" if (CHECKOUT / "pyproject.toml").exists() else Path.home() / ".luvalla-demo"


def _example() -> Path:
    """Find the shipped document: beside a checkout, or inside the installed package."""
    beside = CHECKOUT / "examples" / EXAMPLE
    return beside if beside.exists() else Path(__file__).resolve().parents[2] / "examples" / EXAMPLE


def _clear_home(home: Path) -> bool:
    """Empty an earlier demo's home and tell whether it was one on this database; refuse anybody else's."""
    mark = home / MARK
    if home.exists() and any(home.iterdir()) and not mark.exists():
        message = pgettext(
            "command", "%(home)s holds something that is no demo. Nothing was changed; choose another LUVALLA_HOME."
        )
        raise Misconfigured(message % {"home": home})
    was_demo = mark.exists() and mark.read_text(encoding="ascii") == _database_mark()
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700, parents=True)
    return was_demo


def _database_mark() -> str:
    return sha256(read_environment().database_url.encode()).hexdigest()


def _clear_database(*, was_demo: bool) -> None:
    """Make room in a PostgreSQL database that an earlier demo has filled; a database of somebody else's is refused."""
    from django.db import connection

    tables = connection.introspection.table_names()
    if not tables:
        return
    if not was_demo:
        message = pgettext(
            "command", "The database holds something that is no demo. Nothing was changed; give an empty one."
        )
        raise Misconfigured(message)
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"drop table if exists {connection.ops.quote_name(table)} cascade")


def _give_passwords() -> dict[str, str]:
    import secrets

    from luvalla.ledger.actors import OPERATOR
    from luvalla.people.actions import set_password
    from luvalla.people.models import User

    passwords = {user.username: secrets.token_urlsafe(12) for user in User.objects.order_by("pk")}
    for name, password in passwords.items():
        set_password(user=User.objects.get(username=name), password=password, actor=OPERATOR)
    return passwords
