"""Reading the register: which contacts are visible, what their addresses are, and what speaks against a letter."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from luvalla.ledger.errors import SealBroken
from luvalla.ledger.sealing import TOKEN_BYTES
from luvalla.ledger.vault import sealer
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.links import StopLink
from luvalla.register.models import Audience, Batch, Contact, Permission, Prohibition, Suppression
from luvalla.rules.address import Address, masked
from luvalla.rules.ports import Person
from luvalla.rules.purposes import Prohibited

IN_FORCE: Final = (Batch.State.APPLIED, Batch.State.SETTLED)
"""States of a batch whose permissions count, and whose endings too."""
ENOUGH_TO_SHOW_A_DOMAIN: Final = 10
"""A domain that fewer contacts share says too much about each of them."""
NO_MAILBOX: Final = bytes(TOKEN_BYTES)
"""Stands for the folded token of a person who is only meant by contacts that are gone."""
log = logging.getLogger(__name__)


def live_permissions() -> QuerySet[Permission]:
    """Give the permissions that count now: from an applied batch or none, and neither ended nor about to be."""
    # Asked one by one, so that no database without statistics takes the batches' index for the way to the permissions.
    in_force = Batch.objects.filter(state__in=IN_FORCE)
    given = Q(batch=None) | Exists(in_force.filter(pk=OuterRef("batch")))
    stands = Q(ending_batch=None) | ~Exists(in_force.filter(pk=OuterRef("ending_batch")))
    return Permission.objects.filter(given, stands, ended_at=None)


def visible_contacts(*, restricted: bool = False) -> QuerySet[Contact]:
    """Give the contacts with a live permission; those under restriction (GDPR 18) only when asked for."""
    seen = Contact.objects.filter(Exists(live_permissions().filter(contact=OuterRef("pk"))))
    return seen if restricted else seen.filter(restricted_at=None)


def find_contact(address: Address) -> Contact | None:
    """Give the visible contact with exactly this address, restricted or not."""
    return visible_contacts(restricted=True).filter(token=sealer().exact_token(address)).first()


def contacts_of_mailbox(folded: bytes) -> QuerySet[Contact]:
    """Give every row of a mailbox whatever its plus-tags, visible or still staged: what a stop erases."""
    return Contact.objects.filter(folded=folded)


def contacts_of_domain(domain: str) -> QuerySet[Contact]:
    """Give the visible contacts of a domain in lower-case A-labels."""
    return visible_contacts().filter(domain=sealer().domain_token(domain))


def contact_of_link(link: StopLink) -> Contact | None:
    """Give the contact a stop link was made for; None when it is gone or its number now belongs to another.

    The link may know the token of an older key; the address itself tells what that token was. Where it can't be opened
    the link is believed, and where the address was corrected since: in doubt no letter goes.
    """
    contact = Contact.objects.filter(pk=link.contact_id).first()
    if contact is None or link.fits(bytes(contact.token)) or contact.rectifications.exists():
        return contact
    try:
        older = sealer().exact_tokens(parsed(open_address(contact)))
    except SealBroken:
        return contact
    return contact if any(link.fits(each) for each in older) else None


def whole_address(contact: Contact) -> str | None:
    """Give a contact's address, for a stop that needn't know it; None, and a line in the log, where its seal is broken.

    Its tokens are enough to block and to erase it.
    """
    try:
        return open_address(contact)
    except SealBroken:
        log.error("the address of contact %s cannot be opened; it is stopped by its token", contact.pk)  # noqa: TRY400  # no text
        return None


def contacts_of_links(links: Sequence[StopLink]) -> list[Contact | None]:
    """Give the contact of each link, as `contact_of_link` does."""
    found = Contact.objects.in_bulk({each.contact_id for each in links})
    contacts = [(link, found.get(link.contact_id)) for link in links]
    return [
        contact if contact is None or link.fits(bytes(contact.token)) else contact_of_link(link)
        for link, contact in contacts
    ]


def exportable_contacts(audience: Audience) -> QuerySet[Contact]:
    """Give the contacts of an audience that may be given out: neither restricted, stopped nor forbidden (GDPR 21)."""
    of_audience = live_permissions().filter(contact=OuterRef("pk"), audience=audience)
    forbidden = Prohibition.objects.annotate(disclosure=F("kinds").bitand(int(Prohibited.DISCLOSURE)))
    return (
        Contact.objects.filter(Exists(of_audience), restricted_at=None)
        .exclude(Exists(forbidden.filter(folded=OuterRef("folded"), disclosure__gt=0)))
        .exclude(Exists(live_suppressions().filter(token__in=(OuterRef("folded"), OuterRef("domain")))))
        .order_by("pk")
    )


def left_by_correction(folded: bytes, contact_ids: Collection[int], *, keeps_mailbox: bool) -> Person:
    """Tell who is left where an address was corrected: the old mailbox, and those of these contacts that are gone.

    They have become one with a contact that was at the right address already. A mailbox of which only the tag was
    corrected is still its person's, and not meant.
    """
    gone = set(contact_ids).difference(Contact.objects.filter(pk__in=contact_ids).values_list("pk", flat=True))
    if keeps_mailbox:
        return Person(NO_MAILBOX, contact_ids=tuple(gone))
    return Person(folded, contact_ids=tuple(gone.union(contacts_of_mailbox(folded).values_list("pk", flat=True))))


def open_address(contact: Contact) -> str:
    """Open a contact's address. Whoever shows it to a person calls actions.uncover_address instead."""
    return sealer().open(bytes(contact.sealed), column=CONTACT_ADDRESS, token=bytes(contact.token)).decode()


def parsed(text: str) -> Address:
    """Take an address of the register, which is normalised, apart."""
    local, _, domain = text.rpartition("@")
    return Address(local, domain)


def shown_address(contact: Contact) -> str:
    """Give the masked address for lists: the domain is seen where at least ten contacts share it."""
    return masked(open_address(contact), show_domain=_is_shared(bytes(contact.domain)))


def shown_addresses(contacts: Iterable[Contact]) -> dict[int, str]:
    """Give the masked addresses of a page of contacts by their ids; each domain is asked for once."""
    page = list(contacts)
    shared = {domain: _is_shared(domain) for domain in {bytes(each.domain) for each in page}}
    return {each.pk: masked(open_address(each), show_domain=shared[bytes(each.domain)]) for each in page}


def is_suppressed(address: Address) -> bool:
    """Tell whether the mailbox or its whole domain was stopped."""
    keys = sealer()
    return bool(suppressed_tokens([keys.folded_token(address), keys.domain_token(address.domain)]))


def suppressed_tokens(tokens: Collection[bytes], now: datetime | None = None) -> set[bytes]:
    """Pick the folded and domain tokens that are suppressed now."""
    alive = live_suppressions(now).filter(token__in=list(tokens))
    return {bytes(each) for each in alive.values_list("token", flat=True)}


def live_suppressions(now: datetime | None = None) -> QuerySet[Suppression]:
    """Give the suppressions that haven't ended."""
    return Suppression.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now or timezone.now()))


def prohibited_kinds(folded: bytes) -> Prohibited:
    """Tell what the data subject behind a mailbox has forbidden."""
    kinds = Prohibition.objects.filter(folded=folded).values_list("kinds", flat=True).first()
    return Prohibited(kinds or 0)


def _is_shared(domain: bytes) -> bool:
    """Look for the tenth contact of a domain, which is as cheap for a large domain as for a small one."""
    last = ENOUGH_TO_SHOW_A_DOMAIN - 1
    return bool(Contact.objects.filter(domain=domain).values_list("pk", flat=True)[last : last + 1])
