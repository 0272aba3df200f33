"""The reference of claims says what the registry says.

    LUVALLA_TEST_EVIDENCE=write ./luvalla test tests/notices/test_reference.py

writes docs/reference/claims.md anew.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from luvalla.notices.doors import how_to_mend
from luvalla.notices.registry import Entry, entries
from luvalla.rules.ports import claims

PLACE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "claims.md"
COMMAND = "LUVALLA_TEST_EVIDENCE=write ./luvalla test tests/notices/test_reference.py"
HEAD = """# The claims of the notice

Every promise of the privacy notice, the room whose check proves it on the running system, how long the evidence counts,
what is closed while the promise is broken, and the test that breaks the system on purpose and sees the verdict turn
(the negative control). A claim without a check counts as not proved. `luvalla claims` runs the checks; they also run
when `luvalla run` starts, once a day, and after every event that may break or mend them.

A door that a broken promise has closed says so on the screen, with the promise, who mends it and how. It opens when the
claim is checked again and holds. What is unknown leaves its doors as they are. A broken promise about accounts never
keeps administrators and register owners from signing in, since they mend it.

"""


def reference() -> str:
    """Write the document from the registry."""
    return HEAD + "\n".join(_part(each) for each in entries())


def _part(each: Entry) -> str:
    part = claims.get(each.id)
    control = f"`{part.negative_control}`" if part else "no check yet"
    hours = each.fresh // timedelta(hours=1)
    return (
        f"## {each.id}\n\n{each.en}\n\n"
        f"- {each.kind.value}, proved by `{each.room}`; the evidence counts for {hours} hours\n"
        f"- closes: {', '.join(each.closes)}\n"
        f"- mended: {how_to_mend(each.id, 'en')}\n"
        f"- negative control: {control}\n"
    )


def test_the_reference_says_what_the_registry_says() -> None:
    if os.environ.get("LUVALLA_TEST_EVIDENCE") == "write":
        PLACE.write_text(reference(), encoding="utf-8")
    assert PLACE.read_text(encoding="utf-8") == reference(), f"the claims have changed: {COMMAND}"
