"""What was said in a case: sealed with the requester's folded token, opened only where it is used."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from luvalla.ledger.vault import sealer
from luvalla.register.models import Contact
from luvalla.register.queries import contacts_of_mailbox, open_address, parsed
from luvalla.rights.columns import INCOMING, REQUEST
from luvalla.rights.models import CaseEvent, DataRequest, IncomingCopy
from luvalla.rules.address import Address
from luvalla.rules.case_states import Right
from luvalla.rules.ports import Person

CONTACT_NOTED: Final = "contact_noted"
"""Names a contact of the requester's mailbox by its number, as the request arrived."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a data subject told us, and nothing more than that. An address is normalised or empty."""

    address: str = ""
    name: str = ""
    postal: str = ""
    text: str = ""
    representative: str = ""
    """The representative's own address, where one asks for somebody."""
    new_address: str = ""
    """What the address is to be corrected to."""
    keep_token: bool = True
    """False where the person wants even the suppression token gone, knowing the consequence."""
    transmit_to: str = ""
    """The other controller a copy is to be transmitted to (GDPR 20(2))."""
    authority: str = ""
    """Country of the authority the person would complain to: of residence, of work, or where it happened (GDPR 77)."""
    hidden: tuple[str, ...] = ()
    """Words about others that are blacked out in the copy (GDPR 15(4))."""


def said(request: DataRequest) -> Said:
    """Open what a request says."""
    opened: dict[str, Any] = open_json(bytes(request.sealed), column=REQUEST, folded=bytes(request.folded))
    return Said(**{**opened, "hidden": tuple(opened.get("hidden", ()))})


def sealed_said(what: Said, folded: bytes) -> bytes:
    """Seal what a request says."""
    return seal_json(asdict(what), column=REQUEST, folded=folded)


def document_of(copy: IncomingCopy) -> bytes:
    """Open the document that another controller has transmitted; empty once it was decided on."""
    sealed = bytes(copy.sealed)
    return sealer().open(sealed, column=INCOMING, token=bytes(copy.folded)) if sealed else b""


def seal_json(document: object, *, column: str, folded: bytes) -> bytes:
    """Seal a JSON document for a column of a case."""
    return sealer().seal(json.dumps(document, ensure_ascii=False, default=str).encode(), column=column, token=folded)


def open_json(sealed: bytes, *, column: str, folded: bytes) -> Any:
    """Open a sealed JSON document; None when there is none."""
    return json.loads(sealer().open(sealed, column=column, token=folded)) if sealed else None


def seal_text(text: str, *, column: str, folded: bytes) -> bytes:
    """Seal a text; nothing stays nothing."""
    return sealer().seal(text.encode(), column=column, token=folded) if text else b""


def open_text(sealed: bytes, *, column: str, folded: bytes) -> str:
    """Open a sealed text."""
    return sealer().open(sealed, column=column, token=folded).decode() if sealed else ""


def address_of_requester(request: DataRequest) -> Address | None:
    """Give the mailbox a request is about; None for a request on paper without one."""
    text = said(request).address
    return parsed(text) if text else None


def mailbox_now(request: DataRequest) -> Address | None:
    """Give the mailbox under which the stores are to do what is asked; None for a request on paper without one.

    It is another one than the request's own where this very mailbox, proved, has had its address corrected since, and
    the contact noted at arrival has it now. Whose address somebody else has corrected may be another person's: who
    holds the old mailbox then moves nothing there, and no copy ever follows.
    """
    own = address_of_requester(request)
    if own is None or contacts_of_mailbox(sealer().folded_token(own)).exists():
        return own
    noted = request.events.filter(kind=CONTACT_NOTED).values_list("after", flat=True)
    named = {sealer().folded_token(each) for each in _corrections_asked(request)}
    moved = Contact.objects.filter(pk__in=[int(each) for each in noted], folded__in=named).order_by("pk").first()
    return parsed(open_address(moved)) if moved is not None else own


def _corrections_asked(request: DataRequest) -> list[Address]:
    """Give the right addresses that the same mailbox has named, proved, in corrections that were carried out."""
    done = CaseEvent.objects.filter(kind="carried_out", after=Right.RECTIFICATION).values("request")
    others = DataRequest.objects.filter(folded=bytes(request.folded), identity__gt=0, pk__in=done)
    return [parsed(text) for each in others.exclude(pk=request.pk) if (text := said(each).new_address)]


def person_of(request: DataRequest) -> Person | None:
    """Tell whom the stores are asked about; None where no mailbox is known."""
    address = address_of_requester(request)
    if address is None:
        return None
    keys = sealer()
    folded = keys.folded_token(address)
    ids = tuple(contacts_of_mailbox(folded).values_list("pk", flat=True))
    return Person(folded, keys.exact_token(address), ids, address.text)
