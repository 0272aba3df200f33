"""The exception tree of imports.

ImportingError (RegisterError)
├── NotReadable       the file can't be read as an export; carries a FileFault and what the person can do about it
├── Undecided         the source has another export on its way; it is decided first
├── Lost              another process has given this batch up: the reader stops
├── NotDecidable      the batch is not in a state in which this can be decided
├── ReleaseMissing    it would lose over a tenth of the source's addresses: a second person releases it first
└── SamePerson        whoever brings or decides an import doesn't release it too
"""

from __future__ import annotations

from collections.abc import Sequence

from luvalla.register.errors import RegisterError
from luvalla.register.importing.faults import FileFault


class ImportingError(RegisterError):
    """Something is wrong with an import."""


class NotReadable(ImportingError):
    """The file can't be read as an export. `choices` are the columns, sheets or encodings there are."""

    def __init__(self, fault: FileFault, choices: Sequence[str] = ()) -> None:
        """Keep the fault and what can be chosen instead."""
        super().__init__(fault.value)
        self.fault = fault
        self.choices = tuple(choices)


class Undecided(ImportingError):
    """The source has another export on its way, which is decided or discarded first."""

    def __init__(self, batch_id: int) -> None:
        """Keep the number of the batch that waits."""
        super().__init__(f"batch {batch_id}")
        self.batch_id = batch_id


class Lost(ImportingError):
    """Another process has given this batch up. Nothing of it is visible, and what was staged is cleared away."""


class NotDecidable(ImportingError):
    """The batch is not in a state in which this can be decided."""


class ReleaseMissing(ImportingError):
    """The import would lose over a tenth of the source's addresses; a second person has to release it first."""


class SamePerson(ImportingError):
    """Whoever brings or decides an import doesn't release it too."""
