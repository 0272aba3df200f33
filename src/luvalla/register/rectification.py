"""Correcting an address (GDPR 16): the letters, their permissions and what was forbidden follow the person.

The old mailbox is stopped either way: an export that still has it brings it back no more. Where the new mailbox was
stopped by its owner nothing is activated, and nobody who asks can tell: the answer and what is written to the sources
are the same. Only the owner's own newer consent (sign_up.confirm) opens it again.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.db import transaction

from luvalla.ledger import erasures
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.erasures import Entry, Operation
from luvalla.ledger.vault import sealer
from luvalla.register import actions, stop
from luvalla.register.admission import close_door
from luvalla.register.columns import CONTACT_ADDRESS, CORRECTION, DECLARED_VALUE, GIVEN_PROOF, STOP
from luvalla.register.disclosee_notices import note_changes
from luvalla.register.errors import Suppressed
from luvalla.register.importing.prohibiting import follow_correction
from luvalla.register.models import (
    Contact,
    DeclaredValue,
    DiscloseeNotice,
    Permission,
    Rectification,
    Restriction,
    Stop,
)
from luvalla.register.queries import is_suppressed, parsed, prohibited_kinds, visible_contacts
from luvalla.register.seen import numbers_of
from luvalla.register.single_disclosures import readdress
from luvalla.register.source_notices import note_for_sources
from luvalla.register.suppressing import suppress_mailbox
from luvalla.rules.address import Address

FROM_SOURCE: Final = "source"
"""The channel of a correction that a source has sent, and no data subject has asked for."""


class Rectified(NamedTuple):
    """What became of a correction. It never tells whether the new mailbox was stopped."""

    was_known: bool
    """For the staff's eyes only; the public answer is the same for everybody."""
    finished: bool
    """False when a window still held the old address: no new letter goes there; the rest follows within a minute."""
    ref: str


def rectify(
    *,
    address: Address,
    to: Address,
    channel: str,
    is_of_case: bool = False,
    actor: Actor,
    patience: timedelta = stop.PATIENCE,
) -> Rectified:
    """Correct a mailbox's address: no letter to the old one after the answer, and its sources are told (GDPR 16, 19).

    Raises Suppressed where the correction comes from a source (channel "source") and the new mailbox was stopped;
    nothing is changed then. Raises ErasuresUnwritable, with nothing done, like every stop.
    """
    old, new = sealer().folded_token(address), sealer().folded_token(to)
    with transaction.atomic(durable=True):
        close_door()
        is_barred = is_suppressed(to)
        if is_barred and channel == FROM_SOURCE:
            raise Suppressed
        contacts = concerned(address, to)
        begun = _begin(address, contacts, channel=channel, actor=actor)
        for contact in contacts:
            note_for_sources(contact, kind=Stop.Kind.RECTIFIED, corrected=to.text)
        if not is_of_case:
            note_changes(contacts, kind=DiscloseeNotice.Kind.RECTIFICATION, corrected=to.text)
        if contacts:
            _change(address, to, contacts, is_barred=is_barred, channel=channel, actor=actor)
            if old != new:
                suppress_mailbox(old, Stop.Kind.RECTIFIED, is_erased=is_barred)
    return Rectified(was_known=bool(contacts), finished=stop.finish(begun, patience), ref=str(begun.ref))


def concerned(address: Address, to: Address) -> list[Contact]:
    """Give the contacts a correction is about: all of the old mailbox, or the one spelling where only a tag changes."""
    keys = sealer()
    of_mailbox = visible_contacts(restricted=True).filter(folded=keys.folded_token(address)).order_by("pk")
    if address.folded == to.folded:
        of_mailbox = of_mailbox.filter(token=keys.exact_token(address))
    return list(of_mailbox.select_for_update()) if address != to else []


def move(contacts: list[Contact], to: Address) -> Contact:
    """Give the contacts the new address, in the caller's transaction; those of a mailbox become one contact."""
    keys = sealer()
    for folded in {bytes(each.folded) for each in contacts}:
        follow_correction(folded, keys.folded_token(to))
    known = Contact.objects.filter(folded=keys.folded_token(to)).exclude(pk__in=[each.pk for each in contacts])
    target = known.filter(token=keys.exact_token(to)).first() or known.order_by("pk").first()
    if target is None:
        target, *contacts = contacts
        _readdress(target, to)
    merged = [(number, since.isoformat()) for number, since in numbers_of(contacts)]
    for each in contacts:
        _merge(each, target)
    Rectification.objects.create(contact=target, merged=merged)
    return target


