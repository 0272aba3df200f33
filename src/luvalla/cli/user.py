"""`luvalla user add|undertaking|directory|roles|close|list`: personal accounts, from the first day to the last."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import NotFound, Refused
from luvalla.cli.groups import WholeSentences
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, may_ask, print_json, print_line, print_table, say

if TYPE_CHECKING:
    from luvalla.people.models import User

LANGUAGES = ("fi", "sv", "en")


@click.group(cls=WholeSentences, help=pgettext("command", "Add, list and close personal accounts."))
def command() -> None:
    """Add, list and close personal accounts."""


@command.command(
    help=pgettext("command", "Add a personal account. It opens when an undertaking of secrecy is recorded.")
)
@click.argument("name")
@click.argument("email")
@click.option("--full-name", help=pgettext("command", "The person's name, as lists and the ledger show it."))
@click.option("--role", "roles", multiple=True, help=pgettext("command", "A role of the person; may be given again."))
@click.option("--language", type=click.Choice(LANGUAGES), default="fi", show_default=True)
@click.option(
    "--undertaking-signed",
    "signed_as",
    metavar="NAME",
    help=pgettext("command", "Record that the person has signed the undertaking of secrecy with this name."),
)
@click.option("--appointed-by", default="", metavar="NAME", help=pgettext("command", "Who appoints the person."))
@click.option("--work", default="", help=pgettext("command", "What work the person is appointed for."))
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help=pgettext("command", "The last day of the appointment (YYYY-MM-DD); until further notice if not given."),
)
@json_option
@with_django
def add(  # an account has these facts
    name: str,
    email: str,
    *,
    full_name: str | None,
    roles: tuple[str, ...],
    language: str,
    signed_as: str | None,
    as_json: bool,
    **appointment: Any,
) -> None:
    """Add an account and tell its first password, unless it was chosen at the terminal."""
    chosen = _ask_password() if may_ask() and not as_json else None
    first = chosen or secrets.token_urlsafe(12)
    user = _add(
        {"username": name, "email": email, "full_name": full_name or signed_as or name, "roles": roles,
         "language": language, "password": first}, signed_as, **appointment,
    )  # fmt: skip
    if as_json:
        print_json({**_document(user), "password": first})
        return
    print_line(pgettext("command", "%(name)s has an account.") % {"name": user.username})
    if chosen is None:
        print_line(pgettext("command", "Its password, shown only now: %(password)s") % {"password": first})
    if not user.is_active:
        say(pgettext("command", "It opens nothing before an undertaking of secrecy is recorded."))


@command.command(help=pgettext("command", "Record a person's signed undertaking of secrecy, or revoke it."))
@click.argument("name")
@click.option("--signed-as", metavar="NAME", help=pgettext("command", "The name the person signed with."))
@click.option("--revoke", metavar="REASON", help=pgettext("command", "Revoke the undertaking, and why."))
@click.option("--text", "show_text", is_flag=True, help=pgettext("command", "Only print the text to be signed."))
@click.option("--language", type=click.Choice(LANGUAGES), help=pgettext("command", "Language the text was read in."))
@json_option
@with_django
def undertaking(
    name: str, *, signed_as: str | None, revoke: str | None, show_text: bool, language: str | None, as_json: bool
) -> None:
    """Record or revoke an undertaking; revoking ends the person's sessions at once."""
    user = _find(name)
    if show_text:
        _print_text(language or user.language)
        return
    if bool(signed_as) == bool(revoke):
        message = pgettext("command", "Give either --signed-as NAME or --revoke REASON. Nothing was recorded.")
        raise click.UsageError(message)
    _record(user, signed_as, revoke, language or user.language)
    if as_json:
        print_json(_document(_find(name)))
    elif signed_as:
        print_line(pgettext("command", "The undertaking is recorded and the account is open."))
    else:
        print_line(pgettext("command", "The undertaking is revoked. The account is shut and its sessions have ended."))


