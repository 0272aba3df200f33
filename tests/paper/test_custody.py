from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.paper.actions import (
    check_out,
    enter_item,
    give_up_as_lost,
    give_up_place,
    let_paper_of_cases_go,
    lock_away,
    take_over,
    uncover_description,
)
from luvalla.paper.days import OF_A_CASE
from luvalla.paper.destruction import begin_destruction
from luvalla.paper.errors import (
    ItemHeld,
    ItemLost,
    NotACustodian,
    PlaceUnfit,
    ReasonMissing,
    StockTakeNeeded,
)
from luvalla.paper.holdings import PAPER
from luvalla.paper.models import PaperItem, Place
from luvalla.paper.queries import (
    custody_list,
    description_of,
    gone_items,
    items,
    items_past_their_time,
    lost_items,
    searches_of_case,
    sought_of,
)
from luvalla.paper.searches import answer_search, ask_custodian, show_search
from luvalla.paper.stock import Differences, count_item, differences, finish_stock_take, start_stock_take
from luvalla.people.actions import revoke_undertaking
from luvalla.people.models import Role, User
from luvalla.people.queries import actor_of
from luvalla.rules.address import normalise
from luvalla.rules.ports import Person, keepings
from tests.paper.conftest import EnterItem
from tests.people.conftest import MakePerson

pytestmark = pytest.mark.django_db


def test_only_the_people_of_the_custody_list_handle_paper(
    enter: EnterItem, make_person: MakePerson, custodian: User, liisa: Actor
) -> None:
    item, writer = enter(), make_person("Veikko Virta", Role.COMMUNICATIONS.value)
    for actor in (actor_of(writer), SYSTEM):
        with pytest.raises(NotACustodian) as refused:
            take_over(item=item, actor=actor)
        assert refused.value.why == "not_named"
    assert custody_list() == [custodian]
    revoke_undertaking(user=custodian, reason="Left.", actor=SYSTEM)
    with pytest.raises(NotACustodian) as refused:
        check_out(item=item, actor=liisa)
    assert refused.value.why == "undertaking_revoked"
    assert custody_list() == []


def test_paper_goes_into_locked_places_only_and_comes_out_once(
    enter: EnterItem, cabinet: Place, shelf: Place, liisa: Actor, witness: User
) -> None:
    item = enter()
    with pytest.raises(ItemHeld):
        lock_away(item=item, place=cabinet, actor=actor_of(witness))
    with pytest.raises(PlaceUnfit):
        lock_away(item=item, place=shelf, actor=liisa)
    lock_away(item=item, place=cabinet, actor=liisa)
    with pytest.raises(PlaceUnfit):
        give_up_place(place=cabinet, actor=liisa)
    check_out(item=item, actor=actor_of(witness))
    with pytest.raises(ItemHeld):
        check_out(item=item, actor=liisa)
    take_over(item=item, actor=liisa)
    lock_away(item=item, place=cabinet, actor=liisa)
    assert [each.what for each in item.events.order_by("pk")] == [
        "made", "locked_away", "checked_out", "checked_out", "locked_away",
    ]  # fmt: skip


def test_an_item_is_somewhere_or_destroyed(enter: EnterItem) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperItem.objects.filter(pk=enter().pk).update(holder=None)


def test_a_description_is_sealed_and_each_look_is_in_the_ledger(enter: EnterItem, liisa: Actor) -> None:
    item = enter("Aili Aaltosen kirje")
    assert b"Aili" not in bytes(item.sealed)
    assert uncover_description(item=item, purpose="request", actor=liisa) == "Aili Aaltosen kirje"
    assert LedgerRow.objects.filter(verb="paper.uncover_description", subject_ref=str(item.ref)).count() == 1
    assert "Aili" not in str(list(LedgerRow.objects.values()))


def test_the_rights_desk_finds_paper_and_erasing_has_it_destroyed(enter: EnterItem) -> None:
    folded = sealer().folded_token(normalise("aili+kirje@esimerkki.fi"))
    item, other = enter("Kirje", folded), enter("Toinen")
    of_a_case = enter("Asian paperi", folded)
    PaperItem.objects.filter(pk=of_a_case.pk).update(about_kind=OF_A_CASE)
    found = PAPER.find(Person(folded))
    assert [each.content["description"] for each in found] == ["Kirje", "Asian paperi"]
    assert PAPER.erase(Person(folded)) == 1
    assert [each.content["description"] for each in PAPER.find(Person(folded))] == ["Asian paperi"]
    assert list(items_past_their_time()) == [item]
    assert description_of(other) == "Toinen"


