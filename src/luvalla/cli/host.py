"""`luvalla host add|close|list`: the hosts that requests may go out to."""

from __future__ import annotations

from typing import Any

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import NotFound, Refused
from luvalla.cli.groups import WholeSentences
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line, print_table


@click.group(cls=WholeSentences, help=pgettext("command", "Say which hosts requests may go out to."))
def command() -> None:
    """Say which hosts requests may go out to."""


@command.command(help=pgettext("command", "Let requests go out to a host: a webhook's, or the sign-in directory's."))
@click.argument("host")
@click.option("--port", type=click.IntRange(1, 65535), default=443, show_default=True)
@click.option("--country", required=True, help=pgettext("command", "Where it stands, as two letters."))
@click.option("--for", "what_for", required=True, metavar="WORDS", help=pgettext("command", "What it is asked for."))
@click.option("--processor", "owner", metavar="NAME", help=pgettext("command", "The processor it belongs to."))
@click.option("--inside", is_flag=True, help=pgettext("command", "It stands in the organisation's own network."))
@json_option
@with_django
def add(  # what is declared of a host
    host: str, *, port: int, country: str, what_for: str, owner: str | None, inside: bool, as_json: bool
) -> None:
    """Declare a host."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.organisation.actions import declare_host
    from luvalla.organisation.errors import NotInOrder
    from luvalla.organisation.models import Processor

    processor = Processor.objects.filter(name=owner).first() if owner else None
    if owner and processor is None:
        raise NotFound(pgettext("command", "There is no processor %(name)s.") % {"name": owner})
    try:
        row = declare_host(
            host=host, port=port, country=country, what_for=what_for, processor=processor, is_inside=inside,
            actor=OPERATOR,
        )  # fmt: skip
    except NotInOrder as fault:
        raise Refused(str(fault)) from None
    if as_json:
        print_json(_document(row))
    else:
        print_line(pgettext("command", "Requests may go out to %(host)s.") % {"host": row})


@command.command(help=pgettext("command", "Let no request go out to a host any more."))
@click.argument("host")
@click.option("--port", type=click.IntRange(1, 65535), default=443, show_default=True)
@json_option
@with_django
def close(host: str, *, port: int, as_json: bool) -> None:
    """Close a host."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.organisation.actions import close_host
    from luvalla.organisation.queries import outgoing_hosts

    row = outgoing_hosts().filter(host=host.lower(), port=port).first()
    if row is None:
        raise NotFound(pgettext("command", "There is no host %(host)s on the list.") % {"host": f"{host}:{port}"})
    close_host(host=row, actor=OPERATOR)
    if as_json:
        print_json(_document(row))
    else:
        print_line(pgettext("command", "No request goes out to %(host)s any more.") % {"host": row})


@command.command("list", help=pgettext("command", "List the hosts that requests may go out to."))
@json_option
@with_django
def list_hosts(*, as_json: bool) -> None:
    """List the hosts."""
    from luvalla.organisation.queries import outgoing_hosts

    rows = [_document(each) for each in outgoing_hosts()]
    if as_json:
        print_json({"hosts": rows})
        return
    headings = (
        pgettext("command", "Host"), pgettext("command", "Country"), pgettext("command", "Processor"),
        pgettext("command", "What for"),
    )  # fmt: skip
    print_table(
        headings, [(each["host"], each["country"], each["processor"] or "–", each["what_for"]) for each in rows]
    )


def _document(row: Any) -> dict[str, Any]:
    return {
        "host": str(row),
        "country": row.country,
        "what_for": row.what_for,
        "processor": row.processor.name if row.processor else None,
        "inside": row.is_inside,
        "open": row.closed_at is None,
    }
