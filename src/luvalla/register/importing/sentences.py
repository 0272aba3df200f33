"""What is wrong with a row or a file, and what to do: one sentence each, in the language of the interface."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import pgettext

from luvalla.register.importing.faults import SAME_MAILBOX, FileFault, RowFault
from luvalla.rules.address import Fault


def row_sentence(fault: str) -> str:
    """Say why a row was not taken."""
    return {
        Fault.EMPTY: pgettext("imports", "The address field is empty"),
        Fault.NO_AT_SIGN: pgettext("imports", "The address has no @ sign"),
        Fault.SEVERAL: pgettext("imports", "There are several addresses in the field"),
        Fault.FORMULA: pgettext("imports", "The cell holds a formula, not an address"),
        Fault.TOO_LONG: pgettext("imports", "The address is too long"),
        Fault.NO_DOMAIN: pgettext("imports", "The address has no domain after the @ sign"),
        Fault.BAD_DOMAIN: pgettext("imports", "What stands after the @ sign is not a domain"),
        Fault.BAD_LOCAL_PART: pgettext("imports", "What stands before the @ sign can't be in an address"),
        Fault.CONTROL_CHARACTER: pgettext("imports", "The address has characters that can't be seen"),
        RowFault.ENCODING: pgettext("imports", "The row's encoding is broken"),
        RowFault.UNCLOSED_QUOTE: pgettext("imports", "A quotation mark is opened and never closed"),
        RowFault.CELL_TOO_LONG: pgettext("imports", "A cell is longer than any cell may be"),
        RowFault.TOO_FEW_COLUMNS: pgettext("imports", "The row ends before the address"),
        RowFault.PRIVATE_PERSON: pgettext("imports", "A private person, though the import is of legal entities"),
        SAME_MAILBOX: pgettext("imports", "The same mailbox stands in the file already"),
    }.get(fault, fault)


def file_sentence(fault: FileFault | str, choices: tuple[str, ...] = ()) -> str:
    """Say why a file was not read, and what to do."""
    return _FILE[FileFault(fault)]() % {"choices": ", ".join(choices)}


def unread_sentence(kind: str, names: Sequence[str]) -> str:
    """Say that columns were not read that sound like "permissions" or "prohibitions", and what to do."""
    said = {
        "permissions": pgettext(
            "imports",
            "Not read, though it sounds as if letters depended on it: %(columns)s. A column of permissions gives and "
            "takes none here. Have the source export only those who may be written to, or mark those who said no "
            "in a column of their own.",
        ),
        "prohibitions": pgettext(
            "imports",
            "Not read, though it sounds like a prohibition: %(columns)s. If it forbids marketing by e-mail, name it as "
            "the column of prohibitions.",
        ),
    }[kind]
    return said % {"columns": ", ".join(names)}


_FILE = {
    FileFault.EMPTY: lambda: pgettext("imports", "The file is empty."),
    FileFault.NOT_A_TABLE: lambda: pgettext(
        "imports", "The file is neither a text table nor a workbook. Export it as CSV or .xlsx."
    ),
    FileFault.WEB_PAGE: lambda: pgettext(
        "imports", "The file is a web page, whatever its name says. Open it in Excel and save it as CSV or .xlsx."
    ),
    FileFault.ENCRYPTED: lambda: pgettext(
        "imports", "The workbook is protected by a password. Save it without one and bring it again."
    ),
    FileFault.TOO_LARGE: lambda: pgettext(
        "imports", "Unpacked, the workbook would be larger than any table. It was not opened. Export it as CSV."
    ),
    FileFault.BROKEN: lambda: pgettext("imports", "The workbook is damaged. Export it again."),
    FileFault.NO_ADDRESS_COLUMN: lambda: pgettext(
        "imports", "No column with addresses was found. Say which one it is; there are: %(choices)s."
    ),
    FileFault.SEVERAL_ADDRESS_COLUMNS: lambda: pgettext(
        "imports", "Several columns hold addresses. Say which one it is; there are: %(choices)s."
    ),
    FileFault.NO_SUCH_COLUMN: lambda: pgettext("imports", "There is no column of that name. There are: %(choices)s."),
    FileFault.NO_SUCH_SHEET: lambda: pgettext("imports", "There is no sheet of that name. There are: %(choices)s."),
    FileFault.NO_SUCH_ENCODING: lambda: pgettext("imports", "There is no encoding of that name."),
    FileFault.NO_ADDRESSES: lambda: pgettext("imports", "Not one row of the file has an address."),
    FileFault.INTERRUPTED: lambda: pgettext("imports", "The reading was interrupted. Bring the file again."),
    FileFault.CHANGED_WHILE_READ: lambda: pgettext(
        "imports", "The file changed while it was read. Wait until it is written to its end and bring it again."
    ),
}
