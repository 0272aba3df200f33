"""Checking claims: what fails is unknown, what is old is unknown, what has no check is not built."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

import luvalla
from luvalla.campaigns.actions import begin_sending
from luvalla.cli.main import main
from luvalla.jobs.testing import run_due, run_periodic
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.actions import record_relay
from luvalla.mailroom.models import Relay, ServiceMessage
from luvalla.notices.actions import check_claims
from luvalla.notices.errors import NoSuchClaim
from luvalla.notices.events import AFTER
from luvalla.notices.models import ClaimVerdict
from luvalla.notices.queries import ClaimState, claim_verdicts, verdict_history, worst
from luvalla.notices.registry import entry
from luvalla.rules.ports import Claim, Door, Finding, Registry, Verdict, claims, closed_by
from tests.campaigns.making import approved
from tests.mailroom.world import World
from tests.support.world import make_world

pytestmark = pytest.mark.django_db
Put = Callable[..., None]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Give a function that puts checks at an otherwise empty port."""
    port: Registry[Claim] = Registry("claim")
    monkeypatch.setattr("luvalla.notices.actions.claims", port)
    monkeypatch.setattr("luvalla.notices.queries.claims", port)

    def put_check(name: str, check: Callable[[], Finding] | Verdict) -> None:
        port.register(name, Claim(name, check if callable(check) else lambda: Finding(check, {"rows": 1}), "t.py::n"))

    return put_check


def state_of(name: str) -> ClaimState:
    """Give a claim's state."""
    return next(each for each in claim_verdicts() if each.id == name)


def test_a_claim_without_a_check_is_not_built(put: Put) -> None:
    assert {each.verdict for each in claim_verdicts()} == {Verdict.NOT_BUILT}
    assert check_claims(actor=SYSTEM) == []


def test_a_check_that_never_ran_is_unknown_and_then_says_what_it_saw(put: Put) -> None:
    put("S9", Verdict.HOLDS)
    assert state_of("S9").verdict is Verdict.UNKNOWN
    check_claims(actor=SYSTEM)
    state = state_of("S9")
    assert (state.verdict, state.figures, state.negative_control) == (Verdict.HOLDS, {"rows": 1}, "t.py::n")
    assert state.checked_at is not None


def test_a_check_that_fails_is_unknown_and_names_only_the_kind_of_fault(put: Put) -> None:
    def fail() -> Finding:
        message = "maija@esimerkki.fi"
        raise ValueError(message)

    put("S9", fail)
    check_claims(actor=SYSTEM)
    assert state_of("S9").verdict is Verdict.UNKNOWN
    assert state_of("S9").figures == {"fault": "ValueError"}
    assert "maija" not in json.dumps(list(ClaimVerdict.objects.values("figures")))


def test_a_check_that_spoils_its_query_does_not_spoil_the_others(put: Put) -> None:
    def spoil() -> Finding:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM there_is_no_such_table")
        return Finding(Verdict.HOLDS, {})

    put("S9", spoil)
    put("S12", Verdict.HOLDS)
    check_claims(actor=SYSTEM)
    assert (state_of("S9").verdict, state_of("S12").verdict) == (Verdict.UNKNOWN, Verdict.HOLDS)


def test_a_proof_that_is_too_old_no_longer_holds_but_a_breach_stays(put: Put) -> None:
    put("S9", Verdict.HOLDS)
    put("S12", Verdict.BROKEN)
    check_claims(actor=SYSTEM)
    with time_machine.travel(timezone.now() + timedelta(hours=37)):
        assert state_of("S9").verdict is Verdict.UNKNOWN
        assert state_of("S9").is_stale
        assert state_of("S12").verdict is Verdict.BROKEN


def test_a_run_is_one_row_of_the_ledger_with_the_hash_of_its_evidence(put: Put) -> None:
    put("S9", Verdict.HOLDS)
    put("S12", Verdict.BROKEN)
    check_claims(actor=SYSTEM)
    row = LedgerRow.objects.get(verb="notices.check_claims")
    assert {name: row.facts[name] for name in ("holds", "broken", "unknown")} == {"holds": 1, "broken": 1, "unknown": 0}
    assert len(row.facts["digest"]) == 64
    assert {str(each) for each in ClaimVerdict.objects.values_list("run", flat=True)} == {row.subject_ref}
    check_claims(actor=SYSTEM)
    again = LedgerRow.objects.filter(verb="notices.check_claims").latest("pk")
    assert again.facts["digest"] == row.facts["digest"], "the same evidence has the same hash"
    assert len(verdict_history("S9")) == 2


