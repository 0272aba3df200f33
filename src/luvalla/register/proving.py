"""The proof of a restored backup: what each line of the ledger of erasures brought about is looked for in the register.

What is to be found is worked out from the lines alone and from who was there before they were carried out again, not
from what carrying them out has done. A later line may take an earlier one back: then the later one counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from luvalla.ledger.erasures import Line, Operation
from luvalla.ledger.replaying import Missed, Proof, provers
from luvalla.ledger.vault import sealer
from luvalla.register.models import Contact, Restriction, Suppression
from luvalla.register.queries import contacts_of_mailbox, prohibited_kinds, suppressed_tokens
from luvalla.register.rectification import opened_correction
from luvalla.rules.address import Address
from luvalla.rules.ports import Person, holdings
from luvalla.rules.purposes import Prohibited

Effects = dict[bytes, Line]
"""The line that counts in the end, by the token it is about."""


class RegisterProof(Proof):
    """What the lines say of mailboxes and domains, to be held against the register afterwards."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Look who is there before anything is carried out again, and work out what has to be true afterwards."""
        self._gone: Effects = {}
        self._gone_spelling: Effects = {}
        self._corrected: Effects = {}
        self._restricted: Effects = {}
        self._free: Effects = {}
        self._kept_away: Effects = {}
        self._let_in: Effects = {}
        self._forbidden: dict[bytes, tuple[Line, Prohibited]] = {}
        self._people: dict[bytes, Person] = {}
        for line in lines:
            TELLING.get(line.entry.operation, RegisterProof._nothing)(self, line)

    def effects(self) -> int:
        """Tell how many effects are looked for."""
        kinds = (
            self._gone, self._gone_spelling, self._corrected, self._restricted, self._free, self._kept_away,
            self._let_in, self._forbidden,
        )  # fmt: skip
        return sum(len(each) for each in kinds)

    def missed(self) -> Iterator[Missed]:
        """Name the lines whose effect isn't there, with the random references of the contacts that show it."""
        yield from self._still_there()
        for token, line in self._corrected.items():
            if not contacts_of_mailbox(token).exists():
                yield Missed(line)
        standing = Restriction.objects.filter(lifted_at=None).values("contact")
        for token, line in self._restricted.items():
            yield from _named(line, contacts_of_mailbox(token).filter(Q(restricted_at=None) | ~Q(pk__in=standing)))
        for token, line in self._free.items():
            yield from _named(line, contacts_of_mailbox(token).exclude(restricted_at=None))
        yield from self._bans_that_differ()

    def _still_there(self) -> Iterator[Missed]:
        """Find who should be gone: a contact, or anything that erasing once more would take from any store."""
        for token, line in self._gone.items():
            contacts = Contact.objects.filter(domain=token) if _is_of_domain(line) else contacts_of_mailbox(token)
            if contacts.exists():
                yield from _named(line, contacts)
            elif line.entry.operation is Operation.ERASE and _would_still_go(self._people[token]):
                yield Missed(line)
        for token, line in self._gone_spelling.items():
            yield from _named(line, Contact.objects.filter(token=token))

    def _bans_that_differ(self) -> Iterator[Missed]:
        for token, line in self._kept_away.items():
            if not Suppression.objects.filter(token=token, expires_at=None).exists():
                yield Missed(line)
        for token, line in self._let_in.items():
            if Suppression.objects.filter(token=token, scope=Suppression.MAILBOX).exists():
                yield Missed(line)
        for token, (line, kinds) in self._forbidden.items():
            if prohibited_kinds(token) != kinds:
                yield Missed(line)

    def _erase(self, line: Line) -> None:
        for token in _tokens(line):
            self._know(token)
            self._gone[token] = line
            self._corrected.pop(token, None)

    def _suppress(self, line: Line) -> None:
        for token in _tokens(line):
            self._kept_away[token] = line
            self._let_in.pop(token, None)
            if _is_of_domain(line):
                self._gone[token] = line

    def _prohibit(self, line: Line) -> None:
        for token in _tokens(line):
            self._forbidden[token] = (line, Prohibited(int(line.entry.value)))

    def _restrict(self, line: Line) -> None:
        for token in _tokens(line):
            self._restricted[token] = line
            self._free.pop(token, None)

    def _lift(self, line: Line) -> None:
        is_suppression = line.entry.value == Operation.SUPPRESS
        before, after = (self._kept_away, self._let_in) if is_suppression else (self._restricted, self._free)
        for token in _tokens(line):
            before.pop(token, None)
            after[token] = line

    def _forget(self, line: Line) -> None:
        for token in _tokens(line):
            self._kept_away.pop(token, None)
            self._let_in[token] = line
            self._forbidden[token] = (line, Prohibited.NOTHING)

    def _rectify(self, line: Line) -> None:
        """Nobody has the old address any more; whoever had it has the new one, unless its owner had stopped it."""
        address, to = opened_correction(line.entry)
        old, new = sealer().folded_token(address), sealer().folded_token(to)
        was_here = self._know(old, address)
        if old == new:
            self._gone_spelling[sealer().exact_token(address)] = line
            self._gone_spelling.pop(sealer().exact_token(to), None)
            return
        self._gone[old] = line
        self._corrected.pop(old, None)
        if was_here and not self._is_kept_away(to):
            self._hand_over(old, new)
            self._gone.pop(new, None)
            self._gone_spelling.pop(sealer().exact_token(to), None)
            self._corrected[new] = line
            self._free.pop(old, None)
            if old in self._restricted:
                self._restricted[new] = self._restricted.pop(old)
                self._free.pop(new, None)

    def _hand_over(self, old: bytes, new: bytes) -> None:
        """Let the one contact that goes on be the new mailbox's."""
        self._know(new)
        ids = self._people[new].contact_ids or self._people[old].contact_ids[:1]
        self._people[old], self._people[new] = Person(old), Person(new, None, ids)

    def _nothing(self, line: Line) -> None:
        """The line says nothing of the register."""

    def _know(self, token: bytes, address: Address | None = None) -> bool:
        """Remember who is behind a token before anything is carried out; tell whether a contact is, at that line."""
        if token not in self._people:
            contacts = list(contacts_of_mailbox(token).order_by("pk"))
            exact = bytes(contacts[0].token) if contacts else None
            self._people[token] = Person(token, exact, tuple(each.pk for each in contacts))
        is_there = bool(self._people[token].contact_ids) and token not in self._gone
        is_of_gone_domain = address is not None and sealer().domain_token(address.domain) in self._gone
        return token in self._corrected or (is_there and not is_of_gone_domain)

    def _is_kept_away(self, address: Address) -> bool:
        """Tell whether an address is suppressed at that line: by an earlier one, or in the backup."""
        mailbox, domain = sealer().folded_token(address), sealer().domain_token(address.domain)
        if {mailbox, domain} & self._kept_away.keys() or suppressed_tokens([domain]):
            return True
        return mailbox not in self._let_in and bool(suppressed_tokens([mailbox]))


