"""`luvalla authorities list|compared`: the supervisory authorities, and that somebody looked at their own pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import Misconfigured, NotFound, Refused
from luvalla.cli.groups import WholeSentences
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line, print_table

if TYPE_CHECKING:
    from luvalla.organisation.authorities import Authority

DAY = click.DateTime(["%Y-%m-%d"])


@click.group(
    cls=WholeSentences,
    help=pgettext("command", "List the supervisory authorities, and note when their pages were looked at."),
)
def command() -> None:
    """List the supervisory authorities, and note when their pages were looked at."""


@command.command("list", help=pgettext("command", "List the authorities with the day each was compared with its page."))
@json_option
@with_django
def list_authorities(*, as_json: bool) -> None:
    """List the authorities."""
    from luvalla.organisation.authorities import authorities

    known = list(authorities().values())
    if as_json:
        print_json({"authorities": [_document(each) for each in known]})
        return
    headings = ("", pgettext("command", "Authority"), pgettext("command", "Page"), pgettext("command", "Compared"))
    print_table(
        headings,
        [(each.country, each.names["en"], each.website, each.verified_on or pgettext("command", "never"))
         for each in known],
    )  # fmt: skip


@command.command(
    help=pgettext(
        "command",
        "Note that a person has compared the authorities of these countries with their own pages. --correct says what "
        "the page of a single one says otherwise.",
    )
)
@click.argument("countries", nargs=-1, metavar="COUNTRY...")
@click.option("--all", "every", is_flag=True, help=pgettext("command", "All authorities of the list."))
@click.option("--by", "name", required=True, help=pgettext("command", "User name of the person who looked."))
@click.option("--on", "day", type=DAY, required=True, help=pgettext("command", "Day of looking, as 2026-11-29."))
@click.option("--page", default="", help=pgettext("command", "The page, if it isn't the authority's website."))
@click.option("--correct", multiple=True, metavar="FIELD=TEXT", help=pgettext("command", "What the page says."))
@json_option
@with_django
def compared(  # what is noted of a comparison
    countries: tuple[str, ...], *, every: bool, name: str, day: datetime, page: str, correct: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Note the comparison of all that are named, or of none."""
    from django.db import transaction

    from luvalla.organisation.authorities import authorities
    from luvalla.organisation.comparing import note_comparison
    from luvalla.organisation.errors import NoAuthority, NotInOrder

    wanted, details = list(authorities()) if every else [each.upper() for each in countries], _details(correct)
    if not wanted or (len(wanted) > 1 and (page or details)):
        message = pgettext("command", "Name the countries, or --all; --page and --correct go with a single one.")
        raise Misconfigured(message)
    actor = _person(name)
    try:
        with transaction.atomic():
            for each in wanted:
                note_comparison(country=each, compared_on=day.date(), actor=actor, page=page, details=details)
    except NoAuthority as unknown:
        raise NotFound(pgettext("command", "There is no authority for %(country)s.") % {"country": unknown}) from None
    except NotInOrder as fault:
        raise Refused(str(fault)) from None
    _tell(wanted, day.date(), as_json=as_json)


def _details(correct: tuple[str, ...]) -> dict[str, str]:
    return {name.strip(): text for name, _, text in (each.partition("=") for each in correct)}


def _person(name: str) -> Any:
    """Give the person as the ledger names them: the register owner, the officer or the administrator."""
    from luvalla.people.queries import actor_of, may, user_named

    user = user_named(name)
    if user is None:
        raise NotFound(pgettext("command", "There is no account %(name)s.") % {"name": name})
    if not (may(user, "change_settings") or may(user, "give_opinion")):
        message = pgettext(
            "command",
            "The register owner, the data protection officer or the administrator compares. Nothing was noted.",
        )
        raise Refused(message)
    return actor_of(user)


def _tell(countries: list[str], day: date, *, as_json: bool) -> None:
    if as_json:
        print_json({"countries": countries, "compared_on": day.isoformat()})
        return
    said = pgettext("command", "%(countries)s: compared on %(day)s.")
    print_line(said % {"countries": ", ".join(countries), "day": day})


def _document(each: Authority) -> dict[str, Any]:
    seen = each.verified_on.isoformat() if each.verified_on else None
    return {"country": each.country, "name": each.names["en"], **each.details(), "compared_on": seen}
