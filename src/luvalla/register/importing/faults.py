"""Why a row, or a whole file, is not taken: closed lists of codes, each with its sentence in the interface."""

from __future__ import annotations

from enum import StrEnum


class RowFault(StrEnum):
    """Why one row is refused, beside the faults of its address (rules.address.Fault). The other rows don't suffer."""

    ENCODING = "encoding"
    UNCLOSED_QUOTE = "unclosed_quote"
    CELL_TOO_LONG = "cell_too_long"
    TOO_FEW_COLUMNS = "too_few_columns"
    PRIVATE_PERSON = "private_person"
    """The source says private person, the import says legal entities: no such permission can be given."""


class FileFault(StrEnum):
    """Why a file is not read at all. Nothing of it is kept and nothing is changed."""

    EMPTY = "empty"
    NOT_A_TABLE = "not_a_table"
    WEB_PAGE = "web_page"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"
    BROKEN = "broken"
    NO_ADDRESS_COLUMN = "no_address_column"
    SEVERAL_ADDRESS_COLUMNS = "several_address_columns"
    NO_SUCH_COLUMN = "no_such_column"
    NO_SUCH_SHEET = "no_such_sheet"
    NO_SUCH_ENCODING = "no_such_encoding"
    NO_ADDRESSES = "no_addresses"
    INTERRUPTED = "interrupted"
    CHANGED_WHILE_READ = "changed_while_read"


SAME_MAILBOX = "same_mailbox"
"""Noted beside a line whose mailbox stands in the file already."""
