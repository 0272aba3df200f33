"""The recovery kit as a page to print: whose it is, what it opens, the keys, and how they come back from it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from luvalla.cli.language import console_language, pgettext

TEMPLATE: Final = "kit.typ"
LINE: Final = re.compile(r"(?P<name>\S+)\s+(?P<value>\S+)(?:\s+(?P<check>\S+))?")


def kit_page(lines: Sequence[str]) -> bytes:
    """Typeset the lines of a kit as a tagged PDF in the console's language; nothing is written to a disk."""
    from django.utils import timezone

    from luvalla import VERSION
    from luvalla.documents.pdf import make_pdf
    from luvalla.organisation.queries import the_controller

    controller, day = the_controller(), timezone.localdate().isoformat()
    keys = [list(found.groups("")) for line in lines if (found := LINE.fullmatch(line.strip()))]
    data = {
        "title": pgettext("kit", "Recovery kit"),
        "language": console_language(os.environ),
        "sender": [controller.name, controller.base_url, f"Luvalla {VERSION} · {day}"],
        "foot": f"{controller.name} · {pgettext('kit', 'Recovery kit')} · {day}",
        "lead": [
            pgettext(
                "kit",
                "Whoever has this page can open every address of this installation. Keep it in a safe, apart from the "
                "backups. Without it nobody can open them once the disk is lost.",
            )
        ],
        "heads": [pgettext("kit", "Key"), pgettext("kit", "Value"), pgettext("kit", "Check")],
        "keys": keys,
        "after": _after(),
    }
    template = (resources.files("luvalla.cli") / TEMPLATE).read_text(encoding="utf-8")
    return make_pdf(template, data)


def write_page(page: bytes, place: Path) -> None:
    """Write the page into a new file that only its owner can read. Raises FileExistsError."""
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(page)


def _after() -> list[str]:
    return [
        pgettext(
            "kit",
            "To bring the keys back: install Luvalla on the new machine, type each line into a file (key, value, "
            "check, with spaces between), and give luvalla keys enter FILE. Order, capitals and spaces don't matter; "
            "a slip is told by its line. Delete the file afterwards.",
        ),
        pgettext(
            "kit",
            "Then luvalla restore FILE puts a backup back. It also needs the newest ledger of erasures, from its "
            "second place: it tells who was erased since the backup.",
        ),
        pgettext("kit", "A change of a key makes this page old: print a new one then, and destroy this."),
    ]
