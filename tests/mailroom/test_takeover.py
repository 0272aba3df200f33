from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.utils import timezone

from luvalla.ledger.models import LedgerRow
from luvalla.mailroom import journal, owners, takeover
from luvalla.mailroom.claiming import Window, advance
from luvalla.mailroom.errors import LeaseLost
from luvalla.mailroom.journal import ANSWER, RESERVED_BYTES, Journal, Noted, read_journal, sweep_journals
from luvalla.mailroom.leases import LONGEST_SILENCE, Held, Lease, Watch, held_shards, renew, take_free_shard
from luvalla.mailroom.models import Delivery, Shard
from luvalla.mailroom.owners import is_surely_gone, new_owner
from luvalla.mailroom.recording import Answered
from luvalla.mailroom.step import Claimed
from luvalla.mailroom.takeover import settle, take_over
from luvalla.register.facts import FactsReader
from luvalla.sending.outcome import Kind, Outcome, Reason, Step, judge, not_sent
from tests.mailroom.world import World, add_customers, assert_sums_are_whole, make_campaign, make_shard

ACCEPTED = judge(250, "2.0.0", Step.BODY)
GONE = judge(550, "5.1.1", Step.RCPT)


@pytest.fixture
def claimed(world: World) -> tuple[Lease, Window]:
    """Claim a window of six letters."""
    add_customers(world, [f"{number}@esimerkki.fi" for number in range(6)])
    make_shard(make_campaign(world))
    lease = take_free_shard(owner=new_owner(), now=timezone.now())
    assert lease is not None
    window = advance(lease, answered=None, limit=6, reader=FactsReader())
    assert isinstance(window, Window)
    return lease, window


def ids(window: Window) -> list[int]:
    return [each.contact_id for each in window.claimed]


def states() -> list[str]:
    return list(Delivery.objects.order_by("contact_id").values_list("state", flat=True))


def held() -> Held:
    (only,) = held_shards()
    return only


def letters(*contacts: int, attempt: int = 1) -> list[Claimed]:
    return [Claimed(contact, b"", b"", attempt) for contact in contacts]


def test_a_journal_gives_back_the_last_word_on_each_letter_that_its_window_began(tmp_path: Path) -> None:
    notes = Journal(tmp_path, "me")
    notes.begin_window(letters(1))
    notes.note_begun([0])
    notes.begin_window([*letters(2, 3, 4), *letters(6, attempt=3), *letters(5)])
    notes.note_begun([0, 1, 2, 3])
    notes.note_outcome([0], ACCEPTED)
    notes.note_outcome([1], not_sent(Reason.CONNECTION_LOST))
    notes.note_begun([1])
    notes.note_outcome([1, 3], GONE)
    assert read_journal(tmp_path, "me") == {
        2: Noted(1, ACCEPTED),
        3: Noted(1, GONE),
        4: Noted(1, None),
        6: Noted(3, GONE),
    }
    notes.remove()
    assert read_journal(tmp_path, "me") is None


def test_a_window_that_was_being_written_down_has_begun_nothing(tmp_path: Path) -> None:
    class Killed(Exception):
        """Stands for a SIGKILL."""

    class Fatal:
        contact_id = 2

        @property
        def attempt(self) -> int:
            raise Killed

    notes = Journal(tmp_path, "me")
    notes.begin_window(letters(1))
    notes.note_begun([0])
    assert read_journal(tmp_path, "me") == {1: Noted(1, None)}
    with pytest.raises(Killed):
        notes.begin_window([Fatal()])
    assert read_journal(tmp_path, "me") == {}


def test_a_journal_has_room_for_a_large_window_in_which_every_answer_differs(tmp_path: Path) -> None:
    notes = Journal(tmp_path, "me")
    notes.begin_window(letters(*range(5000)))
    notes.note_begun(range(5000))
    for number in range(5000):
        notes.note_outcome([number], judge(250, f"2.{number // 1000}.{number % 1000}", Step.BODY))
    noted = read_journal(tmp_path, "me") or {}
    assert [noted[number].outcome for number in range(5000)] == [
        judge(250, f"2.{number // 1000}.{number % 1000}", Step.BODY) for number in range(5000)
    ]


