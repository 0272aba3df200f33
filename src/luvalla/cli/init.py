"""`luvalla init FILE.toml`: keys, database, and everything the organisation's document says."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from luvalla.cli.django import set_up_django
from luvalla.cli.errors import Misconfigured, Refused
from luvalla.cli.key_care import print_kit
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line, print_table, say


@click.command(help=pgettext("command", "Make an installation from an organisation's document."))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def command(file: Path, *, as_json: bool) -> None:
    """Make the installation and tell the passwords of its accounts, once."""
    set_up_django()
    from django.conf import settings

    home = Path(settings.LUVALLA_HOME)
    passwords = _make(file, home)
    if as_json:
        accounts = [{"username": name, "password": password} for name, password in passwords.items()]
        print_json({"home": str(home), "keys": str(home / "keys"), "accounts": accounts})
        return
    print_line(pgettext("command", "The installation is in %(home)s.") % {"home": home})
    headings = (pgettext("command", "Account"), pgettext("command", "Password, shown only now"))
    print_table(headings, list(passwords.items()))
    sentence = pgettext(
        "command",
        "The keys are in %(keys)s. Copy that folder to a safe place of its own, apart from the backups: "
        "without the keys not one address can be opened, and with them all can.",
    )
    say(sentence % {"keys": home / "keys"})
    print_kit()


def _make(file: Path, home: Path) -> dict[str, str]:
    from luvalla.cli.installation import install, make_database, make_home, read_document
    from luvalla.organisation.errors import NotInOrder
    from luvalla.organisation.models import Controller

    try:
        document = read_document(file)
        say(pgettext("command", "Making the home folder and the database. This takes a moment."))
        make_home(home)
        make_database()
        if Controller.objects.exists():
            message = pgettext("command", "There is an installation in %(home)s already. Nothing was changed.")
            raise Refused(message % {"home": home})
        install(document)
    except NotInOrder as fault:
        message = pgettext("command", "The document can't be used: %(fault)s. Nothing was recorded.")
        raise Misconfigured(message % {"fault": fault}) from None
    return _set_passwords(document)


def _set_passwords(document: dict[str, Any]) -> dict[str, str]:
    """Give each account of the document a password that nobody has chosen."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.people.actions import set_password
    from luvalla.people.models import User

    passwords = {each["username"]: secrets.token_urlsafe(12) for each in document.get("account", ())}
    for name, password in passwords.items():
        set_password(user=User.objects.get(username=name), password=password, actor=OPERATOR)
    return passwords