TELLING: Final = {
    Operation.ERASE: RegisterProof._erase,  # noqa: SLF001  # the class's own table
    Operation.SUPPRESS: RegisterProof._suppress,  # noqa: SLF001  # the same
    Operation.PROHIBIT: RegisterProof._prohibit,  # noqa: SLF001  # the same
    Operation.RESTRICT: RegisterProof._restrict,  # noqa: SLF001  # the same
    Operation.LIFT: RegisterProof._lift,  # noqa: SLF001  # the same
    Operation.RECTIFY: RegisterProof._rectify,  # noqa: SLF001  # the same
    Operation.FORGET: RegisterProof._forget,  # noqa: SLF001  # the same
}


def take_part() -> None:
    """Register at the port."""
    provers.register("register", RegisterProof)


def _tokens(line: Line) -> Iterator[bytes]:
    return (sealer().rekeyed(token, line.keys) for token in line.entry.tokens)


def _is_of_domain(line: Line) -> bool:
    return line.entry.operation is Operation.SUPPRESS and line.entry.value == Suppression.DOMAIN


def _named(line: Line, contacts: QuerySet[Contact]) -> Iterator[Missed]:
    refs = tuple(str(each) for each in contacts.order_by("pk").values_list("ref", flat=True))
    if refs:
        yield Missed(line, refs)


def _would_still_go(person: Person) -> bool:
    """Tell whether any store still has something to erase; it is only tried, and taken back."""
    with transaction.atomic():
        rows = sum(holding.erase(person) for holding in holdings)
        transaction.set_rollback(True)
    return bool(rows)
