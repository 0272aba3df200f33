"""`luvalla dkim DOMAIN SELECTOR`: makes a key that signs letters, and prints the record for the DNS."""

from __future__ import annotations

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import Refused
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, say


@click.command(help=pgettext("command", "Make a DKIM key for the letters, and show its record for the DNS."))
@click.argument("domain")
@click.argument("selector")
@click.option(
    "--algorithm",
    type=click.Choice(["rsa", "ed25519"]),
    default="rsa",
    show_default=True,
    help=pgettext("command", "The kind of key; not all receivers know Ed25519 yet."),
)
@json_option
@with_django
def command(domain: str, selector: str, *, algorithm: str, as_json: bool) -> None:
    """Write the key where letters find it; an existing one is only shown again."""
    from django.conf import settings

    from luvalla.mailroom.signing import make_key

    is_ed25519 = algorithm == "ed25519"
    made = make_key(settings.LUVALLA_DKIM, domain=domain.lower(), selector=selector, is_ed25519=is_ed25519)
    if made is None:
        raise Refused(
            pgettext("dkim", "Domain and selector are names such as esimerkki.fi and luvalla1. Nothing was made.")
        )
    if as_json:
        print_json({"file": str(made.place), "name": made.name, "type": "TXT", "value": made.record})
        return
    say(pgettext("dkim", "The key lies in %(place)s. Publish this record, then send:") % {"place": made.place})
    click.echo(f'{made.name}. TXT "{made.record}"')
