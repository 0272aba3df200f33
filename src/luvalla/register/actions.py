"""Writing the register: permissions, restrictions, prohibitions, suppressed domains, and looks at addresses.

What ends letters (withdrawal, objection, erasure, restriction with its wait) is in stop.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.actions import Subject, record, record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.erasures import Entry, Operation
from luvalla.ledger.vault import sealer
from luvalla.organisation.models import Disclosee
from luvalla.organisation.queries import disclosees
from luvalla.register.admission import admit, close_door
from luvalla.register.columns import CONTACT_ADDRESS, GIVEN_PROOF
from luvalla.register.disclosures import note_disclosure_forbidden
from luvalla.register.errors import (
    ExportClosed,
    LiftingNotAnnounced,
    NotDisclosed,
    NotRestricted,
    ReasonMissing,
    Suppressed,
)
from luvalla.register.models import (
    Audience,
    Batch,
    Contact,
    Disclosure,
    Permission,
    Prohibition,
    Restriction,
    Source,
    Suppression,
)
from luvalla.register.queries import (
    contacts_of_mailbox,
    exportable_contacts,
    is_suppressed,
    open_address,
    prohibited_kinds,
)
from luvalla.register.seen import keep_seen
from luvalla.register.tables import table
from luvalla.rules.address import Address
from luvalla.rules.ports import Door, Found, Person, closed_by, holdings
from luvalla.rules.purposes import PermissionKind, Prohibited

EXPORTED: Final = ("address",)
AT_ONCE: Final = 2000


@transaction.atomic
def add_permission(
    *,
    address: Address,
    kind: PermissionKind,
    source: Source,
    audience: Audience,
    purposes: Iterable[str] = (),
    since: date | None = None,
    proof: Mapping[str, object] | None = None,
    batch: Batch | None = None,
    lifts_suppression: bool = False,
    actor: Actor,
) -> Permission:
    """Give a permission to an address, making its contact if needed.

    A proof is kept as sealed JSON. Raises Suppressed for a stopped mailbox or domain; with lifts_suppression, which
    only a newer consent of the data subject justifies, the mailbox's own suppression is lifted instead.
    """
    admit()
    if lifts_suppression:
        _lift_suppression(address, actor)
    if is_suppressed(address):
        raise Suppressed
    contact = _contact_for(address)
    token = bytes(contact.token)
    sealed = sealer().seal(json.dumps(proof).encode(), column=GIVEN_PROOF, token=token) if proof is not None else None
    permission = Permission.objects.create(
        contact=contact,
        kind=kind,
        source=source,
        audience=audience,
        purposes=" ".join(purposes),
        since=since,
        proof=sealed,
        batch=batch,
    )
    facts = {"kind": kind.value, "source": source.key, "audience": audience.key}
    record("register.add_permission", actor=actor, subject=_subject(contact), facts=facts)
    return permission


@transaction.atomic
def uncover_address(*, contact: Contact, purpose: str, reason: str, actor: Actor) -> str:
    """Open a contact's address for a person to see, with its row in the ledger; ReasonMissing without a reason."""
    if not (purpose.strip() and reason.strip()):
        raise ReasonMissing
    record_look("register.uncover_address", actor=actor, subject=_subject(contact), purpose=purpose, reason=reason)
    return open_address(contact)


@transaction.atomic
def show_person(*, address: Address, purpose: str, reason: str, actor: Actor) -> dict[str, list[Found]]:
    """Give everything that each store keeps about a mailbox (GDPR 15), with its row in the ledger.

    The stores are named as their Holdings are. Raises ReasonMissing without a purpose and a reason.
    """
    if not (purpose.strip() and reason.strip()):
        raise ReasonMissing
    keys = sealer()
    folded = keys.folded_token(address)
    contacts = contacts_of_mailbox(folded)
    ids = tuple(contacts.values_list("pk", flat=True))
    whom = Person(folded, keys.exact_token(address), ids, address.text)
    found = {each.name: each.find(whom) for each in holdings}
    facts = {"contacts": [str(each.ref) for each in contacts], "found": sum(map(len, found.values()))}
    record_look("register.show_person", actor=actor, purpose=purpose, reason=reason, facts=facts)
    return found


def export_contacts(
    *, audience: Audience, to: Disclosee | None = None, purpose: str, reason: str, release: str = "", actor: Actor
) -> Iterator[str]:
    """Give an audience's addresses as a table of comma-separated values, line by line; none of it is executable.

    Contacts under restriction and those who forbade disclosure are left out. The row in the ledger stands before the
    first line leaves; where the file is for a disclosee, so does the disclosure, by which they are told of later
    changes (GDPR 19). release: the reference of a second person's release, where it needed one.

    Raises ReasonMissing without a purpose and a reason, NotDisclosed for a disclosee to whom nothing is disclosed
    today, ExportClosed while a broken promise of the notice closes exports.
    """
    if not (purpose.strip() and reason.strip()):
        raise ReasonMissing
    if broken := closed_by(Door.EXPORT):
        raise ExportClosed(broken)
    if to is not None and to not in disclosees(timezone.localdate()):
        raise NotDisclosed
    contacts = exportable_contacts(audience)
    with transaction.atomic():
        numbers = list(contacts.values_list("pk", flat=True))
        facts: dict[str, object] = {"contacts": len(numbers), **({"release": release} if release else {})}
        if to is not None:
            facts["disclosee"] = to.pk
        subject = Subject("audience", audience.key)
        row = record_look(
            "register.export_contacts", actor=actor, subject=subject, purpose=purpose, reason=reason, facts=facts
        )
        keep_seen(row, numbers)
        if to is not None:
            Disclosure.objects.create(to=to, audience=audience, contacts=len(numbers), look=row.pk)
    # Who stops while the file is being written is left out of the rest; who comes after the row is not in the file.
    parts = (contacts.filter(pk__in=numbers[at : at + AT_ONCE]) for at in range(0, len(numbers), AT_ONCE))
    return table(EXPORTED, ((open_address(each),) for part in parts for each in part))


