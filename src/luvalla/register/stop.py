"""The stop: block, commit, wait, then erase and answer. One function per kind, whatever the channel.

1. Block: suppression, prohibition or restriction is written, with a line in the ledger of erasures that is on the disk
   first, and committed. From now on the gate refuses.
2. Wait: the barrier returns when no window of letters that was claimed before still holds the contact.
3. Erase: every Holding, the register last, with the proofs, the notices to the sources and the row in the ledger, in
   one transaction (a company's mailboxes some at a time, each store in its own).
4. Answer. A stop that dies on the way is finished by another process (tasks.py); letters are stopped since step 1.

Known, unknown and already erased addresses get the same answer; who asks for it learns nothing about the register.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.erasures import Operation
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.register import actions
from luvalla.register.admission import close_door
from luvalla.register.anonymous_totals import count_erased
from luvalla.register.disclosee_notices import ERASING, note_changes
from luvalla.register.errors import WhomToStop
from luvalla.register.holdings import REGISTER
from luvalla.register.links import StopLink
from luvalla.register.models import Contact, DiscloseeNotice, Stop, Suppression
from luvalla.register.proofs import keep_proofs
from luvalla.register.queries import (
    contact_of_link,
    contacts_of_links,
    contacts_of_mailbox,
    left_by_correction,
    parsed,
    suppressed_tokens,
    whole_address,
)
from luvalla.register.source_notices import note_company, note_for_sources, note_prohibition
from luvalla.register.suppressing import suppress
from luvalla.register.together import TOGETHER, Mailbox, Wanted, block_together, erase_together, stopped_address
from luvalla.rules.address import Address
from luvalla.rules.ports import Person, barriers, holdings
from luvalla.rules.purposes import Prohibited

PATIENCE: Final = timedelta(seconds=30)
"""How long an answer waits for windows under way: a dead sender's shards are taken over within it."""
MAILBOXES_AT_ONCE: Final = 50
"""How many mailboxes of a company are erased in one transaction."""
log = logging.getLogger(__name__)
Kind = Stop.Kind


class StopAnswer(NamedTuple):
    """What became of a stop. was_known is for the staff's eyes only; the public answer is the same for everybody."""

    kind: str
    was_known: bool
    finished: bool
    """False when a window still held the contact: no new letter starts, and the rest follows within a minute."""
    ref: str


def withdraw(
    *,
    address: Address | None = None,
    contact_id: int | None = None,
    link: StopLink | None = None,
    channel: str,
    patience: timedelta = PATIENCE,
    actor: Actor,
) -> StopAnswer:
    """Take every permission of a mailbox back (GDPR 7(3), 21(3)): no letter after the answer, everything erased.

    Given one of an address, a contact's id or a stop link. Raises WhomToStop without any, and ErasuresUnwritable
    when nothing was done because the ledger of erasures could not be written. With less patience a page can say that
    the stop is being finished, and look again.
    """
    return _stop_mailbox(Kind.WITHDRAWAL, _whom(address, contact_id, link), channel, actor, patience)


def withdraw_together(links: Sequence[StopLink], *, channel: str, actor: Actor) -> list[StopAnswer]:
    """Take the permissions behind several links back, as `withdraw` does, with one block and one erasure for all.

    Nobody waits here for another one's letter: where a window holds one of the contacts, nothing is finished yet, and
    whoever is to be answered calls `finish_begun`. Raises ErasuresUnwritable when nothing was done.
    """
    mailboxes = [_mailbox_of(each) for each in contacts_of_links(links)]
    wanted = [Wanted(Kind.WITHDRAWAL, each, channel, actor) for each in mailboxes if each is not None]
    blocked = block_together(wanted) if wanted else []
    finished = _finish_together([each.stop for each in blocked])
    answers = iter(
        StopAnswer(stop.kind, was_known=known, finished=finished, ref=str(stop.ref)) for stop, known in blocked
    )
    return [_nothing_to_do(Kind.WITHDRAWAL) if each is None else next(answers) for each in mailboxes]