@command.command(
    help=pgettext("command", "Let another name of the directory open a person's account by single sign-on.")
)
@click.argument("name")
@json_option
@with_django
def directory(name: str, *, as_json: bool) -> None:
    """Forget by which name the directory knows a person; its next sign-in with the mailbox says it anew."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.people.actions import forget_directory

    user = _find(name)
    forgotten = forget_directory(user=user, actor=OPERATOR)
    if as_json:
        print_json({**_document(user), "forgotten": forgotten})
    elif forgotten:
        print_line(pgettext("command", "The next sign-in from the directory with this mailbox opens the account."))
    else:
        print_line(pgettext("command", "The account was never opened from the directory. Nothing was changed."))


@command.command(help=pgettext("command", "Give a person exactly these roles."))
@click.argument("name")
@click.option("--role", "roles", multiple=True, help=pgettext("command", "A role of the person; may be given again."))
@json_option
@with_django
def roles(name: str, *, roles: tuple[str, ...], as_json: bool) -> None:
    """Give a person exactly these roles, from the next request on; none at all where none is named."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.people.actions import set_roles

    user = _find(name)
    with _sentences():
        set_roles(user=user, roles=roles, actor=OPERATOR)
    if as_json:
        print_json(_document(_find(name)))
        return
    said = pgettext("command", "%(name)s has these roles now: %(roles)s.") if roles else _without_roles()
    print_line(said % {"name": user.username, "roles": ", ".join(sorted(roles))})


def _without_roles() -> str:
    return pgettext("command", "%(name)s has no role now.")


@command.command(help=pgettext("command", "Close the account of a person who leaves, for good."))
@click.argument("name")
@click.option("--reason", required=True, help=pgettext("command", "Why; the reason goes to the ledger."))
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help=pgettext("command", "The day on which it shuts (YYYY-MM-DD); today if not given."),
)
@json_option
@with_django
def close(name: str, *, reason: str, day: datetime | None, as_json: bool) -> None:
    """Close an account for good: its sessions end and its mailboxes are taken away, today or on a day to come."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.people.actions import close_account

    user = _find(name)
    with _sentences():
        ended = close_account(user=user, reason=reason, left_on=day.date() if day else None, actor=OPERATOR)
    if as_json:
        print_json({**_document(_find(name)), "sessions_ended": ended})
    elif user.is_active:
        said = pgettext("command", "The account of %(name)s shuts for good on %(day)s.")
        print_line(said % {"name": user.username, "day": user.left_on})
    else:
        print_line(pgettext("command", "The account of %(name)s is shut for good.") % {"name": user.username})


@command.command("list", help=pgettext("command", "List the accounts and whether they are open."))
@json_option
@with_django
def list_accounts(*, as_json: bool) -> None:
    """List the accounts."""
    from luvalla.people.queries import accounts

    documents = [_document(each) for each in accounts()]
    if as_json:
        print_json({"accounts": documents})
        return
    headings = (
        pgettext("command", "Account"),
        pgettext("command", "Name"),
        pgettext("command", "Employer"),
        pgettext("command", "Roles"),
        pgettext("command", "Open"),
        pgettext("command", "Undertaking until"),
    )
    rows = [
        (
            each["username"],
            each["full_name"],
            each["employer"] or "–",
            ", ".join(each["roles"]),
            _standing(each["closed_by"]),
            each["until"] or "–",
        )
        for each in documents
    ]
    print_table(headings, rows)


def _ask_password() -> str | None:
    """Ask for a password at the terminal; an empty answer has one made."""
    prompt = pgettext("command", "Password of at least 12 characters (empty: one is made)")
    again = pgettext("command", "The same again")
    given: str = click.prompt(
        prompt, default="", show_default=False, hide_input=True, err=True, confirmation_prompt=again
    )
    return given or None


def _add(facts: dict[str, Any], signed_as: str | None, *, appointed_by: str, work: str, until: datetime | None) -> User:
    from django.db import transaction

    from luvalla.ledger.actors import OPERATOR
    from luvalla.people.actions import Appointment, add_user, record_undertaking

    appointment = Appointment(appointed_by, work, until=until.date() if until else None)
    with transaction.atomic(), _sentences():
        user = add_user(**facts, appointment=appointment, actor=OPERATOR)
        if signed_as:
            record_undertaking(user=user, typed_name=signed_as, language=user.language, actor=OPERATOR)
    return user


def _record(user: User, signed_as: str | None, reason: str | None, language: str) -> None:
    from luvalla.ledger.actors import OPERATOR
    from luvalla.people.actions import record_undertaking, revoke_undertaking

    with _sentences():
        if signed_as:
            record_undertaking(user=user, typed_name=signed_as, language=language, actor=OPERATOR)
        else:
            revoke_undertaking(user=user, reason=reason or "", actor=OPERATOR)


def _find(name: str) -> User:
    from luvalla.people.queries import user_named

    user = user_named(name)
    if user is None:
        raise NotFound(pgettext("command", "There is no account %(name)s.") % {"name": name})
    return user


def _document(user: User) -> dict[str, Any]:
    from luvalla.people.queries import roles_of, why_closed

    closed = why_closed(user)
    return {
        "username": user.username,
        "full_name": user.full_name,
        "roles": [role.value for role in roles_of(user)],
        "open": closed is None,
        "closed_by": closed.value if closed else None,
        "employer": user.employer.name if user.employer else None,
        "until": user.undertaking.valid_until.date() if user.undertaking else None,
    }


def _standing(closed_by: str | None) -> str:
    """Say whether an account is open, or why it isn't."""
    return {
        None: pgettext("command", "yes"),
        "switched_off": pgettext("command", "no: shut"),
        "no_undertaking": pgettext("command", "no: not signed yet"),
        "undertaking_expired": pgettext("command", "no: the undertaking has run out"),
        "undertaking_revoked": pgettext("command", "no: the undertaking was revoked"),
        "contract_ended": pgettext("command", "no: the employer's contract has ended"),
        "appointment_ended": pgettext("command", "no: the appointment has ended"),
        "left": pgettext("command", "no: left"),
    }[closed_by]