def test_an_answer_for_which_there_is_no_room_leaves_its_letter_begun(tmp_path: Path) -> None:
    notes = Journal(tmp_path, "me")
    notes.begin_window(letters(1))
    for number in range(RESERVED_BYTES // ANSWER.size):
        notes.note_outcome([0], Outcome(Kind.NOT_SENT, number))
    assert read_journal(tmp_path, "me") == {1: Noted(1, None)}


def test_a_journal_holds_no_address(tmp_path: Path, claimed: tuple[Lease, Window]) -> None:
    notes = Journal(tmp_path, "me")
    notes.begin_window(claimed[1].claimed)
    notes.note_begun(range(6))
    assert b"esimerkki" not in (tmp_path / "me").read_bytes()


def test_what_ended_workers_leave_is_swept_unless_it_is_still_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner in ("gone", "gone but holding", "alive", "elsewhere", "elsewhere long ago"):
        Journal(tmp_path, owner)
    os.utime(tmp_path / "elsewhere long ago", (1.0, 1.0))
    monkeypatch.setattr(journal, "is_surely_gone", lambda owner: owner.startswith("gone"))
    assert sweep_journals(tmp_path, holders={"gone but holding"}, now=time.time()) == 2
    assert {each.name for each in tmp_path.iterdir()} == {"gone but holding", "alive", "elsewhere"}
    assert sweep_journals(tmp_path / "nowhere", holders=set(), now=time.time()) == 0


def test_a_takeover_records_what_the_journal_shows(
    claimed: tuple[Lease, Window], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, window = claimed
    notes = Journal(tmp_path, lease.owner)
    notes.begin_window(window.claimed)
    notes.note_begun([0, 1, 2, 3])
    notes.note_outcome([0], ACCEPTED)
    notes.note_outcome([1], GONE)
    notes.note_outcome([2], not_sent(Reason.CONNECTION_LOST))
    monkeypatch.setattr(takeover, "is_surely_gone", lambda _: True)
    taken = take_over(held(), owner="other", journals=tmp_path)
    assert taken is not None
    assert taken.epoch == lease.epoch + 1
    assert states() == ["accepted", "refused", "deferred", "unknown", "deferred", "deferred"]
    assert set(Delivery.objects.filter(state="deferred").values_list("attempt", flat=True)) == {0}
    assert not (tmp_path / lease.owner).exists()
    shard = Shard.objects.get()
    assert shard.taken_over_at is not None
    assert_sums_are_whole(shard.campaign)
    with pytest.raises(LeaseLost):
        advance(lease, answered=None, limit=1, reader=FactsReader())


def test_a_holder_of_another_machine_leaves_all_its_letters_unknown(
    claimed: tuple[Lease, Window], tmp_path: Path
) -> None:
    lease, window = claimed
    notes = Journal(tmp_path, lease.owner)
    notes.begin_window(window.claimed)
    notes.note_begun([0])
    assert take_over(held(), owner="other", journals=tmp_path) is not None
    assert states() == ["unknown"] * 6
    assert_sums_are_whole(Shard.objects.get().campaign)


def test_a_holder_that_stirred_meanwhile_keeps_its_shard(claimed: tuple[Lease, Window], tmp_path: Path) -> None:
    lease, _ = claimed
    seen = held()
    renew(lease, now=timezone.now())
    assert take_over(seen, owner="other", journals=tmp_path) is None
    assert states() == ["claimed"] * 6


def test_a_takeover_is_a_row_of_the_ledger(claimed: tuple[Lease, Window], tmp_path: Path) -> None:
    take_over(held(), owner="other", journals=tmp_path)
    facts = LedgerRow.objects.filter(verb="mailroom.send_window").latest("pk").facts
    assert facts == {"shard": Shard.objects.get().pk, "unknown": 6, "taken_over": True, "claimed": 6}


def test_a_shard_is_watched_by_a_clock_that_nobody_sets(claimed: tuple[Lease, Window]) -> None:
    now = [100.0]
    watch = Watch(clock=lambda: now[0], is_gone=lambda _: False)
    assert watch.silent([held()]) == []
    now[0] += LONGEST_SILENCE - 0.1
    assert watch.silent([held()]) == []
    renew(claimed[0], now=timezone.now())
    now[0] += 1
    assert watch.silent([held()]) == []
    now[0] += LONGEST_SILENCE
    assert watch.silent([held()]) == [held()]


def test_a_dead_holder_s_shard_is_free_at_once(claimed: tuple[Lease, Window]) -> None:
    assert Watch(is_gone=lambda _: True).silent([held()]) == [held()]


def test_a_living_process_is_known_by_its_number_and_its_start() -> None:
    mine = new_owner()
    assert len(mine) <= 60
    assert not is_surely_gone(mine)
    machine, pid, started, rest = mine.split("-")
    assert is_surely_gone(f"{machine}-{pid}-{int(started) + 1}-{rest}")
    assert not is_surely_gone(f"000000000000-{pid}-{started}-{rest}")
    assert not is_surely_gone("somebody else")


def test_an_ended_process_is_known_to_be_gone_even_before_it_is_waited_for() -> None:
    program = "from luvalla.mailroom.owners import new_owner; print(new_owner(), flush=True)"
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    owner = child.stdout.readline().strip()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_surely_gone(owner)
    child.communicate()
    assert is_surely_gone(owner)


def test_without_proc_nobody_is_surely_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(owners, "PROC", tmp_path)
    assert not is_surely_gone(new_owner())


def test_after_the_database_was_away_answers_are_recorded_and_unheard_claims_go_again(
    claimed: tuple[Lease, Window],
) -> None:
    lease, window = claimed
    mine = window.claimed[:4]
    outcomes = {each.contact_id: ACCEPTED for each in mine[:3]}
    settle(lease, Answered(mine, outcomes, relay_id=None))
    assert states() == ["accepted"] * 3 + ["unknown"] + ["deferred"] * 2
    settle(lease, Answered(mine, outcomes, relay_id=None))
    assert states() == ["accepted"] * 3 + ["unknown"] + ["deferred"] * 2
    assert_sums_are_whole(Shard.objects.get().campaign)
