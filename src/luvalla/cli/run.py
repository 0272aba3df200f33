"""`luvalla run`: the web pages, background work and the receiver for mail that comes in, in one command."""

from __future__ import annotations

import os

import click

from luvalla.cli.django import set_up_django
from luvalla.cli.errors import Misconfigured
from luvalla.cli.keys import check_installation, check_open
from luvalla.cli.language import pgettext
from luvalla.cli.output import say


@click.command(help=pgettext("command", "Serve the public site and the staff interface."))
@click.option("--host", default="127.0.0.1", show_default=True, help=pgettext("command", "Address to listen on."))
@click.option("--port", default=8000, show_default=True, help=pgettext("command", "Port of the web pages."))
@click.option(
    "--web-processes",
    default=min(2, os.cpu_count() or 1),
    show_default=True,
    help=pgettext("command", "How many processes answer web requests."),
)
@click.option(
    "--receiver",
    default="127.0.0.1:2525",
    show_default=True,
    help=pgettext("command", "Where stop mails are received by SMTP; an empty value receives none."),
)
def command(host: str, port: int, web_processes: int, receiver: str) -> None:
    """Serve until the process is told to end."""
    set_up_django()
    from luvalla.cli.installation import make_database
    from luvalla.cli.serving import serve
    from luvalla.organisation.errors import NotSetUp
    from luvalla.organisation.queries import the_controller

    check_open()
    make_database()
    check_installation()
    try:
        controller = the_controller()
    except NotSetUp:
        message = pgettext("command", "No organisation is recorded yet. Run `luvalla init FILE.toml` first.")
        raise Misconfigured(message) from None
    sentence = pgettext("command", "%(name)s: http://%(host)s:%(port)s/ and http://%(host)s:%(port)s/staff/")
    served = sentence % {"name": controller.name, "host": host, "port": port}
    serve(host=host, port=port, web_processes=web_processes, receiver=receiver, tell=lambda: say(served))