def _print_text(language: str) -> None:
    from luvalla.people.texts import shipped_text

    print_line(shipped_text(language))


@contextmanager
def _sentences() -> Iterator[None]:
    """Say in a sentence what the people room refuses."""
    from luvalla.people import errors

    try:
        yield
    except errors.SharedName as fault:
        sentence = pgettext(
            "command",
            "%(name)s stands for an office, not for one person. Each account is one person's. Nothing was added.",
        )
        raise Refused(sentence % {"name": fault.name}) from None
    except errors.AccountExists:
        raise Refused(pgettext("command", "The name or mailbox already has an account. Nothing was added.")) from None
    except errors.WeakPassword as fault:
        sentence = pgettext("command", "%(reasons)s Nothing was added.")
        raise Refused(sentence % {"reasons": fault}) from None
    except errors.UnknownRole as fault:
        sentence = pgettext("command", "There is no such role: %(role)s. The roles are: %(roles)s. Nothing was added.")
        raise Refused(sentence % {"role": fault, "roles": ", ".join(_roles())}) from None
    except errors.NotTheirName:
        sentence = pgettext(
            "command", "The undertaking is signed with the person's own full name. Nothing was recorded."
        )
        raise Refused(sentence) from None
    except errors.HasLeft:
        raise Refused(pgettext("command", "The person has left already. Nothing was changed.")) from None
    except errors.UndertakingMissing:
        sentence = pgettext("command", "There is no undertaking in force. Nothing was changed.")
        raise Refused(sentence) from None


def _roles() -> list[str]:
    from luvalla.people.models import Role

    return [role.value for role in Role]
