"""What the register keeps about people: found, copied and erased as one (GDPR 15, 17, 20)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from luvalla.ledger.vault import sealer
from luvalla.register.columns import DECLARED_VALUE, PENDING_SIGN_UP
from luvalla.register.disclosee_notices import change_of
from luvalla.register.models import (
    ChangeToTell,
    Contact,
    DeclaredValue,
    DiscloseeNotice,
    Forgetting,
    PendingSignUp,
    Permission,
    PermissionProof,
    Prohibition,
    Rectification,
    Restriction,
    Seen,
    SingleDisclosure,
    SourceNotice,
    StagedProhibition,
    Stop,
    Suppression,
)
from luvalla.register.proofs import kept_proof, permission_facts
from luvalla.register.queries import contacts_of_mailbox, open_address
from luvalla.register.single_disclosures import forget_address, given_in
from luvalla.register.source_notices import address_of, corrected_address_of
from luvalla.rules.ports import Found, Holding, Person
from luvalla.rules.purposes import Prohibited

HANGING: Final = (Permission.objects, DeclaredValue.objects, Restriction.objects, Rectification.objects)
"""What goes with a contact."""


class RegisterHolding(Holding):
    """The register's own store: contacts with all that hangs on them, and what outlives a contact."""

    name = "register"
    models = tuple(
        f"register.{each.__name__}"
        for each in (
            Contact, Permission, DeclaredValue, Restriction, Rectification, PendingSignUp,
            Prohibition, StagedProhibition, Suppression, PermissionProof, SourceNotice, Stop, Forgetting, Seen,
            SingleDisclosure, ChangeToTell, DiscloseeNotice,
        )
    )  # fmt: skip
    folders = ("uploads",)
    retention = (
        "Contacts until their last permission ends or the person stops; unconfirmed sign-ups 7 days; proofs of "
        "permissions 3 years after the end; notices to sources 90 days; prohibitions and suppression tokens until "
        "they are lifted, those of an undecided import until it is decided; uploaded exports 7 days; an unfinished "
        "stop until it is answered; a wish to be forgotten until every source has confirmed; whom a look at many "
        "showed as long as the look itself, by numbers that lead to nobody once a contact is erased. The copy tells "
        "of it among the looks. Disclosures of single people while these are in the register and 3 years at least; "
        "notices to those who were given the data until they were told."
    )

    def find(self, person: Person) -> list[Found]:
        """List what is kept about the mailbox, whatever the plus-tag."""
        found = [each for contact in contacts_of_mailbox(person.folded) for each in _of_contact(contact)]
        return [*found, *_sign_ups(person), *_bans(person), *_kept(person), *_disclosed(person)]

    def erase(self, person: Person) -> int:
        """Erase contacts and sign-ups. What keeps the address away and what proves the past stays, as tokens.

        The stop that calls this has kept the proofs and told the sources before.
        """
        _, erased = contacts_of_mailbox(person.folded).delete()
        sign_ups, _ = PendingSignUp.objects.filter(folded=person.folded).delete()
        staged, _ = StagedProhibition.objects.filter(folded=person.folded).delete()
        forget_address(person.folded)
        return sum(erased.values()) + sign_ups + staged

    def erase_together(self, people: Sequence[Person]) -> list[int]:
        """Erase the contacts and sign-ups of several mailboxes at once."""
        if len(people) == 1:
            return [self.erase(people[0])]
        mailboxes = [each.folded for each in people]
        owners = dict(Contact.objects.filter(folded__in=mailboxes).values_list("pk", "folded"))
        of_mailboxes = [each.objects.filter(folded__in=mailboxes) for each in (PendingSignUp, StagedProhibition)]
        rows = Counter(map(bytes, owners.values()))
        for found in of_mailboxes:
            rows.update(map(bytes, found.values_list("folded", flat=True)))
        first, *others = (
            each.filter(contact__in=list(owners)).order_by().values_list("contact_id") for each in HANGING
        )
        rows.update(bytes(owners[each]) for (each,) in first.union(*others, all=True))
        Contact.objects.filter(pk__in=list(owners)).delete()
        for found in of_mailboxes:
            found.delete()
        for folded in SingleDisclosure.objects.filter(folded__in=mailboxes).values_list("folded", flat=True).distinct():
            forget_address(bytes(folded))
        return [rows.pop(each, 0) for each in mailboxes]