def test_lost_paper_is_found_by_requests_and_turns_up_again(
    enter: EnterItem, cabinet: Place, custodian: User, witness: User, liisa: Actor
) -> None:
    folded = sealer().folded_token(normalise("aili@esimerkki.fi"))
    item = lock_away(item=enter("Kirje", folded), place=cabinet, actor=liisa)
    with pytest.raises(ReasonMissing):
        give_up_as_lost(item=item, reason=" ", actor=liisa)
    give_up_as_lost(item=item, reason="Looked for in all cabinets.", actor=liisa)
    assert (list(items()), list(lost_items()), list(gone_items())) == ([], [item], [item])
    assert [each.content["description"] for each in PAPER.find(Person(folded))] == ["Kirje"]
    for handle in (check_out, take_over):
        with pytest.raises(ItemLost):
            handle(item=item, actor=liisa)
    with pytest.raises(ItemLost):
        begin_destruction(items=[item], method="shredded", witness=witness, actor=liisa)
    lock_away(item=item, place=cabinet, actor=liisa)
    assert (list(items()), list(lost_items())) == ([item], [])
    check_out(item=item, actor=actor_of(witness))
    with pytest.raises(ItemHeld):
        give_up_as_lost(item=item, reason="Looked for.", actor=liisa)
    row = LedgerRow.objects.get(verb="paper.give_up_as_lost")
    assert (row.subject_ref, row.reason, row.actor) == (str(item.ref), "Looked for in all cabinets.", str(liisa))


def test_what_describes_lost_paper_goes_when_its_time_is_over(enter: EnterItem, cabinet: Place, liisa: Actor) -> None:
    item = lock_away(item=enter("Kirje"), place=cabinet, actor=liisa)
    give_up_as_lost(item=item, reason="Looked for in all cabinets.", actor=liisa)
    schedule, later = keepings.get("lost_paper"), timezone.now() + timedelta(days=2 * 365 + 1)
    assert schedule is not None
    assert schedule.let_go is not None
    assert (schedule.overdue(timezone.now()), schedule.overdue(later)) == (0, 1)
    assert (schedule.let_go(later), schedule.overdue(later)) == (1, 0)
    item.refresh_from_db()
    assert description_of(item) == ""


def test_paper_of_a_case_is_kept_until_the_case_lets_it_go(enter: EnterItem, liisa: Actor) -> None:
    kept = enter_item(
        kind=PaperItem.Kind.CASE, origin=PaperItem.Origin.RECEIVED, about=Subject(OF_A_CASE, "a-case"), actor=liisa
    )
    other = enter()
    assert kept.keep_until is None
    assert list(items_past_their_time(timezone.localdate() + timedelta(days=5000))) == [other]
    assert (let_paper_of_cases_go(["another"]), let_paper_of_cases_go(["a-case"])) == (0, 1)
    assert list(items_past_their_time()) == [kept]


def test_a_stock_take_says_what_differs(enter: EnterItem, cabinet: Place, liisa: Actor, witness: User) -> None:
    moved, right, lost, held = enter(), enter(), enter(), enter()
    other = Place.objects.create(site="Toimisto", room="Arkisto", cabinet="B3", is_locked=True)
    for each in (moved, right, lost):
        lock_away(item=each, place=cabinet, actor=liisa)
    with pytest.raises(StockTakeNeeded):
        count_item(item=right, place=cabinet, actor=liisa)
    stock_take = start_stock_take(actor=liisa)
    assert start_stock_take(actor=actor_of(witness)) == stock_take
    for _ in range(2):
        count_item(item=right, place=cabinet, actor=liisa)
        count_item(item=moved, place=other, actor=liisa)
    assert differences(stock_take) == Differences(in_place=1, misplaced=1, missing=1, in_hand=1)
    ended = finish_stock_take(actor=liisa)
    assert list(ended.missed.all()) == [lost]
    assert differences(ended).missing == 1
    moved.refresh_from_db()
    assert moved.place == other
    assert held.holder_id is not None


def test_a_custodian_answers_a_search_and_what_was_sought_goes(enter: EnterItem, liisa: Actor) -> None:
    due = timezone.localdate() + timedelta(days=10)
    asked = ask_custodian(case_ref="a-case", sought="Aili Aaltonen, Kuusitie 3", due_on=due, actor=SYSTEM)
    assert ask_custodian(case_ref="a-case", sought="again", due_on=due, actor=SYSTEM) == asked
    assert show_search(search=asked, actor=liisa) == "Aili Aaltonen, Kuusitie 3"
    item = enter()
    answer_search(search=asked, found=[item], actor=liisa)
    answered = searches_of_case("a-case").get()
    assert (list(answered.found.all()), sought_of(answered)) == ([item], "")
    answer_search(search=asked, found=[], actor=liisa)
    assert list(answered.found.all()) == [item]
