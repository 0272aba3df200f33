"""`luvalla show`, `withdraw`, `restrict` and `erase`: what is kept about an address, and its stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from luvalla.cli.addresses import read_address
from luvalla.cli.django import with_django
from luvalla.cli.errors import NotFound, Refused, TryAgain
from luvalla.cli.language import npgettext, pgettext
from luvalla.cli.output import json_option, print_json, print_line, print_table, say

if TYPE_CHECKING:
    from luvalla.register.models import Contact
    from luvalla.register.stop import StopAnswer
    from luvalla.rules.address import Address

CHANNEL: Final = "command_line"
address_argument: Callable[[Callable[..., Any]], Callable[..., Any]] = click.argument("address")


@click.command(help=pgettext("command", "Show what is kept about an address. Give - to read it from standard input."))
@address_argument
@click.option("--reason", default=CHANNEL, help=pgettext("command", "Why it is looked at; stands in the ledger."))
@json_option
@with_django
def show(address: str, *, reason: str, as_json: bool) -> None:
    """Print everything that the register and the other stores keep, and leave a row in the ledger."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.register.actions import show_person
    from luvalla.rules.purposes import LookedAtFor

    stores = show_person(address=read_address(address), purpose=LookedAtFor.REQUEST, reason=reason, actor=OPERATOR)
    document = {store: [_found(each) for each in found] for store, found in stores.items()}
    if not any(document.values()):
        raise NotFound(pgettext("command", "Nothing is kept about this address."))
    if as_json:
        print_json({"stores": document})
        return
    headings = (pgettext("command", "Store"), pgettext("command", "Kept"), pgettext("command", "Since"), "")
    rows = [
        (store, each["kind"], each["at"] or "", _line(each["content"]))
        for store in document
        for each in document[store]
    ]
    print_table(headings, rows)


@click.command(help=pgettext("command", "Withdraw the permission of an address and erase it from all stores."))
@address_argument
@json_option
@with_django
def withdraw(address: str, *, as_json: bool) -> None:
    """Withdraw; returns when no letter can start any more."""
    from luvalla.register import stop

    _carry_out(stop.withdraw, address, as_json=as_json)


@click.command(help=pgettext("command", "Erase an address from all stores."))
@address_argument
@json_option
@with_django
def erase(address: str, *, as_json: bool) -> None:
    """Erase; returns when no letter can start any more."""
    from luvalla.register import stop

    _carry_out(stop.erase, address, as_json=as_json)


@click.command(help=pgettext("command", "Restrict the processing of an address, or lift the restriction."))
@address_argument
@click.option("--reason", default=CHANNEL, help=pgettext("command", "Why it is restricted."))
@click.option("--lift", is_flag=True, help=pgettext("command", "Lift the restriction instead."))
@click.option(
    "--informed", is_flag=True, help=pgettext("command", "The person was told that the restriction will be lifted.")
)
@json_option
@with_django
def restrict(address: str, *, reason: str, lift: bool, informed: bool, as_json: bool) -> None:
    """Restrict, or lift; a restriction returns when no letter can start any more."""
    from luvalla.register import stop

    if lift:
        _lift(read_address(address), informed=informed, as_json=as_json)
        return
    _carry_out(stop.restrict, address, as_json=as_json, reason=reason)


def _carry_out(how: Callable[..., StopAnswer], given: str, *, as_json: bool, **more: str) -> None:
    from luvalla.ledger.actors import OPERATOR
    from luvalla.ledger.errors import ErasuresUnwritable

    try:
        answer = how(address=read_address(given), channel=CHANNEL, actor=OPERATOR, **more)
    except ErasuresUnwritable as fault:
        sentence = pgettext(
            "command",
            "The ledger of erasures can't be written (%(fault)s), so nothing was changed. Mend it and try again.",
        )
        raise Refused(sentence % {"fault": str(fault) or "OSError"}) from None
    if answer.kind == "restriction" and not answer.was_known:
        raise NotFound(pgettext("command", "The register doesn't have this address."))
    if not answer.finished:
        raise TryAgain(
            pgettext(
                "command",
                "No new letter starts. Some were under way, so the rest follows within a minute of their end; "
                "the same command says when.",
            )
        )
    _tell(answer, as_json=as_json)


def _tell(answer: StopAnswer, *, as_json: bool) -> None:
    from luvalla.register.stop import erased_by

    erased = erased_by(answer)
    if as_json:
        print_json({"kind": answer.kind, "known": answer.was_known, "ref": answer.ref, "erased": erased})
        return
    if answer.kind == "restriction":
        print_line(pgettext("command", "The address is restricted: it stays stored and gets no letters."))
        return
    print_line(pgettext("command", "No letter goes to this address any more, and no export brings it back."))
    for store, rows in erased.items():
        sentence = npgettext("command", "%(store)s: %(rows)s row erased", "%(store)s: %(rows)s rows erased", rows)
        say(sentence % {"store": store, "rows": rows})


def _lift(address: Address, *, informed: bool, as_json: bool) -> None:
    from luvalla.ledger.actors import OPERATOR
    from luvalla.register import actions
    from luvalla.register.errors import LiftingNotAnnounced

    contacts = _restricted(address)
    try:
        for contact in contacts:
            if informed:
                actions.announce_lifting(contact=contact, actor=OPERATOR)
            actions.lift_restriction(contact=contact, actor=OPERATOR)
    except LiftingNotAnnounced:
        raise Refused(
            pgettext(
                "command",
                "The person has to be told before the restriction is lifted. It still stands. "
                "Tell them, then give --informed as well.",
            )
        ) from None
    if as_json:
        print_json({"kind": "lifting", "contacts": len(contacts)})
        return
    print_line(pgettext("command", "The restriction is lifted."))


def _restricted(address: Address) -> list[Contact]:
    from luvalla.ledger.vault import sealer
    from luvalla.register.queries import contacts_of_mailbox

    restricted = list(contacts_of_mailbox(sealer().folded_token(address)).exclude(restricted_at=None))
    if not restricted:
        raise NotFound(pgettext("command", "This address is not restricted."))
    return restricted


def _found(found: Any) -> dict[str, Any]:
    return {"kind": found.kind, "ref": found.ref, "at": found.at, "content": dict(found.content)}


def _line(content: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in content.items() if value not in (None, "", []))
