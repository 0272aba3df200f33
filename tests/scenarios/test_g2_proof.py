"""G2, the proof: after a restore the effect of each line is looked for, and one that is missing keeps it shut."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger import quarantine
from luvalla.ledger.actors import OPERATOR, SUBJECT, person
from luvalla.ledger.backups.locks import configured_lock, make_own_key
from luvalla.ledger.backups.making import make_backup
from luvalla.ledger.erasures import Line
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.replaying import replayers
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import ServiceMessage
from luvalla.people.actions import close_account, revoke_undertaking
from luvalla.people.models import Undertaking, User
from luvalla.register.actions import add_permission, announce_lifting, lift_prohibition, lift_restriction
from luvalla.register.forgetting import forget, forget_token_after_source_confirmed
from luvalla.register.models import Contact, Restriction, SourceNotice, Suppression
from luvalla.register.queries import find_contact
from luvalla.register.rectification import rectify
from luvalla.register.restriction import restrict
from luvalla.register.stop import prohibit, stop_company, withdraw
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind, Prohibited
from tests.scenarios.test_g1 import tonight
from tests.support.world import World, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_else")]
ERASED, RESTRICTED, FREED, WRONG, RIGHT, STAYS, FORGOTTEN, TWICE, LAST = (
    normalise(f"{each}@esimerkki.fi")
    for each in ("maija", "ville", "veikko", "aino.vanha", "aino", "seppo", "liisa", "elli", "elli.uusi")
)
OF_COMPANY = normalise("joku@yritys.example")
DESK = person("clerk")
BACK = normalise("palaaja@esimerkki.fi")
KNOWN = (ERASED, RESTRICTED, FREED, WRONG, STAYS, FORGOTTEN, TWICE, OF_COMPANY, BACK)


@pytest.fixture
def backup(tmp_path: Path, settings: Settings) -> Path:
    """Make a backup, then do everything that a restored one must not undo."""
    world = make_world()
    tonight(world, *(each.text for each in KNOWN))
    withdraw(address=BACK, channel="link", actor=SUBJECT)
    restrict(address=FREED, reason="accuracy", channel="desk", actor=DESK)
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    made = make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR)
    come_back(world)
    withdraw(address=ERASED, channel="link", actor=SUBJECT)
    restrict(address=RESTRICTED, reason="accuracy", channel="desk", actor=DESK)
    freed = find_contact(FREED)
    assert freed is not None
    announce_lifting(contact=freed, actor=DESK)
    lift_restriction(contact=freed, actor=DESK)
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=DESK)
    rectify(address=TWICE, to=LAST, channel="desk", actor=DESK)
    restrict(address=LAST, reason="objection", channel="desk", actor=DESK)
    prohibit(address=STAYS, kinds=Prohibited.RESEARCH | Prohibited.DISCLOSURE, channel="desk", actor=DESK)
    lift_prohibition(folded=sealer().folded_token(STAYS), kinds=Prohibited.DISCLOSURE, channel="desk", actor=DESK)
    forget(address=FORGOTTEN, channel="desk", actor=DESK)
    SourceNotice.objects.update(handled_at=timezone.now())
    forget_token_after_source_confirmed()
    stop_company(domain=OF_COMPANY.domain, channel="desk", actor=DESK)
    revoke_undertaking(user=User.objects.get(username="author"), reason="left", actor=OPERATOR)
    close_account(user=User.objects.get(username="approver"), left_on=timezone.localdate(), reason="", actor=OPERATOR)
    return made.place


def come_back(world: World) -> None:
    """Consent anew, which lifts the suppression of an earlier stop."""
    add_permission(
        address=BACK, kind=PermissionKind.CONSENT, source=world.sign_up, audience=world.prospects,
        purposes=["direct_marketing"], proof={"text": "yes"}, lifts_suppression=True, actor=SUBJECT,
    )  # fmt: skip


def put_back(backup: Path, *more: str) -> int:
    return main(["restore", str(backup), "--replace", *more])


def fake(monkeypatch: pytest.MonkeyPatch, operation: str, replayer: Callable[[Line], int]) -> None:
    """Let another function do a kind of line again."""
    monkeypatch.setitem(replayers._parts, operation, replayer)


def test_every_line_is_looked_for_and_the_evidence_says_how_many(
    backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert put_back(backup, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["effects"] >= len(ALL_KINDS)
    row = LedgerRow.objects.get(verb="ledger.restore")
    assert (row.facts["effects"], row.facts["missed"]) == (told["effects"], 0)
    last = find_contact(LAST)
    assert last is not None
    assert last.restricted_at is not None
    freed = find_contact(FREED)
    assert freed is not None
    assert freed.restricted_at is None


ALL_KINDS = ("erase", "suppress", "prohibit", "restrict", "lift", "rectify", "forget", "revoke", "close")


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_kind_of_line_that_has_no_effect_keeps_the_restored_backup_closed(
    kind: str, backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as broken:
        fake(broken, kind, lambda _: 0)
        capsys.readouterr()
        assert put_back(backup) == 1
        said = capsys.readouterr().err
    closed = quarantine.current()
    assert closed is not None
    assert closed.stage is quarantine.Stage.UNPROVED
    assert f" {kind}" in said
    assert f" {kind}" in closed.why
    assert "@" not in closed.why
    assert main(["show", STAYS.text]) == 1
    assert LedgerRow.objects.filter(verb="ledger.restore").latest("pk").facts["missed"] > 0

    capsys.readouterr()
    assert main(["restore", "--resume"]) == 0
    assert quarantine.current() is None


def spoiling(kind: str, spoil: Callable[[], object]) -> Callable[[Line], int]:
    """Do a kind of line again as is right, and then undo it by the way."""
    right = replayers.get(kind)
    assert right is not None

    def replayer(line: Line) -> int:
        rows = right(line)
        spoil()
        return rows

    return replayer


def let_deliveries_be(line: Line) -> int:
    """Erase the register's own rows alone, and leave what the other stores keep."""
    tokens = [sealer().rekeyed(each, line.keys) for each in line.entry.tokens]
    return sum(Contact.objects.filter(folded=each).delete()[0] for each in tokens)


