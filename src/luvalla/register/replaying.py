"""Doing again in a restored backup what the ledger of erasures says of mailboxes, like the stop that was undone by it.

Tokens are brought up to today's keys. Nothing here waits for letters: a quarantined installation sends none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from django.db import transaction

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.erasures import Line, Operation
from luvalla.ledger.replaying import replayers
from luvalla.ledger.vault import sealer
from luvalla.register.disclosee_notices import note_changes
from luvalla.register.disclosures import note_disclosure_forbidden
from luvalla.register.forgetting import remove_tokens
from luvalla.register.holdings import REGISTER
from luvalla.register.models import Contact, DiscloseeNotice, PendingSignUp, Prohibition, Restriction, Stop, Suppression
from luvalla.register.proofs import keep_proofs
from luvalla.register.queries import contacts_of_mailbox, is_suppressed, left_by_correction
from luvalla.register.rectification import concerned, move, opened_correction
from luvalla.register.seen import numbers_of
from luvalla.register.single_disclosures import readdress
from luvalla.register.source_notices import note_for_sources
from luvalla.rules.address import Address
from luvalla.rules.ports import Person, holdings
from luvalla.rules.purposes import Prohibited

MAILBOXES_AT_ONCE: Final = 50
WHY: Final = Stop.Kind.ERASURE.value


def erase(line: Line) -> int:
    """Erase mailboxes from all stores again, keep what proves their permissions, and tell their sources once more."""
    return sum(_erase_mailbox(token) for token in _tokens(line))


def suppress(line: Line) -> int:
    """Keep mailboxes or domains away again; a stopped domain's contacts go."""
    changed = 0
    for token in _tokens(line):
        of_domain = list(Contact.objects.filter(domain=token).values_list("folded", flat=True).distinct())
        is_domain = bool(of_domain) or line.entry.value == Suppression.DOMAIN
        scope = Suppression.DOMAIN if is_domain else Suppression.MAILBOX
        Suppression.objects.update_or_create(
            token=token, defaults={"scope": scope, "reason": WHY, "since": line.at, "expires_at": None}
        )
        changed += 1 + sum(_erase_mailbox(bytes(each)) for each in of_domain)
    return changed


def prohibit(line: Line) -> int:
    """Set what mailboxes forbid to the sum that was written, and tell their sources once more."""
    kinds = int(Prohibited(int(line.entry.value)))
    for token in _tokens(line):
        if kinds:
            Prohibition.objects.update_or_create(folded=token, defaults={"kinds": kinds, "since": line.at})
        else:
            Prohibition.objects.filter(folded=token).delete()
        note_disclosure_forbidden(token, at=line.at)
        for contact in contacts_of_mailbox(token) if kinds else ():
            note_for_sources(contact, kind=Stop.Kind.PROHIBITION, prohibited=Prohibited(kinds))
    return len(line.entry.tokens)


def restrict(line: Line) -> int:
    """Restrict the contacts of mailboxes again (GDPR 18)."""
    changed = 0
    contacts = list(_contacts(line))
    note_changes([each for each in contacts if not each.restricted_at], kind=DiscloseeNotice.Kind.RESTRICTION)
    for contact in contacts:
        Contact.objects.filter(pk=contact.pk, restricted_at=None).update(restricted_at=line.at)
        standing = contact.restrictions.filter(lifted_at=None).first()
        if standing is None:
            Restriction.objects.create(contact=contact, reason=line.entry.value, since=line.at)
        changed += standing is None or standing.outlast(line.entry.value)
    return changed


def lift(line: Line) -> int:
    """Lift restrictions again, whose people were told then, or a suppression whose owner has consented anew."""
    if line.entry.value == Operation.SUPPRESS:
        lifted, _ = Suppression.objects.filter(token__in=list(_tokens(line)), scope=Suppression.MAILBOX).delete()
        return lifted
    contacts = [contact.pk for contact in _contacts(line)]
    Contact.objects.filter(pk__in=contacts).update(restricted_at=None)
    still = Restriction.objects.filter(contact__in=contacts, lifted_at=None)
    still.filter(notified_at=None).update(notified_at=line.at)
    return still.update(lifted_at=line.at)


def rectify(line: Line) -> int:
    """Give contacts their right address again; where it was stopped meanwhile, the wrong one is erased alone."""
    address, to = opened_correction(line.entry)
    contacts, old, new = concerned(address, to), sealer().folded_token(address), sealer().folded_token(to)
    if contacts and is_suppressed(to):
        return _erase_mailbox(old)
    if contacts:
        _tell_and_move(contacts, to)
    if old != new:
        readdress(old, to)
    # Also where it was done before: what another store has kept of a contact that is gone is found by its number.
    merged = [each.number for each in numbers_of(contacts_of_mailbox(new))]
    left = left_by_correction(old, merged, keeps_mailbox=old == new)
    return len(contacts) + sum(holding.erase(left) for holding in holdings)


def forget(line: Line) -> int:
    """Remove the tokens of those who wished to be forgotten altogether."""
    return sum(remove_tokens(token) for token in _tokens(line))


def erase_everybody(*, reason: str, actor: Actor) -> int:
    """Erase every contact and sign-up, where nobody can tell who was erased since the backup; tell how many mailboxes.

    Suppressions, prohibitions and proofs stand. The sources bring back whom they still have; who has signed up by
    themselves does so again.
    """
    mailboxes = 0
    while some := list(Contact.objects.values_list("folded", flat=True).distinct()[:MAILBOXES_AT_ONCE]):
        with transaction.atomic():
            for folded in some:
                _erase_mailbox(bytes(folded), is_told=False)
        mailboxes += len(some)
    with transaction.atomic():
        PendingSignUp.objects.all().delete()
        record("register.erase_everybody", actor=actor, reason=reason, facts={"mailboxes": mailboxes})
    return mailboxes


REPLAYERS: Final[dict[Operation, Callable[[Line], int]]] = {
    Operation.ERASE: erase,
    Operation.SUPPRESS: suppress,
    Operation.PROHIBIT: prohibit,
    Operation.RESTRICT: restrict,
    Operation.LIFT: lift,
    Operation.RECTIFY: rectify,
    Operation.FORGET: forget,
}


def take_part() -> None:
    """Register at the port."""
    for operation, replayer in REPLAYERS.items():
        replayers.register(operation.value, replayer)


def _tokens(line: Line) -> Iterator[bytes]:
    return (sealer().rekeyed(token, line.keys) for token in line.entry.tokens)


def _contacts(line: Line) -> Iterator[Contact]:
    return (contact for token in _tokens(line) for contact in contacts_of_mailbox(token).order_by("pk"))


def _tell_and_move(contacts: list[Contact], to: Address) -> None:
    """Tell the sources and those who were given the data once more, and give the contacts their right address."""
    note_changes(contacts, kind=DiscloseeNotice.Kind.RECTIFICATION, corrected=to.text)
    for each in contacts:
        note_for_sources(each, kind=Stop.Kind.RECTIFIED, corrected=to.text)
    move(contacts, to)


def _erase_mailbox(folded: bytes, *, is_told: bool = True) -> int:
    contacts = list(contacts_of_mailbox(folded))
    if is_told:
        note_changes(contacts, kind=DiscloseeNotice.Kind.ERASURE)
    keep_proofs(contacts, why=WHY)
    for contact in contacts if is_told else ():
        note_for_sources(contact, kind=WHY)
    exact = bytes(contacts[0].token) if contacts else None
    person = Person(folded, exact, tuple(each.pk for each in contacts))
    others = sum(holding.erase(person) for holding in holdings if holding is not REGISTER)
    return others + REGISTER.erase(person)
