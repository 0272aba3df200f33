"""Paper counts as destroyed when somebody else has confirmed it, or an outsider has signed for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.models import LedgerRow
from luvalla.paper.actions import check_out, give_up_as_lost, lock_away, take_over
from luvalla.paper.claims import paper_is_handled_by_custodians, paper_is_locked_away
from luvalla.paper.destruction import (
    KEEPING,
    Outsider,
    begin_destruction,
    confirm_destruction,
    deny_destruction,
    destroy_before_outsider,
    destructions_to_witness,
    open_protocol,
    outsider_of,
)
from luvalla.paper.errors import (
    AwaitsWitness,
    ItemDestroyed,
    NoSuchDestruction,
    NotACustodian,
    ProtocolNeeded,
    WitnessNeeded,
)
from luvalla.paper.models import Destruction, PaperItem, Place
from luvalla.paper.queries import description_of, gone_items, items_awaiting_witness, items_past_their_time
from luvalla.people.actions import close_account, revoke_undertaking, set_roles
from luvalla.people.models import Role, Undertaking, User
from luvalla.people.queries import actor_of
from luvalla.people.retention import KEPT, forget_leavers
from luvalla.rules.ports import Verdict
from luvalla.rules.retention import CASE
from tests.paper.conftest import EnterItem
from tests.people.conftest import MakePerson

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 signed"


def begin(item: PaperItem, witness: User, actor: Actor) -> Destruction:
    return begin_destruction(items=[item], method="shredded", witness=witness, actor=actor)


def test_paper_waits_for_its_witness_until_another_account_confirms_it(
    enter: EnterItem, custodian: User, witness: User, liisa: Actor
) -> None:
    item = enter(folded=b"f" * 32)
    destruction = begin(item, witness, liisa)
    item.refresh_from_db()
    assert (item.destroyed_at, item.holder, description_of(item)) == (None, custodian, "Kirje Kuusitieltä")
    assert list(items_awaiting_witness()) == [item]
    assert list(gone_items()) == []
    assert list(destructions_to_witness(witness)) == [destruction]
    for actor in (liisa, SYSTEM):
        with pytest.raises((NoSuchDestruction, NotACustodian)):
            confirm_destruction(destruction=destruction, actor=actor)
    assert confirm_destruction(destruction=destruction, actor=actor_of(witness)) == 1
    item.refresh_from_db()
    assert item.destroyed_at is not None
    assert (bytes(item.sealed), bytes(item.folded), description_of(item)) == (b"", b"", "")
    assert {each.what: each.person for each in item.events.all()} == {
        "made": custodian, "destroyed": custodian, "witnessed": witness,
    }  # fmt: skip
    rows = LedgerRow.objects.filter(subject_ref=str(item.ref)).order_by("pk").values_list("verb", "actor")
    assert list(rows)[1:] == [
        ("paper.begin_destruction", str(liisa)), ("paper.destroy_item", str(actor_of(witness))),
    ]  # fmt: skip
    with pytest.raises(ItemDestroyed):
        check_out(item=item, actor=liisa)
    with pytest.raises(NoSuchDestruction):
        confirm_destruction(destruction=destruction, actor=actor_of(witness))


def test_the_witness_is_somebody_else_who_may_handle_paper(
    enter: EnterItem, custodian: User, witness: User, liisa: Actor
) -> None:
    item = enter()
    with pytest.raises(WitnessNeeded):
        begin(item, custodian, liisa)
    set_roles(user=witness, roles=[Role.AUDITOR.value], actor=SYSTEM)
    with pytest.raises(WitnessNeeded):
        begin(item, witness, liisa)
    signed = custodian.undertaking
    with pytest.raises(IntegrityError), transaction.atomic():
        Destruction.objects.create(method="shredded", person=custodian, undertaking=signed, witness=custodian)
    with pytest.raises(IntegrityError), transaction.atomic():
        Destruction.objects.create(method="shredded", person=custodian, undertaking=signed)


def test_a_witness_whose_undertaking_is_gone_confirms_nothing(enter: EnterItem, witness: User, liisa: Actor) -> None:
    destruction = begin(enter(), witness, liisa)
    revoke_undertaking(user=witness, reason="asked", actor=SYSTEM)
    with pytest.raises(NotACustodian):
        confirm_destruction(destruction=destruction, actor=actor_of(witness))
    assert items_awaiting_witness().count() == 1


def test_what_waits_is_touched_by_nobody_and_is_late_after_a_working_day(
    enter: EnterItem, witness: User, liisa: Actor, cabinet: Place
) -> None:
    item = enter()
    PaperItem.objects.filter(pk=item.pk).update(keep_until=timezone.localdate() - timedelta(days=1))
    assert list(items_past_their_time()) == [item]
    begin(item, witness, liisa)
    assert not items_past_their_time()
    for act in (
        lambda: lock_away(item=item, place=cabinet, actor=liisa),
        lambda: check_out(item=item, actor=liisa),
        lambda: take_over(item=item, actor=actor_of(witness)),
        lambda: give_up_as_lost(item=item, reason="Looked for.", actor=liisa),
        lambda: begin(item, witness, liisa),
    ):
        with pytest.raises(AwaitsWitness):
            act()
    assert paper_is_locked_away().verdict is Verdict.HOLDS
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        found = paper_is_locked_away()
    assert (found.verdict, found.figures["in_the_open"]) == (Verdict.BROKEN, 1)


def test_a_witness_who_saw_nothing_leaves_the_paper_in_its_persons_hands(
    enter: EnterItem, custodian: User, witness: User, liisa: Actor, make_person: MakePerson
) -> None:
    item, stranger = enter(), make_person("Maija Malli", Role.CUSTODIAN.value)
    destruction = begin(item, witness, liisa)
    with pytest.raises(NoSuchDestruction):
        deny_destruction(destruction=destruction, actor=actor_of(stranger))
    deny_destruction(destruction=destruction, actor=actor_of(witness))
    item.refresh_from_db()
    assert (item.destruction, item.holder, item.destroyed_at) == (None, custodian, None)
    assert item.events.order_by("pk").last().what == "unconfirmed"
    row = LedgerRow.objects.get(verb="paper.deny_destruction")
    assert row.facts == {"by_witness": 1}
    again = begin(item, stranger, liisa)
    deny_destruction(destruction=again, actor=liisa)
    rows = LedgerRow.objects.filter(verb="paper.deny_destruction").order_by("pk")
    assert [each.facts["by_witness"] for each in rows] == [1, 0]


def test_an_outsider_signs_a_protocol_that_is_kept_sealed_for_its_time(
    enter: EnterItem, custodian: User, liisa: Actor
) -> None:
    item = enter(folded=b"f" * 32)
    for outsider in (Outsider(" ", PDF), Outsider("Tero Tuhoaja", b"MZ no scan"), Outsider("Tero Tuhoaja", b"")):
        with pytest.raises(ProtocolNeeded):
            destroy_before_outsider(items=[item], method="contractor", outsider=outsider, actor=liisa)
    outsider = Outsider("Tero Tuhoaja, Paperisilppu Oy", PDF)
    made = destroy_before_outsider(items=[item], method="contractor", outsider=outsider, actor=liisa)
    item.refresh_from_db()
    assert item.destroyed_at is not None
    assert bytes(item.sealed) == b""
    assert outsider_of(made) == "Tero Tuhoaja, Paperisilppu Oy"
    assert b"Tero" not in bytes(made.outsider) + bytes(made.protocol)
    assert PDF not in bytes(made.protocol)
    assert open_protocol(destruction=made, actor=liisa) == PDF
    look = LedgerRow.objects.get(verb="paper.open_protocol")
    assert (look.purpose, look.is_look) == ("supervision", True)
    assert "Tero" not in str(list(LedgerRow.objects.values()))
    later = timezone.now() + CASE + timedelta(days=1)
    assert (KEEPING.overdue(timezone.now()), KEEPING.overdue(later)) == (0, 1)
    assert KEEPING.let_go is not None
    KEEPING.let_go(later)
    made.refresh_from_db()
    assert (outsider_of(made), bytes(made.protocol), KEEPING.overdue(later)) == ("", b"", 0)
    with pytest.raises(NoSuchDestruction):
        open_protocol(destruction=made, actor=liisa)


def test_a_custodian_who_left_is_forgotten_and_what_they_handled_stays_covered(
    enter: EnterItem, custodian: User, witness: User, liisa: Actor
) -> None:
    confirm_destruction(destruction=begin(enter(), witness, liisa), actor=actor_of(witness))
    close_account(user=custodian, reason="x", actor=SYSTEM)
    with time_machine.travel(timezone.now() + KEPT + timedelta(days=2)):
        assert forget_leavers() == 1
    signed = Undertaking.objects.get(user=custodian)
    assert (signed.typed_name, signed.scan) == ("", None)
    assert paper_is_handled_by_custodians().verdict is Verdict.HOLDS
    custodian.refresh_from_db()
    assert "Liisa" not in str(list(User.objects.filter(pk=custodian.pk).values()))
