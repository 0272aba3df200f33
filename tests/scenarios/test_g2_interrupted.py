"""G2, interrupted: wherever a restore dies while it carries lines out, it ends like one that did not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from luvalla.ledger import replaying
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.erasures import Entry, Line, Operation
from luvalla.ledger.replaying import Replayed, replay, replayers
from luvalla.ledger.vault import keyring, sealer
from luvalla.register.actions import add_permission
from luvalla.register.models import Contact, Prohibition, Suppression
from luvalla.register.rectification import sealed_correction
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db
PEOPLE: Final = tuple(normalise(f"{each}@esimerkki.fi") for each in ("aino", "ville", "maija", "seppo"))
KNOWN: Final = 3
"""So many of them are in the backup; the last is only corrected to."""
NOW: Final = datetime(2026, 11, 24, 8, tzinfo=UTC)
Step = tuple[Operation, int, int]
"""What is done to whom; for a correction also to whose address."""
A, B, C, D = range(4)
STEPS = st.tuples(
    st.sampled_from([Operation.ERASE, Operation.RECTIFY, Operation.SUPPRESS, Operation.RESTRICT, Operation.PROHIBIT]),
    st.integers(0, 3),
    st.integers(0, 3),
)


class Killed(BaseException):
    """The process dies here: nothing answers it."""


@pytest.fixture
def world() -> World:
    return make_world()


def lines_of(steps: Sequence[Step]) -> list[Line]:
    return [
        Line(number, NOW, entry_of(*step), len(keyring().token_keys), bytes([number]) * 32)
        for number, step in enumerate(steps, start=1)
    ]


def entry_of(operation: Operation, who: int, to: int) -> Entry:
    if operation is Operation.RECTIFY:
        return sealed_correction(PEOPLE[who], PEOPLE[to])
    values = {Operation.SUPPRESS: "mailbox", Operation.RESTRICT: "accuracy", Operation.PROHIBIT: "4"}
    return Entry(operation, (sealer().folded_token(PEOPLE[who]),), values.get(operation, ""))


def put_everybody_in(world: World) -> dict[int, int]:
    """Give who is who, by the number of the contact."""
    for each in PEOPLE[:KNOWN]:
        add_permission(
            address=each, kind=PermissionKind.CUSTOMER, source=world.crm, audience=world.customers, actor=OPERATOR
        )
    folded = {sealer().folded_token(each): who for who, each in enumerate(PEOPLE)}
    return {each.pk: folded[bytes(each.folded)] for each in Contact.objects.all()}


def state(numbers: dict[int, int]) -> tuple[object, ...]:
    """Tell who is at which address, who is restricted, and what is forbidden and suppressed."""
    rows = Contact.objects.values_list("pk", "folded", "restricted_at")
    people = sorted((numbers[pk], bytes(folded), at is not None) for pk, folded, at in rows)
    forbidden = sorted((bytes(folded), kinds) for folded, kinds in Prohibition.objects.values_list("folded", "kinds"))
    return people, forbidden, sorted(map(bytes, Suppression.objects.values_list("token", flat=True)))


def carried_out(lines: Sequence[Line], world: World, *, killed_at: int | None) -> tuple[tuple[object, ...], Replayed]:
    """Carry lines out on a backup with everybody, dying at one of them first and then going on; take all of it back."""
    with transaction.atomic():
        numbers = put_everybody_in(world)
        if killed_at is not None:
            with pytest.MonkeyPatch.context() as dying:
                kill_at(lines[killed_at], dying)
                with pytest.raises(Killed):
                    replay(lines, began_at=NOW)
        told = replay(lines, began_at=NOW)
        found = state(numbers)
        transaction.set_rollback(True)
    return found, told


def kill_at(last: Line, dying: pytest.MonkeyPatch) -> None:
    """Die when the effect of that line is there, and nothing says yet that it is done."""
    right = replayers.get(last.entry.operation.value)
    assert right is not None

    def replayer(line: Line) -> int:
        rows = right(line)
        if line.seq == last.seq:
            raise Killed
        return rows

    dying.setitem(replayers._parts, last.entry.operation.value, replayer)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=4), st.sampled_from([1, 2, 2000]))
@example([(Operation.RECTIFY, A, B), (Operation.RECTIFY, C, A), (Operation.RESTRICT, A, A)], 1)
@example([(Operation.ERASE, A, A), (Operation.RECTIFY, B, A), (Operation.PROHIBIT, A, A)], 1)
@example([(Operation.RECTIFY, A, D), (Operation.RECTIFY, B, A), (Operation.ERASE, D, D)], 2)
def test_g2_an_interruption_at_any_line_changes_nothing_of_the_end(
    world: World, steps: list[Step], at_once: int
) -> None:
    lines = lines_of(steps)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(replaying, "AT_ONCE", at_once)
        whole = carried_out(lines, world, killed_at=None)
        for line in range(len(lines)):
            assert carried_out(lines, world, killed_at=line) == whole


def test_g2_who_was_corrected_to_an_address_that_had_become_free_stays_there(world: World) -> None:
    """Aino moves to her right address; then Maija is corrected to the one that Aino had."""
    lines = lines_of([(Operation.RECTIFY, A, D), (Operation.RECTIFY, C, A)])
    numbers = put_everybody_in(world)
    for _ in range(2):
        told = replay(lines, began_at=NOW)
        assert told.missed == ()
        assert told.lines == {"rectify": 2}
        at = {bytes(each.folded): numbers[each.pk] for each in Contact.objects.all()}
        assert (at[sealer().folded_token(PEOPLE[D])], at[sealer().folded_token(PEOPLE[A])]) == (A, C)


def test_g2_what_an_earlier_restore_had_done_says_nothing_of_this_one(world: World) -> None:
    """Its note comes back with a backup that was made afterwards."""
    replay(lines_of([(Operation.PROHIBIT, B, B)] * 9), began_at=NOW)
    put_everybody_in(world)
    replay(lines_of([(Operation.ERASE, A, A)]), began_at=datetime(2026, 11, 29, 8, tzinfo=UTC))
    assert not Contact.objects.filter(folded=sealer().folded_token(PEOPLE[A])).exists()