REGISTER: Final[Holding] = RegisterHolding()


def _of_contact(contact: Contact) -> Iterator[Found]:
    restricted = contact.restricted_at.isoformat() if contact.restricted_at else None
    ref = str(contact.ref)
    yield Found("contact", ref, contact.created_at, {"address": open_address(contact), "restricted_since": restricted})
    for permission in contact.permissions.select_related("source", "audience").order_by("pk"):
        yield Found("permission", ref, permission.created_at, permission_facts(permission, contact))
    for value in contact.values.select_related("field").order_by("pk"):
        opened = sealer().open(bytes(value.sealed), column=DECLARED_VALUE, token=bytes(contact.token)).decode()
        yield Found("declared_value", ref, None, {value.field.key: opened})
    for each in contact.restrictions.order_by("pk"):
        lifted = each.lifted_at.isoformat() if each.lifted_at else None
        yield Found("restriction", ref, each.since, {"reason": each.reason, "lifted_at": lifted})
    for rectification in contact.rectifications.order_by("pk"):
        yield Found("rectification", ref, rectification.at, {})


def _sign_ups(person: Person) -> Iterator[Found]:
    for each in PendingSignUp.objects.filter(folded=person.folded).order_by("pk"):
        opened = sealer().open(bytes(each.sealed), column=PENDING_SIGN_UP, token=person.folded).decode()
        yield Found("pending_sign_up", str(each.ref), each.created_at, json.loads(opened))


def _bans(person: Person) -> Iterator[Found]:
    for prohibition in Prohibition.objects.filter(folded=person.folded):
        kinds = [each.name.lower() for each in Prohibited(prohibition.kinds) if each.name]
        yield Found("prohibition", "", prohibition.since, {"kinds": kinds})
    for staged in StagedProhibition.objects.filter(folded=person.folded).select_related("batch__source").order_by("pk"):
        kinds = [each.name.lower() for each in Prohibited(staged.kinds) if each.name]
        content = {"kinds": kinds, "source": staged.batch.source.key}
        yield Found("staged_prohibition", "", staged.batch.created_at, content)
    for suppression in Suppression.objects.filter(token=person.folded):
        yield Found("suppression", "", suppression.since, {"reason": suppression.reason})


def _disclosed(person: Person) -> Iterator[Found]:
    for each in SingleDisclosure.objects.filter(folded=person.folded).select_related("to").order_by("pk"):
        given = given_in(each)
        content = {
            "recipient": each.to.name,
            "given_on": each.given_on.isoformat(),
            "way": each.way,
            "what": given.what,
            "basis": each.basis,
            "provision": given.provision,
        }
        yield Found("disclosure", str(each.ref), each.noted_at, {name: said for name, said in content.items() if said})
    for notice in DiscloseeNotice.objects.filter(folded=person.folded).select_related("to").order_by("pk"):
        address, corrected = change_of(notice)
        content = {"recipient": notice.to.name, "kind": notice.kind, "address": address}
        if corrected:
            content["corrected"] = corrected
        yield Found("disclosee_notice", str(notice.ref), notice.created_at, content)


def _kept(person: Person) -> Iterator[Found]:
    for proof in PermissionProof.objects.filter(folded=person.folded).order_by("pk"):
        yield Found("permission_proof", "", None, {**kept_proof(proof), "kept_until": proof.expires_at.isoformat()})
    for notice in SourceNotice.objects.filter(folded=person.folded).select_related("source").order_by("pk"):
        content = {"source": notice.source.key, "kind": notice.kind, "address": address_of(notice)}
        if corrected := corrected_address_of(notice):
            content["corrected"] = corrected
        yield Found("source_notice", str(notice.ref), notice.created_at, content)
    for stop in Stop.objects.filter(folded=person.folded).order_by("pk"):
        yield Found("stop", str(stop.ref), stop.requested_at, {"kind": stop.kind, "channel": stop.channel})
    for wish in Forgetting.objects.filter(folded=person.folded).order_by("pk"):
        yield Found("forgetting", str(wish.ref), wish.asked_at, {"waits_for_sources": len(wish.notices)})
