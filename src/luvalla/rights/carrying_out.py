"""What each right does in the stores: the desk's calls to the rooms below, in one place.

The case tells those who were given the data, so the stores need not; but of a whole company nobody else would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from luvalla.ledger.actors import SUBJECT, SYSTEM, Actor
from luvalla.mailroom.corrections import confirm_correction
from luvalla.organisation.queries import the_controller
from luvalla.register import forgetting, rectification, restriction, stop
from luvalla.rules.address import Address
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import MARKETING, Prohibited

ALL_MARKETING: Final = MARKETING | Prohibited.RESEARCH


@dataclass(frozen=True, slots=True)
class Done:
    """What carrying a right out did: whether it is finished, and a random reference to the stop in the ledger."""

    finished: bool
    ref: str = ""


def stop_company(domain: str, *, channel: str, actor: Actor) -> Done:
    """Stop a whole company at its own wish."""
    return _done(stop.stop_company(domain=domain, channel=channel, actor=actor))


def forbid(
    address: Address, kinds: Prohibited, *, channel: str, actor: Actor, patience: timedelta = stop.PATIENCE
) -> Done:
    """Forbid kinds of letters at once, and tell the sources; known and unknown mailboxes alike.

    With less patience a door doesn't tell by its waiting that somebody is known here.
    """
    answer = stop.prohibit(address=address, kinds=kinds, channel=channel, patience=patience, actor=actor)
    return Done(answer.finished, answer.ref)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, as far as the stores need to know it."""

    address: Address
    channel: str
    new_address: Address | None = None
    kinds: Prohibited = Prohibited.NOTHING
    keep_token: bool = True
    is_proved: bool = False
    """Whether the mailbox itself, or a letter's own link, has asked."""


def carry_out(right: Right, wish: Wish) -> Done:
    """Carry one right out in every store. Safe to call again: what is done already stays done."""
    way = WAYS.get(right)
    return way(wish) if way is not None else Done(finished=True)


def _prohibit(wish: Wish) -> Done:
    return forbid(wish.address, wish.kinds or ALL_MARKETING, channel=wish.channel, actor=SYSTEM)


def _restrict(wish: Wish) -> Done:
    return _done(
        stop.restrict(address=wish.address, reason="request", channel=wish.channel, is_of_case=True, actor=SYSTEM)
    )


def _object(wish: Wish) -> Done:
    """Stop letters for whoever asks; only the mailbox itself, or a letter's own link, has it erased too."""
    if not wish.is_proved:
        return forbid(wish.address, ALL_MARKETING, channel=wish.channel, actor=SYSTEM)
    return _done(stop.object_to(address=wish.address, channel=wish.channel, is_of_case=True, actor=SUBJECT))


def _rectify(wish: Wish) -> Done:
    if wish.new_address is None:
        return Done(finished=True)
    corrected = rectification.rectify(
        address=wish.address, to=wish.new_address, channel=wish.channel, is_of_case=True, actor=SYSTEM
    )
    if corrected.was_known:  # the new mailbox is told, whether it was stopped before or not
        confirm_correction(to=wish.new_address, language=the_controller().default_language, actor=SYSTEM)
    return Done(corrected.finished, corrected.ref)


def _erase(wish: Wish) -> Done:
    return _done(stop.erase(address=wish.address, channel=wish.channel, is_of_case=True, actor=SYSTEM))


def _anonymise(wish: Wish) -> Done:
    return _done(stop.anonymise(address=wish.address, channel=wish.channel, is_of_case=True, actor=SYSTEM))


def _forget(wish: Wish) -> Done:
    if wish.keep_token:
        return _erase(wish)
    forgotten = forgetting.forget(address=wish.address, channel=wish.channel, is_of_case=True, actor=SYSTEM)
    return Done(forgotten.finished, forgotten.ref)


def restrict_meanwhile(address: Address, *, reason: str, channel: str) -> Done:
    """Restrict the processing while a request is examined (GDPR 18(1)(a) and (d)); its outcome is told to others."""
    return _done(stop.restrict(address=address, reason=reason, channel=channel, is_of_case=True, actor=SYSTEM))


def restricted_for(address: Address) -> set[str]:
    """Tell why a mailbox is restricted; nothing where it is not."""
    return set(restriction.open_restrictions(address=address).values_list("reason", flat=True))


def announce_lifting(address: Address, actor: Actor) -> None:
    """Record that the data subject was told that a restriction will be lifted (GDPR 18(3))."""
    restriction.note_notice_sent(address=address, actor=actor)


def lift(address: Address, actor: Actor) -> None:
    """Lift a restriction; LiftingNotAnnounced before its data subject was told."""
    restriction.lift(address=address, actor=actor)


def _done(answer: stop.StopAnswer) -> Done:
    return Done(answer.finished, answer.ref)


WAYS: Final[dict[Right, Callable[[Wish], Done]]] = {
    Right.PROHIBITION: _prohibit,
    Right.RESTRICTION: _restrict,
    Right.OBJECTION: _object,
    Right.RECTIFICATION: _rectify,
    Right.ERASURE: _erase,
    Right.ANONYMISATION: _anonymise,
    Right.FORGETTING: _forget,
}
"""What each right does; the others are answered with a copy or a letter."""