SPOILT: tuple[tuple[str, Callable[[], object]], ...] = (
    ("restrict", lambda: Restriction.objects.all().delete()),
    ("restrict", lambda: Contact.objects.update(restricted_at=None)),
    ("rectify", lambda: Contact.objects.exclude(folded=sealer().folded_token(STAYS)).delete()),
    ("suppress", lambda: Suppression.objects.update(expires_at=timezone.now())),
    ("revoke", lambda: User.objects.update(is_active=True)),
    ("revoke", lambda: Undertaking.objects.update(revoked_at=None)),
    ("close", lambda: User.objects.update(left_on=None)),
)


@pytest.mark.parametrize(("kind", "spoil"), SPOILT)
def test_an_effect_that_is_there_only_in_part_keeps_the_restored_backup_closed(
    kind: str,
    spoil: Callable[[], object],
    backup: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake(monkeypatch, kind, spoiling(kind, spoil))
    capsys.readouterr()
    assert put_back(backup) == 1
    assert f" {kind}" in capsys.readouterr().err


def test_a_letter_sent_to_somebody_erased_that_another_store_still_names_keeps_it_closed(
    letter_before: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake(monkeypatch, "erase", let_deliveries_be)
    capsys.readouterr()
    assert put_back(letter_before) == 1
    assert " erase" in capsys.readouterr().err


@pytest.fixture
def letter_before(tmp_path: Path, settings: Settings) -> Path:
    """Make a backup in which a service message to somebody is known who is erased afterwards."""
    tonight(make_world(), *(each.text for each in KNOWN))
    ServiceMessage.objects.create(kind="test", folded=sealer().folded_token(ERASED), state=ServiceMessage.State.SENT)
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    made = make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR)
    withdraw(address=ERASED, channel="link", actor=SUBJECT)
    return made.place


def test_what_is_named_of_a_missing_effect_are_its_line_and_random_references(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        fake(broken, "restrict", lambda _: 0)
        assert put_back(backup) == 1
    closed, restricted = quarantine.current(), find_contact(RESTRICTED)
    assert closed is not None
    assert restricted is not None
    named = [each for each in closed.why.split(", ") if str(restricted.ref) in each]
    assert len(named) == 1
    number, operation, reference = named[0].split()
    assert number.isdigit()
    assert (operation, reference) == ("restrict", str(restricted.ref))


def test_somebody_erased_and_corrected_into_again_is_expected_where_the_last_line_says(
    tmp_path: Path, settings: Settings
) -> None:
    """A wrong address is erased by an import, then another person's is corrected to it; then that one objects."""
    tonight(make_world(), WRONG.text, STAYS.text)
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    made = make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR)
    restrict(address=WRONG, reason="accuracy", channel="desk", actor=DESK)
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=DESK)
    withdraw(address=RIGHT, channel="link", actor=SUBJECT)
    rectify(address=STAYS, to=LAST, channel="desk", actor=DESK)
    rectify(address=LAST, to=normalise(f"x+{LAST.text}"), channel="desk", actor=DESK)
    assert put_back(made.place) == 0
    assert Contact.objects.count() == 1
