"""Ways out of the program over HTTP: there is one, and whoever builds another is found (claim S13)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from django.apps import apps

CLIENTS: Final = frozenset({"http.client", "urllib.request", "urllib3", "requests", "httpx", "httpx2", "aiohttp"})
"""Modules that send requests."""
MAY_IMPORT: Final = re.compile(
    r"(?:\bfrom\s+|\bimport\b(?:[^\n]|\\\n)*?)(?<![.\w])(?:http|urllib3?|requests|httpx2?|aiohttp)\b"
)
"""What a file that imports one of them has in its text; only such files are read as programs."""
KNOWN: Final = {
    "organisation/egress.py": "the one way out, by the list of hosts",
    "staff/accounts/directory.py": "hands the requests of single sign-on over to egress, and opens no connection",
    "staff/accounts/openid.py": "names what directory.py's session raised, and opens no connection",
    "mailroom/preflight.py": "tries a relay that is a mail API, after its place and its contract were asked",
    "mailroom/api_answers.py": "names what a mail API's client raised, and opens no connection",
    "cli/demo/web.py": "the demonstration asks its own server on this machine",
}
"""The files that may, and why."""
LIBRARIES: Final = frozenset({"allauth", "django", "luvalla", "modelcluster", "procrastinate", "taggit", "wagtail"})
"""Whose applications may run inside the program; any other could read the register and give it away."""


def unknown_ways_out(package: Path, known: Mapping[str, str] = KNOWN) -> list[str]:
    """Name the files of a package that could send requests past the list of hosts."""
    files = ((file, file.relative_to(package).as_posix()) for file in package.rglob("*.py"))
    return sorted(name for file, name in files if name not in known and any(_clients_in(file)))


def unknown_applications() -> list[str]:
    """Name the applications that run inside the program and are neither its own nor a library's (claim S19)."""
    return sorted(each.name for each in apps.get_app_configs() if each.name.partition(".")[0] not in LIBRARIES)


def _clients_in(file: Path) -> Iterator[str]:
    text = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if MAY_IMPORT.search(text) else ():
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if _is_client(each.name))
        elif isinstance(node, ast.ImportFrom):
            named = (f"{node.module}.{each.name}" for each in node.names)
            yield from (each for each in (node.module or "", *named) if _is_client(each))


def _is_client(module: str) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in CLIENTS)