def object_to(
    *,
    address: Address | None = None,
    contact_id: int | None = None,
    link: StopLink | None = None,
    channel: str,
    is_of_case: bool = False,
    actor: Actor,
) -> StopAnswer:
    """Carry out an objection to direct marketing (GDPR 21(2)-(3)): absolute, and the same as a withdrawal."""
    return _stop_mailbox(Kind.OBJECTION, _whom(address, contact_id, link), channel, actor, is_of_case=is_of_case)


def erase(
    *,
    address: Address | None = None,
    contact_id: int | None = None,
    link: StopLink | None = None,
    channel: str,
    is_of_case: bool = False,
    actor: Actor,
) -> StopAnswer:
    """Erase a mailbox from all stores (GDPR 17(1)); a token keeps it from coming back."""
    return _stop_mailbox(Kind.ERASURE, _whom(address, contact_id, link), channel, actor, is_of_case=is_of_case)


def anonymise(*, address: Address, channel: str, is_of_case: bool = False, actor: Actor) -> StopAnswer:
    """Turn all that is kept about a mailbox into totals (method of GDPR 17): erased, and not even a proof is kept."""
    return _stop_mailbox(Kind.ANONYMISED, _whom(address, None, None), channel, actor, is_of_case=is_of_case)


def drop_undeliverable(*, contact_id: int, until: datetime, actor: Actor) -> StopAnswer:
    """Erase a mailbox that doesn't exist (GDPR 5(1)(d)); until then its token keeps an export from bringing it back.

    Nobody has objected: nothing is prohibited, the token expires, and a newer consent lifts it at any time.
    """
    mailbox = _whom(None, contact_id, None)
    return _stop_mailbox(Kind.BOUNCED, mailbox, "bounce", actor, until=until)


def stop_company(*, domain: str, channel: str, actor: Actor) -> StopAnswer:
    """Carry out a legal entity's own prohibition (act 917/2014, section 202): its whole domain, and all its contacts.

    The domain is given in lower-case A-labels.
    """
    token = sealer().domain_token(domain)
    with transaction.atomic(durable=True):
        close_door()
        contacts = list(Contact.objects.filter(domain=token).values_list("pk", flat=True))
        suppress(token, Suppression.DOMAIN, Kind.COMPANY, operations=(Operation.SUPPRESS,))
        note_company(domain, token=token)
        stop = begin(Kind.COMPANY, token, contacts, channel=channel, actor=actor)
    return _answer(stop, known=bool(contacts))


def restrict(
    *,
    address: Address | None = None,
    contact_id: int | None = None,
    reason: str,
    channel: str,
    patience: timedelta = PATIENCE,
    is_of_case: bool = False,
    actor: Actor,
) -> StopAnswer:
    """Restrict the processing of a mailbox (GDPR 18): kept and otherwise left alone; no letter after the answer."""
    mailbox = _whom(address, contact_id, None)
    if mailbox is None:
        return _nothing_to_do(Kind.RESTRICTION)
    with transaction.atomic(durable=True):
        close_door()
        contacts = list(contacts_of_mailbox(mailbox.folded))
        if not is_of_case:
            fresh = [each for each in contacts if each.restricted_at is None]
            note_changes(fresh, kind=DiscloseeNotice.Kind.RESTRICTION)
        for contact in contacts:
            actions.restrict_contact(contact=contact, reason=reason, actor=actor)
        stop = begin(Kind.RESTRICTION, mailbox.folded, [each.pk for each in contacts], channel=channel, actor=actor)
    return _answer(stop, known=bool(contacts), patience=patience)


def prohibit(
    *,
    address: Address | None = None,
    contact_id: int | None = None,
    link: StopLink | None = None,
    kinds: Prohibited,
    channel: str,
    patience: timedelta = PATIENCE,
    actor: Actor,
) -> StopAnswer:
    """Forbid some kinds of letters (GDPR 21(1)-(2)); the contact stays, and the sources are told, of a stranger too."""
    mailbox = _whom(address, contact_id, link)
    if mailbox is None:
        return _nothing_to_do(Kind.PROHIBITION)
    with transaction.atomic(durable=True):
        contacts = list(contacts_of_mailbox(mailbox.folded))
        actions.prohibit(folded=mailbox.folded, kinds=kinds, channel=channel, actor=actor)
        note_prohibition(contacts, folded=mailbox.folded, address=mailbox.address, prohibited=kinds)
        stop = begin(Kind.PROHIBITION, mailbox.folded, [each.pk for each in contacts], channel=channel, actor=actor)
    return _answer(stop, known=bool(contacts), patience=patience)


