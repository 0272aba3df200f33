"""Single changes that a source tells of between its exports: who is a customer, who has gone, whose address is new.

Each goes the way an import's row goes: suppressions first, evidence of the source, a row in the ledger, and the whole
of a correction by rectification.rectify with the rule for corrections that a source sends.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.register.actions import add_permission
from luvalla.register.admission import admit, hold_mailbox
from luvalla.register.errors import Suppressed
from luvalla.register.importing.settling import erase_leaving
from luvalla.register.importing.staging import SIGNAL
from luvalla.register.models import Audience, Batch, Contact, Permission, Source
from luvalla.register.queries import live_permissions
from luvalla.register.rectification import FROM_SOURCE, rectify
from luvalla.register.source_notices import note_for_source
from luvalla.rules.address import Address
from luvalla.rules.purposes import PermissionKind


class Outcome(StrEnum):
    """What became of a change."""

    GRANTED = "granted"
    """The address is new from this source, or has another permission now."""
    UNCHANGED = "unchanged"
    """The register had it so already, or its processing is restricted and it was left untouched."""
    ENDED = "ended"
    CORRECTED = "corrected"
    STOPPED = "stopped"
    """The address, or the new one, was stopped by its owner: nothing was changed, and a notice tells the source."""
    UNKNOWN = "unknown"
    """The source has no such address in the register."""


class Given(NamedTuple):
    """The permission that a source says an address has."""

    kind: PermissionKind
    audience: Audience
    purposes: Collection[str] = ()
    since: date | None = None


def undecided_batch(source: Source) -> Batch | None:
    """Give the source's import that is still to be decided: it compared an earlier state, so changes wait for it."""
    return Batch.objects.filter(source=source, state__in=Batch.PENDING).first()


@transaction.atomic
def note_present(*, address: Address, source: Source, given: Given, actor: Actor) -> Outcome:
    """Give an address the permission its source tells of, in place of another one from there."""
    hold_mailbox(sealer().folded_token(address))
    admit()
    contacts = Contact.objects.select_for_update().filter(folded=sealer().folded_token(address))
    if any(each.restricted_at for each in contacts):
        return Outcome.UNCHANGED
    before = list(_from_source(address, source))
    purposes = " ".join(given.purposes) if given.kind is PermissionKind.CONSENT else ""
    said = (given.kind.value, given.audience.pk, purposes)
    if any((each.kind, each.audience_id, each.purposes) == said for each in before):
        return Outcome.UNCHANGED
    try:
        with transaction.atomic():
            add_permission(
                address=address, kind=given.kind, source=source, audience=given.audience, purposes=purposes.split(),
                since=given.since, actor=actor,
            )  # fmt: skip
    except Suppressed:
        note_for_source(source, address=address.text, folded=sealer().folded_token(address), kind=SIGNAL)
        return Outcome.STOPPED
    Permission.objects.filter(pk__in=[each.pk for each in before]).update(ended_at=timezone.now())
    return Outcome.GRANTED


@transaction.atomic
def note_gone(*, address: Address, source: Source, actor: Actor) -> Outcome:
    """End what the source permitted; whoever has no permission left is erased, with a proof, and not suppressed."""
    hold_mailbox(sealer().folded_token(address))
    admit()
    ending = list(_from_source(address, source).select_related("contact"))
    if not ending:
        return Outcome.UNKNOWN
    if any(each.contact.restricted_at for each in ending):
        return Outcome.UNCHANGED
    Permission.objects.filter(pk__in=[each.pk for each in ending]).update(ended_at=timezone.now())
    facts = {"source": source.key, "permissions": len(ending)}
    subject = Subject("contact", str(ending[0].contact.ref))
    record("register.end_permission", actor=actor, subject=subject, facts=facts)
    erase_leaving([each.contact_id for each in ending])
    return Outcome.ENDED


def note_moved(*, address: Address, to: Address, source: Source, actor: Actor) -> Outcome:
    """Correct an address that the source gave; outside of any transaction, as every stop is."""
    if not _from_source(address, source).exists():
        return Outcome.UNKNOWN
    try:
        rectified = rectify(address=address, to=to, channel=FROM_SOURCE, actor=actor)
    except Suppressed:
        note_for_source(source, address=to.text, folded=sealer().folded_token(to), kind=SIGNAL)
        return Outcome.STOPPED
    # Another call may have ended it since it was looked for.
    return Outcome.CORRECTED if rectified.was_known else Outcome.UNKNOWN


def _from_source(address: Address, source: Source) -> QuerySet[Permission]:
    """Give the live permissions of a mailbox from a source."""
    return live_permissions().filter(source=source, contact__folded=sealer().folded_token(address)).order_by("pk")
