from __future__ import annotations

import pytest

from luvalla.ledger.keys import Keyring
from luvalla.ledger.kit import Kit, KitBroken, kit_lines, read_kit

KEYS = Keyring.fresh().with_new_token_key().with_new_seal_key().with_new_link_key().with_new_ledger_key()
KIT = Kit(KEYS, "AGE-SECRET-KEY-1QQQQ")


def test_a_kit_brings_every_key_back() -> None:
    assert read_kit(kit_lines(KIT)) == KIT


def test_a_kit_can_be_typed_in_any_order_case_and_grouping() -> None:
    typed = [line.lower().replace("-", " ") for line in reversed(kit_lines(Kit(KEYS)))]
    assert read_kit(["Luvalla, from the safe", "", *typed]) == Kit(KEYS)


@pytest.mark.parametrize("at", range(12))
def test_a_slip_of_the_pen_is_found_on_its_line(at: int) -> None:
    lines = kit_lines(Kit(KEYS))
    name, value = lines[at].split(maxsplit=1)
    swapped = ("B" if value[0] != "B" else "C") if not name.startswith("use") else "7"
    lines[at] = f"{name}  {swapped}{value[1:]}"
    with pytest.raises(KitBroken) as slip:
        read_kit(lines)
    assert slip.value.name == name


@pytest.mark.parametrize("at", range(12))
def test_a_missing_line_is_named(at: int) -> None:
    lines = kit_lines(Kit(KEYS))
    gone = lines.pop(at)
    with pytest.raises(KitBroken) as missing:
        read_kit(lines)
    assert missing.value.name == gone.split()[0]


def test_two_keys_that_changed_places_are_noticed() -> None:
    lines = kit_lines(Kit(KEYS))
    first, second = (line.split(maxsplit=1)[1] for line in lines[:2])
    with pytest.raises(KitBroken):
        read_kit([f"token.1 {second}", f"token.2 {first}", *lines[2:]])