def finish(stop: Stop, patience: timedelta = PATIENCE) -> bool:
    """Do what is left of a stop after its block; safe to call again. False when it has to be tried later."""
    try:
        if not _wait(stop, patience):
            return False
        if stop.kind in TOGETHER:
            erase_together([stop], holdings)
            return True
        erased: Counter[str] = Counter()
        while not _erase_some(stop, erased):
            pass
    except Exception as fault:  # noqa: BLE001  # the block stands whatever fails here, and the rest is tried again
        log.error("the stop %s is blocked but not finished: %s", stop.ref, type(fault).__name__)  # noqa: TRY400  # no text
        return False
    return True


def finish_begun(ref: str, patience: timedelta = PATIENCE) -> bool:
    """Finish the stop of that reference; True when it is answered."""
    stop = Stop.objects.get(ref=ref)
    return stop.answered_at is not None or finish(stop, patience)


def erased_by(answer: StopAnswer) -> dict[str, int]:
    """Tell how many rows went from each store, as the ledger has it; nothing for a stop that isn't finished."""
    rows = LedgerRow.objects.filter(verb="register.answer_stop", subject_kind="stop", subject_ref=answer.ref)
    facts = rows.values_list("facts", flat=True).first()
    return dict(facts["erased"]) if facts else {}


def unfinished(before: datetime) -> list[Stop]:
    """Give the stops that were asked for before that moment and haven't been answered."""
    return list(Stop.objects.filter(answered_at=None, requested_at__lt=before).order_by("requested_at")[:100])


def _stop_mailbox(
    kind: Stop.Kind,
    mailbox: Mailbox | None,
    channel: str,
    actor: Actor,
    patience: timedelta = PATIENCE,
    *,
    until: datetime | None = None,
    is_of_case: bool = False,
) -> StopAnswer:
    if mailbox is None:
        return _nothing_to_do(kind)
    ((stop, was_known),) = block_together([Wanted(kind, mailbox, channel, actor, until, is_of_case)])
    return _answer(stop, known=was_known, patience=patience)


def _finish_together(stops: Sequence[Stop]) -> bool:
    """Finish stops that wait for nobody; False when they have to be finished one by one."""
    ids = tuple(each for stop in stops for each in stop.contact_ids)
    try:
        if ids and not all(each.wait(ids, at_most=timedelta(0)) for each in barriers):
            return False
        if stops:
            erase_together(stops, holdings)
    except Exception as fault:  # noqa: BLE001  # the blocks stand, and each stop is tried again by itself
        log.error("%s stops are blocked but not finished: %s", len(stops), type(fault).__name__)  # noqa: TRY400  # no text
        return False
    return True


def _whom(address: Address | None, contact_id: int | None, link: StopLink | None) -> Mailbox | None:
    """Find whom a stop is for; None when the contact that was named is already gone."""
    if address is not None:
        return Mailbox(sealer().folded_token(address), address)
    return _mailbox_of(_named_contact(contact_id, link))


def _mailbox_of(contact: Contact | None) -> Mailbox | None:
    return None if contact is None else Mailbox(bytes(contact.folded), _address_of(contact))


def _address_of(contact: Contact) -> Address | None:
    text = whole_address(contact)
    return None if text is None else parsed(text)


def _named_contact(contact_id: int | None, link: StopLink | None) -> Contact | None:
    if link is not None:
        return contact_of_link(link)
    if contact_id is None:
        raise WhomToStop
    return Contact.objects.filter(pk=contact_id).first()


def _nothing_to_do(kind: Stop.Kind) -> StopAnswer:
    """Answer for a contact that is gone: its letters were stopped when it went."""
    return StopAnswer(kind.value, was_known=False, finished=True, ref=str(Stop().ref))