@transaction.atomic
def restrict_contact(*, contact: Contact, reason: str, actor: Actor) -> Restriction:
    """Restrict the processing of a contact (GDPR 18), at once and for every copy of the database.

    This is the write alone; stop.restrict also waits for letters under way, and is what people and doors call. One that
    stands only while something is examined goes over to the reason that outlasts the examination.
    """
    close_door()
    now = timezone.now()
    Contact.objects.filter(pk=contact.pk, restricted_at=None).update(restricted_at=now)
    contact.refresh_from_db(fields=["restricted_at"])
    restriction = Restriction.objects.filter(contact=contact, lifted_at=None).first()
    if restriction is None:
        restriction = Restriction.objects.create(contact=contact, reason=reason, since=now)
    elif not restriction.outlast(reason):
        return restriction
    record("register.restrict", actor=actor, subject=_subject(contact), reason=reason)
    erasures.append([Entry(Operation.RESTRICT, (bytes(contact.folded),), value=reason)])
    return restriction


@transaction.atomic
def announce_lifting(*, contact: Contact, actor: Actor) -> Restriction:
    """Record that the data subject was told that the restriction will be lifted; NotRestricted when there is none."""
    restriction = _open_restriction(contact)
    restriction.notified_at = restriction.notified_at or timezone.now()
    restriction.save(update_fields=["notified_at"])
    record("register.announce_lifting", actor=actor, subject=_subject(contact))
    return restriction


@transaction.atomic
def lift_restriction(*, contact: Contact, actor: Actor) -> Restriction:
    """Lift a restriction; NotRestricted, or LiftingNotAnnounced before its data subject was told (GDPR 18(3))."""
    close_door()
    restriction = _open_restriction(contact)
    if restriction.notified_at is None:
        raise LiftingNotAnnounced
    restriction.lifted_at = timezone.now()
    restriction.save(update_fields=["lifted_at"])
    Contact.objects.filter(pk=contact.pk).update(restricted_at=None)
    contact.restricted_at = None
    record("register.lift_restriction", actor=actor, subject=_subject(contact))
    erasures.append([Entry(Operation.LIFT, (bytes(contact.folded),), value=Operation.RESTRICT)])
    return restriction


@transaction.atomic
def prohibit(*, folded: bytes, kinds: Prohibited, channel: str, actor: Actor) -> Prohibited:
    """Add to what a mailbox's data subject forbids and tell the sum (GDPR 21). It outlives the contact.

    This is the write alone; stop.prohibit also waits for letters under way and tells the sources.
    """
    close_door()
    return _set_prohibited(folded, prohibited_kinds(folded) | kinds, verb="prohibit", channel=channel, actor=actor)


@transaction.atomic
def lift_prohibition(*, folded: bytes, kinds: Prohibited, channel: str, actor: Actor) -> Prohibited:
    """Take back some of what a mailbox's data subject forbade, on that person's own word; tell what is left."""
    close_door()
    left = prohibited_kinds(folded) & ~kinds
    return _set_prohibited(folded, left, verb="lift_prohibition", channel=channel, actor=actor)


def _set_prohibited(folded: bytes, kinds: Prohibited, *, verb: str, channel: str, actor: Actor) -> Prohibited:
    if kinds == prohibited_kinds(folded):
        return kinds
    if kinds:
        Prohibition.objects.update_or_create(folded=folded, defaults={"kinds": int(kinds)})
    else:
        Prohibition.objects.filter(folded=folded).delete()
    note_disclosure_forbidden(folded)
    refs = [str(ref) for ref in Contact.objects.filter(folded=folded).values_list("ref", flat=True)]
    facts = {"kinds": int(kinds), "channel": channel}
    record(f"register.{verb}", actor=actor, subject=Subject("contact", refs[0] if refs else ""), facts=facts)
    erasures.append([Entry(Operation.PROHIBIT, (folded,), value=str(int(kinds)))])
    return kinds


def _lift_suppression(address: Address, actor: Actor) -> None:
    folded = sealer().folded_token(address)
    lifted, _ = Suppression.objects.filter(token=folded, scope=Suppression.MAILBOX).delete()
    if lifted:
        record("register.lift_suppression", actor=actor)
        erasures.append([Entry(Operation.LIFT, (folded,), value=Operation.SUPPRESS)])


def _contact_for(address: Address) -> Contact:
    """Find or make the row of an address. Its tokens are of the normalised spelling."""
    keys = sealer()
    token = keys.exact_token(address)
    made = {
        "folded": keys.folded_token(address),
        "domain": keys.domain_token(address.domain),
        "sealed": keys.seal(address.text.encode(), column=CONTACT_ADDRESS, token=token),
    }
    contact, _ = Contact.objects.get_or_create(token=token, defaults=made)
    return contact


def _open_restriction(contact: Contact) -> Restriction:
    restriction = Restriction.objects.filter(contact=contact, lifted_at=None).order_by("-pk").first()
    if restriction is None:
        raise NotRestricted
    return restriction


def _subject(contact: Contact) -> Subject:
    return Subject("contact", str(contact.ref))