def test_some_claims_can_be_checked_and_unknown_ones_are_refused(put: Put) -> None:
    put("S9", Verdict.HOLDS)
    put("S12", Verdict.HOLDS)
    assert [each.claim for each in check_claims(["S12"], actor=SYSTEM)] == ["S12"]
    with pytest.raises(NoSuchClaim):
        check_claims(["S99"], actor=SYSTEM)


def test_the_worst_speaks_for_all() -> None:
    assert worst([Verdict.HOLDS, Verdict.HOLDS]) is Verdict.HOLDS
    assert worst([Verdict.HOLDS, Verdict.NOT_BUILT]) is Verdict.NOT_BUILT
    assert worst([Verdict.NOT_BUILT, Verdict.UNKNOWN]) is Verdict.UNKNOWN
    assert worst([Verdict.UNKNOWN, Verdict.BROKEN]) is Verdict.BROKEN
    assert worst([]) is Verdict.NOT_BUILT


def test_claims_are_checked_by_themselves_every_day(put: Put) -> None:
    put("S9", Verdict.HOLDS)
    run_periodic("notices.check_claims")
    run_due()
    assert state_of("S9").verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.HOLDS, Verdict.HOLDS], 0),
        ([Verdict.HOLDS, Verdict.BROKEN], 1),
        ([Verdict.UNKNOWN, Verdict.BROKEN], 1),
        ([Verdict.HOLDS, Verdict.UNKNOWN], 2),
    ],
)
def test_the_command_tells_by_its_exit_code(
    verdicts: list[Verdict], code: int, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    check_keys()
    for name, verdict in zip(("S9", "S12"), verdicts, strict=True):
        put(name, verdict)
    assert main(["claims", "s9", "S12", "--json"]) == code
    said = json.loads(capsys.readouterr().out)["claims"]
    assert [each["id"] for each in said] == ["S9", "S12"]
    assert [each["verdict"] for each in said] == [each.value for each in verdicts]
    assert set(said[0]) == {"id", "verdict", "evidence", "checked_at", "negative_control"}
    assert main(["claims", "S9", "S12"]) == code
    assert "Every address a letter can go to" in " ".join(capsys.readouterr().out.split())


def test_the_command_lists_all_54_and_counts_what_is_not_built(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    check_keys()
    put("S9", Verdict.HOLDS)
    assert main(["claims", "--json"]) == 2
    said = json.loads(capsys.readouterr().out)["claims"]
    assert len(said) == 54
    assert sum(each["verdict"] == "not built" for each in said) == 53
    assert main(["claims"]) == 2
    assert "1 holds, 0 broken, 0 unknown, 53 not built" in capsys.readouterr().out
    assert main(["claims", "S77"]) == 3
    assert "There is no claim S77." in capsys.readouterr().err


def test_an_event_has_its_claims_checked_soon_and_once(world: World) -> None:
    for name in ("west", "east"):
        record_relay(relay=Relay(name=name, url=f"smtp+starttls://{name}.example", country="US"), actor=SYSTEM)
    run_due()
    assert closed_by(Door.TRANSFER) == (), "changes that follow each other are waited for"
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        run_due()
    assert closed_by(Door.TRANSFER) == ("S20",)
    assert LedgerRow.objects.filter(verb="notices.check_claims").count() == 1, "one run serves both"
    assert ServiceMessage.objects.filter(kind="broken_promise").count() == 1, "the officer is told once"


def test_after_init_of_the_example_organisation_nothing_is_broken(settings: Settings, tmp_path: Path) -> None:
    check_keys()
    settings.LUVALLA_HOME = tmp_path
    make_world()
    seen = {each.claim: each.figures for each in check_claims(actor=SYSTEM) if each.verdict == Verdict.BROKEN}
    assert seen == {}


def test_no_check_writes_anything(settings: Settings, tmp_path: Path) -> None:
    check_keys()
    settings.LUVALLA_HOME = tmp_path
    begin_sending(campaign=approved(make_world()), actor=SYSTEM)
    files = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}
    written: dict[str, set[str]] = {}

    def note(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if (kind := sql.strip(" (\n").split()[0].upper()) not in {"SELECT", "PRAGMA"}:
            written.setdefault(claim.id, set()).add(kind)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        for claim in claims:
            claim.check()
    assert written == {}
    assert {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()} == files


def test_every_event_is_a_verb_of_the_program_and_names_claims() -> None:
    package = Path(luvalla.__file__).parent
    program = "".join(each.read_text(encoding="utf-8") for each in package.rglob("*.py") if each.name != "events.py")
    for verb, ids in AFTER.items():
        assert f'"{verb}"' in program, verb
        assert all(entry(each) for each in ids)
