"""Disclosures that people note by hand (GDPR 5(2), 15(1)(c), 19): somebody's data given by telephone, paper, in person.

Whom it concerned is sealed. It stays while they are in the register, and three years at least: so long they are told
of it when they ask, and its disclosee is told of changes. An erasure takes the address; the token stays, as a proof's.
"""

from __future__ import annotations

import json
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from luvalla.ledger.actions import Subject, record, record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.organisation.models import Disclosee
from luvalla.register.columns import SINGLE_DISCLOSURE
from luvalla.register.errors import NotAnAuthority, ReasonMissing
from luvalla.register.models import Contact, SingleDisclosure
from luvalla.rules.address import Address
from luvalla.rules.purposes import DiscloseeKind, LegalBasis
from luvalla.rules.retention import DISCLOSURE


class Given(NamedTuple):
    """What was given, and of whom."""

    address: str
    """Empty once it was erased."""
    what: str
    provision: str = ""
    """The section of a law that it was given by, or another word on its ground."""


@transaction.atomic
def note_disclosure(
    *,
    address: Address,
    to: Disclosee,
    given_on: date,
    way: SingleDisclosure.Way,
    basis: LegalBasis,
    what: str,
    provision: str = "",
    is_for_inquiry: bool = False,
    actor: Actor,
) -> SingleDisclosure:
    """Note that somebody's data was given to a disclosee otherwise than by an export, known here or not.

    is_for_inquiry: an authority got it for a particular inquiry, so it is no recipient (GDPR 4(9)): NotAnAuthority for
    any other. Raises ReasonMissing without saying what was given.
    """
    if not what.strip():
        raise ReasonMissing
    if is_for_inquiry and to.kind != DiscloseeKind.AUTHORITY:
        raise NotAnAuthority
    folded = sealer().folded_token(address)
    row = SingleDisclosure.objects.create(
        to=to,
        given_on=given_on,
        way=way,
        basis=basis,
        is_for_inquiry=is_for_inquiry,
        folded=folded,
        sealed=_sealed(Given(address.text, what.strip(), provision.strip()), folded),
        noted_by=str(actor),
    )
    facts = {"disclosee": to.pk, "way": way.value, "basis": basis.value, "inquiry": is_for_inquiry}
    record("register.note_disclosure", actor=actor, subject=_subject(row), facts=facts)
    return row


@transaction.atomic
def show_disclosure(*, disclosure: SingleDisclosure, actor: Actor) -> Given:
    """Open whom a noted disclosure concerned and what was given; the look is a row in the ledger."""
    record_look("register.show_disclosure", actor=actor, subject=_subject(disclosure), purpose="request")
    return given_in(disclosure)


@transaction.atomic
def take_disclosure_back(*, disclosure: SingleDisclosure, reason: str, actor: Actor) -> None:
    """Delete a note that was wrong; its row in the ledger stays, and says why. ReasonMissing without a reason."""
    if not reason.strip():
        raise ReasonMissing
    facts = {"disclosee": disclosure.to_id}
    record("register.take_disclosure_back", actor=actor, subject=_subject(disclosure), reason=reason, facts=facts)
    disclosure.delete()


def given_in(disclosure: SingleDisclosure) -> Given:
    """Open a noted disclosure."""
    sealed, folded = bytes(disclosure.sealed), bytes(disclosure.folded)
    return Given(*json.loads(sealer().open(sealed, column=SINGLE_DISCLOSURE, token=folded)))


def forget_address(folded: bytes) -> int:
    """Let the address go from a mailbox's noted disclosures, in the caller's transaction; tell of how many."""
    rows = list(SingleDisclosure.objects.filter(folded=folded))
    for each in rows:
        each.sealed = _sealed(given_in(each)._replace(address=""), folded)
        each.save(update_fields=["sealed"])
    return len(rows)


def readdress(folded: bytes, to: Address) -> int:
    """Have a mailbox's noted disclosures follow its person to the right address, in the caller's transaction."""
    after = sealer().folded_token(to)
    rows = list(SingleDisclosure.objects.filter(folded=folded))
    for each in rows:
        each.sealed, each.folded = _sealed(given_in(each)._replace(address=to.text), after), after
        each.save(update_fields=["sealed", "folded"])
    return len(rows)


def past_their_time(today: date) -> QuerySet[SingleDisclosure]:
    """Give those whose three years are over and whose person isn't in the register."""
    here = Contact.objects.filter(folded=OuterRef("folded"))
    return SingleDisclosure.objects.filter(~Exists(here), given_on__lt=today - DISCLOSURE)


def _sealed(given: Given, folded: bytes) -> bytes:
    return sealer().seal(json.dumps(given).encode(), column=SINGLE_DISCLOSURE, token=folded)


def _subject(disclosure: SingleDisclosure) -> Subject:
    return Subject("disclosure", str(disclosure.ref))