def begin(
    kind: Stop.Kind, folded: bytes, contacts: list[int], *, sealed: bytes = b"", channel: str, actor: Actor
) -> Stop:
    """Write a stop that `finish` will finish, in the transaction of its block."""
    stop = Stop.objects.create(
        kind=kind, channel=channel, actor=str(actor), folded=folded, sealed=sealed, contact_ids=contacts
    )
    refs = Contact.objects.filter(pk__in=contacts[:MAILBOXES_AT_ONCE]).values_list("ref", flat=True)
    facts = {"kind": kind.value, "channel": channel, "contacts": [str(ref) for ref in refs]}
    record("register.stop", actor=actor, subject=Subject("stop", str(stop.ref)), facts=facts)
    return stop


def _answer(stop: Stop, *, known: bool, patience: timedelta = PATIENCE) -> StopAnswer:
    return StopAnswer(stop.kind, was_known=known, finished=finish(stop, patience), ref=str(stop.ref))


def _wait(stop: Stop, patience: timedelta) -> bool:
    ids = tuple(stop.contact_ids)
    return not ids or all(each.wait(ids, at_most=patience) for each in barriers)


def _erase_some(stop: Stop, erased: Counter[str]) -> bool:
    """Erase some mailboxes of a stop from all stores, the register last; True when the stop is answered.

    The rows that went are counted for each store.
    """
    people = _people(stop)
    for holding in holdings:
        if holding is not REGISTER and people:
            with transaction.atomic(durable=True):
                erased[holding.name] += sum(holding.erase(each) for each in people)
    with transaction.atomic(durable=True):
        close_door()
        if not Stop.objects.select_for_update().filter(pk=stop.pk, answered_at=None).exists():
            return True
        erased[REGISTER.name] += sum(_erase_from_register(each, stop) for each in people)
        is_done = len(people) < MAILBOXES_AT_ONCE
        if is_done:
            _conclude(stop, erased)
    return is_done


def _people(stop: Stop) -> list[Person]:
    """Tell whom a stop erases: nobody, one mailbox, or what is left of a company's."""
    if stop.kind in {Kind.RESTRICTION, Kind.PROHIBITION}:
        return []
    if stop.kind != Kind.COMPANY:
        return [_person(bytes(stop.folded), stop)]
    mailboxes = Contact.objects.filter(domain=bytes(stop.folded)).values_list("folded", flat=True).distinct()
    return [_person(bytes(each), stop) for each in mailboxes[:MAILBOXES_AT_ONCE]]


def _person(folded: bytes, stop: Stop) -> Person:
    ids = set(contacts_of_mailbox(folded).values_list("pk", flat=True))
    if stop.kind == Kind.COMPANY:
        return Person(folded=folded, contact_ids=tuple(ids))
    address = stopped_address(stop)
    exact = sealer().exact_token(parsed(address)) if address else None
    if stop.kind == Kind.RECTIFIED:
        only_tag = not suppressed_tokens([folded])
        left = left_by_correction(folded, stop.contact_ids, keeps_mailbox=only_tag)
        return left if only_tag else Person(folded, exact, left.contact_ids, address or None)
    return Person(folded, exact, tuple(ids.union(stop.contact_ids)), address or None)


def _erase_from_register(person: Person, stop: Stop) -> int:
    contacts = list(contacts_of_mailbox(person.folded))
    if stop.kind in ERASING and not stop.is_of_case:
        note_changes(contacts, kind=DiscloseeNotice.Kind.ERASURE)
    if stop.kind == Kind.ANONYMISED:
        count_erased(contacts)
    else:
        keep_proofs(contacts, why=stop.kind)
    for contact in contacts:
        if stop.kind != Kind.RECTIFIED:  # the sources were told at once, with the right address
            note_for_sources(contact, kind=stop.kind)
    return REGISTER.erase(person)


def _conclude(stop: Stop, erased: Mapping[str, int]) -> None:
    """Note that the stop is answered, and forget whom it was for."""
    kind, _, ref = stop.actor.partition(":")
    facts = {"kind": stop.kind, "channel": stop.channel, "erased": dict(erased)}
    record("register.answer_stop", actor=Actor(kind, ref), subject=Subject("stop", str(stop.ref)), facts=facts)
    stop.answered_at = timezone.now()
    stop.folded, stop.sealed = b"", b""
    stop.save(update_fields=["answered_at", "folded", "sealed"])
