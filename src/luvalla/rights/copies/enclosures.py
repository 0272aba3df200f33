"""Files that a store gives with what it keeps: set apart when it is searched, and put into the pack beside the copy."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from luvalla.rights.files import ending_of


def with_files_apart(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Give one thing of a store as JSON can hold it: bytes become files, and their names stand in their place.

    A name says the store, the number of the thing and the field: nothing of anybody.
    """
    files: dict[str, str] = {}

    def plain(value: object, of: str) -> object:
        if isinstance(value, bytes):
            called = f"{of}.{ending_of(value)}"
            files[called] = b64encode(value).decode()
            return called
        if isinstance(value, list):
            return [plain(each, f"{of}-{number}") for number, each in enumerate(value, start=1)]
        return value

    content = {field: plain(value, f"{name}-{field}") for field, value in found["content"].items()}
    return {**found, "content": content, **({"files": files} if files else {})}


def enclosures(found: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """Give the files of what was found by their names, without those of what is left out of the copy."""
    return {
        name: b64decode(content)
        for each in found
        if "withheld" not in each
        for name, content in each.get("files", {}).items()
    }
