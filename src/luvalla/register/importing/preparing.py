"""From rows to tokens: each row checked by itself, its address turned into what the register finds it by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from luvalla.ledger.sealing import Sealer
from luvalla.register.importing.columns import Columns, Role
from luvalla.register.importing.evidence import Remembered, Told, forbids, kind_reader
from luvalla.register.importing.faults import RowFault
from luvalla.register.importing.records import Row
from luvalla.rules.address import Fault, NotAnAddress, normalise
from luvalla.rules.purposes import PermissionKind

CHUNK: Final = 8_192
"""Rows that are sorted together. In the order of their tokens they fill the pages of the index, one after the other."""
MOST_DOMAINS: Final = 50_000
AnyFault: TypeAlias = RowFault | Fault


class Prepared(NamedTuple):
    """A row with an address: the tokens to find it by, its address (never written down), and its facts."""

    folded: bytes
    line: int
    exact: bytes
    domain: bytes
    address: str
    kind: PermissionKind | None
    """None where the row doesn't tell it."""
    since: date | None
    prohibited: bool = False
    """Whether the row says that marketing is forbidden."""


@dataclass(slots=True)
class Chunk:
    """Some rows of an export, those with an address in the order of their tokens."""

    rows: list[Prepared] = field(default_factory=list)
    refused: list[tuple[int, AnyFault]] = field(default_factory=list)

    def __len__(self) -> int:
        """Count the rows that were read."""
        return len(self.rows) + len(self.refused)


class Domains(dict[str, bytes]):
    """Tokens of domains: an export has few different ones."""

    def __init__(self, keys: Sealer) -> None:
        """Know none yet."""
        super().__init__()
        self._keys = keys

    def __missing__(self, domain: str) -> bytes:
        """Make the token of a domain that wasn't met yet."""
        if len(self) >= MOST_DOMAINS:
            self.clear()
        token = self[domain] = self._keys.domain_token(domain)
        return token


class Preparer:
    """Prepares the rows of one export."""

    def __init__(self, columns: Columns, permission: PermissionKind, keys: Sealer) -> None:
        """Know where the address and the facts stand."""
        self._address = columns.roles[Role.ADDRESS]
        self._since, self._kind = columns.roles.get(Role.SINCE), columns.roles.get(Role.KIND)
        self._prohibiting = columns.prohibiting
        self._kind_of, self._forbids = kind_reader(permission), lru_cache(maxsize=256)(forbids)
        self._keys, self._domains, self._days = keys, Domains(keys), Remembered()

    def chunks(self, rows: Iterable[Row], *, size: int = CHUNK) -> Iterator[Chunk]:
        """Give the prepared rows chunk by chunk; the last one may be empty."""
        chunk, prepare = Chunk(), self._prepared
        for line, cells in rows:
            try:
                prepared = prepare(line, cells)
            except NotAnAddress as refusal:
                prepared = refusal.fault
            if isinstance(prepared, tuple):
                chunk.rows.append(prepared)
            else:
                chunk.refused.append((line, prepared))
            if len(chunk) >= size:
                chunk.rows.sort()
                yield chunk
                chunk = Chunk()
        chunk.rows.sort()
        yield chunk

    def _prepared(self, line: int, cells: Sequence[str] | RowFault) -> Prepared | AnyFault:
        if isinstance(cells, RowFault):
            return cells
        width = len(cells)
        if width <= self._address:
            return RowFault.TOO_FEW_COLUMNS
        local, domain = address = normalise(cells[self._address])
        told = self._kind_of(cells[self._kind]) if self._kind is not None and self._kind < width else Told.NOTHING
        if told is Told.NO_LEGAL_ENTITY:
            return RowFault.PRIVATE_PERSON
        kind = None if told is Told.NOTHING else told
        since = self._days[cells[self._since]] if self._since is not None and self._since < width else None
        exact = self._keys.exact_token(address)
        folded = self._keys.folded_token(address) if "+" in local else exact
        prohibited = bool(self._prohibiting) and self._is_prohibited(cells)
        return Prepared(folded, line, exact, self._domains[domain], f"{local}@{domain}", kind, since, prohibited)

    def _is_prohibited(self, cells: Sequence[str]) -> bool:
        """Tell whether any column of prohibitions forbids; a row that ends before it forbids nothing."""
        return any(self._forbids(cells[index]) for index in self._prohibiting if index < len(cells))