def sealed_correction(address: Address, to: Address) -> Entry:
    """Give the line of the ledger of erasures from which a restored backup gets the correction again."""
    token = sealer().folded_token(address)
    said = json.dumps({"from": address.text, "to": to.text}).encode()
    return Entry(Operation.RECTIFY, (token,), b64encode(sealer().seal(said, column=CORRECTION, token=token)).decode())


def opened_correction(entry: Entry) -> tuple[Address, Address]:
    """Open such a line: the old address and the new one."""
    said: dict[str, Any] = json.loads(sealer().open(b64decode(entry.value), column=CORRECTION, token=entry.tokens[0]))
    return parsed(said["from"]), parsed(said["to"])


def _begin(address: Address, contacts: list[Contact], *, channel: str, actor: Actor) -> Stop:
    token = sealer().folded_token(address)
    sealed = sealer().seal(address.text.encode(), column=STOP, token=token)
    ids = [each.pk for each in contacts]
    return stop.begin(Stop.Kind.RECTIFIED, token, ids, sealed=sealed, channel=channel, actor=actor)


def _change(
    address: Address, to: Address, contacts: list[Contact], *, is_barred: bool, channel: str, actor: Actor
) -> None:
    """Move the contacts; where the new mailbox was stopped they stay for `stop.finish` to erase."""
    refs = [str(each.ref) for each in contacts]
    record(
        "register.rectify",
        actor=actor,
        subject=Subject("contact", refs[0]),
        facts={"channel": channel, "contacts": len(refs)},
    )
    if is_barred:
        return
    erasures.append([sealed_correction(address, to)])
    move(contacts, to)
    if address.folded != to.folded:
        readdress(sealer().folded_token(address), to)
    kinds = prohibited_kinds(sealer().folded_token(address))
    if kinds and address.folded != to.folded:
        actions.prohibit(folded=sealer().folded_token(to), kinds=kinds, channel=channel, actor=actor)


def _readdress(contact: Contact, to: Address) -> None:
    """Write the new address into a contact, and seal anew what is bound to its token."""
    keys, before = sealer(), bytes(contact.token)
    after = keys.exact_token(to)
    for permission in contact.permissions.exclude(proof=None):
        _reseal_proof(permission, before, after)
    for value in contact.values.all():
        _reseal_value(value, before, after)
    contact.token, contact.folded, contact.domain = after, keys.folded_token(to), keys.domain_token(to.domain)
    contact.sealed = keys.seal(to.text.encode(), column=CONTACT_ADDRESS, token=after)
    contact.undeliverable_until = None
    contact.save(update_fields=["token", "folded", "domain", "sealed", "undeliverable_until"])


def _merge(contact: Contact, target: Contact) -> None:
    """Hand over what hangs on a contact to the one that has the right address, and delete it."""
    before, after = bytes(contact.token), bytes(target.token)
    for permission in contact.permissions.all():
        if permission.proof is not None:
            _reseal_proof(permission, before, after)
    Permission.objects.filter(contact=contact).update(contact=target)
    for value in contact.values.exclude(field__in=target.values.values("field")):
        _reseal_value(value, before, after)
        DeclaredValue.objects.filter(pk=value.pk).update(contact=target)
    Restriction.objects.filter(contact=contact).update(contact=target)
    if contact.restricted_at and not target.restricted_at:
        target.restricted_at = contact.restricted_at
        target.save(update_fields=["restricted_at"])
    contact.delete()


def _reseal_proof(permission: Permission, before: bytes, after: bytes) -> None:
    opened = sealer().open(bytes(permission.proof or b""), column=GIVEN_PROOF, token=before)
    permission.proof = sealer().seal(opened, column=GIVEN_PROOF, token=after)
    permission.save(update_fields=["proof"])


def _reseal_value(value: DeclaredValue, before: bytes, after: bytes) -> None:
    opened = sealer().open(bytes(value.sealed), column=DECLARED_VALUE, token=before)
    value.sealed = sealer().seal(opened, column=DECLARED_VALUE, token=after)
    value.save(update_fields=["sealed"])
