"""Where addresses are opened: every place of the program that does, and what it leaves in the ledger (claim X3)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from luvalla.register.columns import (
    CHANGE_TO_TELL,
    CONTACT_ADDRESS,
    CORRECTED,
    CORRECTION,
    DISCLOSEE_NOTICE,
    SINGLE_DISCLOSURE,
    SOURCE_NOTICE,
)

OPENERS: Final = frozenset({
    "open_address", "whole_address", "address_of", "corrected_address_of", "opened_correction",
    "change_of", "given_in", "_opened_change",
})  # fmt: skip
"""Functions that give an opened address."""
COLUMNS: Final = frozenset({
    "CONTACT_ADDRESS", "SOURCE_NOTICE", "CORRECTED", "CORRECTION",
    CONTACT_ADDRESS, SOURCE_NOTICE, CORRECTED, CORRECTION,
    "SINGLE_DISCLOSURE", "CHANGE_TO_TELL", "DISCLOSEE_NOTICE", SINGLE_DISCLOSURE, CHANGE_TO_TELL, DISCLOSEE_NOTICE,
})  # fmt: skip
"""What a sealed address is opened as, by name or spelled out."""
KNOWN: Final = {
    "api/contacts.py": "api.read_contacts",
    "mailroom/writing.py": "writes each letter of a window; the window is a row",
    "public/requests.py": "rights.receive_request: whoever holds a letter's link asks about its own mailbox",
    "register/actions.py": "register.uncover_address, register.show_person and register.export_contacts",
    "register/claims.py": "counts values that open, shows none",
    "register/disclosee_notices.py": "register.find_disclosees, and rights.show_disclosee_letter",
    "register/erasure_claims.py": "looks for what was made from addresses, shows none",
    "register/holdings.py": "the copy of a person's data: register.show_person",
    "register/queries.py": "masked addresses (register.show_contact), and stop links made with an older key",
    "register/rectification.py": "register.rectify; in a restored backup ledger.restore",
    "register/proving.py": "ledger.restore",
    "register/replaying.py": "ledger.restore",
    "register/single_disclosures.py": "register.note_disclosure and register.show_disclosure",
    "register/source_notices.py": "register.fetch_notices",
    "register/stop.py": "register.stop",
    "rights/cases.py": "rights.search_store and rights.carry_out: where a correction has put the requester",
    "rights/restricted.py": "rights.issue_letter: the mailbox that is told of a lifting, and register.lift_restriction",
    "rights/telling.py": "rights.tell_disclosee and rights.show_disclosee_letter: those who were given the data",
}
"""The files that open addresses, and the row in the ledger that tells of it."""


MAY_LOOK: Final = re.compile(rf"\b(?:{'|'.join(sorted(OPENERS))})\b|\bopen\b(?s:.)*\bcolumn\b")
"""What a file that opens addresses has in its text."""
VERB: Final = re.compile(r"\b[a-z]+\.[a-z_]+\b")


class Looks(NamedTuple):
    """What is wrong with the looks of a package."""

    unknown: list[str]
    """Files that open addresses without being known to."""
    unrecorded: list[str]
    """Rows that a file which looks is known to leave, and that nothing writes any more."""


def examine_looks(package: Path, known: Mapping[str, str]) -> Looks:
    """Read the files of a package: where it opens addresses, and which of the promised rows it writes into the ledger.

    A file is read as a program only where its text has the words that it would need.
    """
    texts = {file.relative_to(package).as_posix(): file.read_text(encoding="utf-8") for file in package.rglob("*.py")}
    looking = {name for name, text in texts.items() if MAY_LOOK.search(text) and any(map(_is_a_look, _nodes_of(text)))}
    promised = {verb for name in looking & set(known) for verb in VERB.findall(known[name])}
    writing = (text for text in texts.values() if any(verb in text for verb in promised))
    written = {verb for text in writing for verb in _rows_written(_nodes_of(text))}
    return Looks(sorted(looking - set(known)), sorted(promised - written))


def _nodes_of(text: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(text)))


def _rows_written(nodes: list[ast.AST]) -> Iterator[str]:
    """Give the verbs of the rows that a file writes, spelled out in the call or named above it."""
    named = dict(_constants(nodes))
    for node in nodes:
        if isinstance(node, ast.Call) and _name(node.func).startswith("record") and node.args:
            verb = node.args[0]
            yield str(verb.value) if isinstance(verb, ast.Constant) else named.get(_name(verb), "")


def _constants(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            yield _name(node.target), str(node.value.value)


def _is_a_look(node: ast.AST) -> bool:
    """Tell whether a piece of a program speaks of a function that opens addresses, or opens one itself."""
    if isinstance(node, ast.alias):
        return node.name in OPENERS
    if isinstance(node, ast.Name | ast.Attribute):
        return _name(node) in OPENERS
    return (
        isinstance(node, ast.Call) and _name(node.func) == "open" and any(_is_address(each) for each in node.keywords)
    )


def _is_address(keyword: ast.keyword) -> bool:
    value = keyword.value.value if isinstance(keyword.value, ast.Constant) else _name(keyword.value)
    return keyword.arg == "column" and value in COLUMNS


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
