"""An address given to a command: on the command line, or `-` for one line of standard input.

What stands on the command line stands in the machine's list of processes for as long as the command runs.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from luvalla.cli.errors import Misconfigured
from luvalla.cli.language import pgettext

if TYPE_CHECKING:
    from luvalla.rules.address import Address

STANDARD_INPUT: Final = "-"


def read_address(given: str) -> Address:
    """Read an address; Misconfigured with the reason, and never with the text, when it isn't one."""
    from luvalla.rules.address import NotAnAddress, normalise

    try:
        return normalise(sys.stdin.readline() if given == STANDARD_INPUT else given)
    except NotAnAddress as fault:
        raise Misconfigured(_said(fault.fault.value)) from None


def _said(fault: str) -> str:
    return {
        "empty": pgettext("command", "The address is missing."),
        "no_at_sign": pgettext("command", "The address has no @ sign."),
        "several": pgettext("command", "There are several addresses. Give one."),
        "formula": pgettext("command", "This is a formula and not an address."),
        "too_long": pgettext("command", "The address is too long."),
        "no_domain": pgettext("command", "The address has no domain after the @ sign."),
        "bad_domain": pgettext("command", "What stands after the @ sign is not a domain."),
        "bad_local_part": pgettext("command", "What stands before the @ sign is not the beginning of an address."),
        "control_character": pgettext("command", "The address has characters that can't be seen."),
    }[fault]
