"""The proof of a restored backup: what each line of the ledger of erasures brought about is looked for in the register.

What is to be found is worked out from the lines alone and from who was there before they were carried out again, not
from what carrying them out has done. A later line may take an earlier one back: then the later one counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from luvalla.ledger.erasures import Line, Operation
from luvalla.ledger.replaying import Missed, Proof, provers
from luvalla.ledger.vault import sealer
from luvalla.register.models import Contact, Restriction, Suppression
from luvalla.register.queries import left_by_correction, prohibited_kinds, suppressed_tokens
from luvalla.register.rectification import opened_correction
from luvalla.rules.address import Address
from luvalla.rules.ports import Person, holdings
from luvalla.rules.purposes import Prohibited

AT_ONCE: Final = 500
"""How many mailboxes are looked for with one question."""
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
        self._moved: Effects = {}
        self._before = _contacts_behind(lines)
        self._people: dict[bytes, Person] = {}
        for line in lines:
            TELLING.get(line.entry.operation, RegisterProof._nothing)(self, line)

    def effects(self) -> int:
        """Tell how many effects are looked for."""
        kinds = (
            self._gone, self._gone_spelling, self._corrected, self._restricted, self._free, self._kept_away,
            self._let_in, self._forbidden, self._moved,
        )  # fmt: skip
        return sum(len(each) for each in kinds)

    def missed(self) -> Iterator[Missed]:
        """Name the lines whose effect isn't there, with the random references of the contacts that show it."""
        yield from self._still_there()
        there = _those_there(self._corrected)
        yield from (Missed(line) for token, line in self._corrected.items() if token not in there)
        standing = Restriction.objects.filter(lifted_at=None).values("contact")
        not_restricted = Contact.objects.filter(Q(restricted_at=None) | ~Q(pk__in=standing))
        yield from _named(self._restricted, not_restricted)
        yield from _named(self._free, Contact.objects.exclude(restricted_at=None))
        yield from self._bans_that_differ()

    def _still_there(self) -> Iterator[Missed]:
        """Find who should be gone: a contact, or anything that erasing once more would take from any store."""
        of_domain = {token: line for token, line in self._gone.items() if _is_of_domain(line)}
        of_mailbox = {token: line for token, line in self._gone.items() if token not in of_domain}
        yield from _named(of_domain, Contact.objects.all(), by="domain")
        yield from _named(of_mailbox, Contact.objects.all())
        yield from _named(self._gone_spelling, Contact.objects.all(), by="token")
        there = _those_there(of_mailbox)
        quiet = [(line, self._people[token]) for token, line in of_mailbox.items() if token not in there]
        merged = [
            (line, left_by_correction(token, self._before[token].contact_ids, keeps_mailbox=True))
            for token, line in self._moved.items()
        ]
        yield from _would_still_go([*quiet, *merged])

    def _bans_that_differ(self) -> Iterator[Missed]:
        standing = _found(Suppression.objects.filter(expires_at=None), self._kept_away, by="token")
        yield from (Missed(line) for token, line in self._kept_away.items() if token not in standing)
        left = _found(Suppression.objects.filter(scope=Suppression.MAILBOX), self._let_in, by="token")
        yield from (Missed(line) for token, line in self._let_in.items() if token in left)
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
        self._moved[old] = line
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
        self._people.setdefault(token, self._before[token])
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


def _contacts_behind(lines: Sequence[Line]) -> dict[bytes, Person]:
    """Look who is at the mailboxes that lines erase or correct, while the database is still the backup's."""
    tokens = dict.fromkeys(token for line in lines for token in _mailboxes(line))
    found: defaultdict[bytes, list[tuple[int, bytes]]] = defaultdict(list)
    for some in _some(tokens):
        rows = Contact.objects.filter(folded__in=some).order_by("pk").values_list("folded", "pk", "token")
        for folded, number, exact in rows:
            found[bytes(folded)].append((number, bytes(exact)))
    return {
        token: Person(token, found[token][0][1] if found[token] else None, tuple(number for number, _ in found[token]))
        for token in tokens
    }


def _mailboxes(line: Line) -> Iterator[bytes]:
    if line.entry.operation is Operation.ERASE:
        yield from _tokens(line)
    elif line.entry.operation is Operation.RECTIFY:
        yield from map(sealer().folded_token, opened_correction(line.entry))


def _some(tokens: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(tokens)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _found(rows: QuerySet[Any], tokens: Iterable[bytes], *, by: str) -> set[bytes]:
    """Tell which of the tokens the rows have in that column."""
    return {
        bytes(each) for some in _some(tokens) for each in rows.filter(**{f"{by}__in": some}).values_list(by, flat=True)
    }


def _those_there(mailboxes: Iterable[bytes]) -> set[bytes]:
    return _found(Contact.objects.all(), mailboxes, by="folded")


def _is_of_domain(line: Line) -> bool:
    return line.entry.operation is Operation.SUPPRESS and line.entry.value == Suppression.DOMAIN


def _named(effects: Effects, contacts: QuerySet[Contact], *, by: str = "folded") -> Iterator[Missed]:
    """Name the lines about one of these contacts, with the contacts' references."""
    for some in _some(effects):
        refs: defaultdict[bytes, list[str]] = defaultdict(list)
        for token, ref in contacts.filter(**{f"{by}__in": some}).order_by("pk").values_list(by, "ref"):
            refs[bytes(token)].append(str(ref))
        yield from (Missed(effects[token], tuple(named)) for token, named in refs.items())


def _would_still_go(expected: Sequence[tuple[Line, Person]]) -> Iterator[Missed]:
    """Name the lines of which any store still has something to erase; it is only tried, and taken back."""
    for begin in range(0, len(expected), AT_ONCE):
        some = expected[begin : begin + AT_ONCE]
        people = [person for _, person in some]
        with transaction.atomic():
            rows = [sum(each) for each in zip(*(holding.erase_together(people) for holding in holdings), strict=True)]
            transaction.set_rollback(True)
        yield from (Missed(line) for (line, _), left in zip(some, rows, strict=True) if left)
