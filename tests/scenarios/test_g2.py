"""G2: an old backup is put back: closed, brought up to date by the ledger outside it, proved, and only then opened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import F
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger import quarantine, vault
from luvalla.ledger.actors import OPERATOR, SUBJECT, person
from luvalla.ledger.backups.container import Key, Lock
from luvalla.ledger.backups.errors import DatabaseNotEmpty
from luvalla.ledger.backups.locks import configured_key, configured_lock, make_own_key
from luvalla.ledger.backups.making import make_backup
from luvalla.ledger.backups.restoring import restore
from luvalla.ledger.errors import ErasuresGap
from luvalla.ledger.keys import Keyring, write_keyring
from luvalla.ledger.models import ErasuresMark, LedgerRow
from luvalla.ledger.queries import verify_chain
from luvalla.ledger.vault import sealer
from luvalla.people.actions import revoke_undertaking
from luvalla.people.models import Session, User
from luvalla.register.forgetting import forget
from luvalla.register.models import Contact, Suppression
from luvalla.register.queries import find_contact, is_suppressed, prohibited_kinds
from luvalla.register.rectification import rectify
from luvalla.register.restriction import restrict
from luvalla.register.source_notices import open_notices
from luvalla.register.stop import prohibit, withdraw
from luvalla.rules.address import normalise
from luvalla.rules.ports import Verdict, claims
from luvalla.rules.purposes import Prohibited
from tests.scenarios.test_g1 import tonight
from tests.support.world import World, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_else")]
ERASED, RESTRICTED, WRONG, RIGHT, STAYS, FORGOTTEN = (
    normalise(f"{each}@esimerkki.fi") for each in ("maija", "ville", "aino.vanha", "aino", "seppo", "liisa")
)


@pytest.fixture
def own_keys(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Give a home with keys of its own, which a test may change."""
    settings.LUVALLA_HOME = tmp_path / "home"
    write_keyring(Keyring.fresh(), settings.LUVALLA_HOME)
    vault.forget_keys()
    yield settings.LUVALLA_HOME
    vault.forget_keys()


@pytest.fixture
def world() -> World:
    made = make_world()
    tonight(made, *(each.text for each in (ERASED, RESTRICTED, WRONG, STAYS, FORGOTTEN)))
    return made


@pytest.fixture
def backup(world: World, tmp_path: Path, settings: Settings) -> Path:
    """Make the backup T0 and then erase T1, restrict T2, correct T3, revoke T4."""
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    made = make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR)
    withdraw(address=ERASED, channel="link", actor=SUBJECT)
    restrict(address=RESTRICTED, reason="accuracy", channel="desk", actor=person("clerk"))
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=person("clerk"))
    prohibit(address=STAYS, kinds=Prohibited.RESEARCH, channel="desk", actor=person("clerk"))
    forget(address=FORGOTTEN, channel="desk", actor=person("clerk"))
    revoke_undertaking(user=User.objects.get(username="author"), reason="left", actor=OPERATOR)
    return made.place


def test_g2_an_old_backup_is_brought_up_to_date_before_it_opens(backup: Path) -> None:
    with pytest.raises(DatabaseNotEmpty):
        restore(place=backup, key=configured_key(), replace=False, actor=OPERATOR)
    assert quarantine.current() is None

    restored = restore(place=backup, key=configured_key(), replace=True, actor=OPERATOR)

    assert quarantine.current() is None
    assert restored.replayed.lines["rectify"] == restored.replayed.lines["revoke"] == 1
    assert find_contact(ERASED) is None
    assert is_suppressed(ERASED)
    restricted = find_contact(RESTRICTED)
    assert restricted is not None
    assert restricted.restricted_at is not None
    assert restricted.restrictions.get().reason == "accuracy"
    assert find_contact(WRONG) is None
    assert find_contact(RIGHT) is not None
    assert is_suppressed(WRONG)
    assert prohibited_kinds(sealer().folded_token(STAYS)) == Prohibited.RESEARCH
    assert find_contact(FORGOTTEN) is None
    author = User.objects.get(username="author")
    assert not author.is_active
    assert author.undertaking is not None
    assert author.undertaking.revoked_at is not None
    assert not Session.objects.filter(user=author).exists()
    assert Contact.objects.count() == 3

    row = LedgerRow.objects.get(verb="ledger.restore")
    assert row.facts["lines"] == restored.replayed.lines
    assert verify_chain().broken is None
    for name in ("S18", "S42", "X2"):
        claim = claims.get(name)
        assert claim is not None
        assert claim.check().verdict is Verdict.HOLDS
    assert main(["ledger", "verify"]) == 0


def test_g2_a_gap_in_the_ledger_outside_keeps_it_closed(
    backup: Path, outside: Path, world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    newer = make_backup(place=tmp_path / "t1.backup", lock=configured_lock(), actor=OPERATOR)
    lines = outside.read_bytes()
    outside.write_bytes(b"".join(lines.splitlines(keepends=True)[:3]))
    with pytest.raises(ErasuresGap):
        restore(place=newer.place, key=configured_key(), replace=True, actor=OPERATOR)

    capsys.readouterr()
    for closed in (["show", ERASED.text], ["backup", str(tmp_path / "t2.backup")], ["claims"]):
        assert main(closed) == 1
        assert "quarantine" in capsys.readouterr().err
    assert main(["restore", "--resume", "--json"]) == 1
    assert "its second disk" in json.loads(capsys.readouterr().out)["error"]["message"]

    outside.write_bytes(lines)
    assert main(["restore", "--resume"]) == 0
    assert "put back and open" in capsys.readouterr().out
    assert find_contact(STAYS) is not None


def cut(place: Path, lines: int) -> None:
    """Take the newest lines away, whole, as putting an older copy back does."""
    place.write_bytes(b"".join(place.read_bytes().splitlines(keepends=True)[:-lines]))


@pytest.mark.parametrize("lines", [1, 5])
def test_g2_a_ledger_whose_newest_lines_were_cut_off_keeps_it_closed(
    backup: Path, outside: Path, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The backup knows of none of them; the installation that it replaces does."""
    whole = outside.read_bytes()
    cut(outside, lines)
    capsys.readouterr()
    for command in (
        ["restore", str(backup), "--replace"],
        ["restore", "--resume"],
        ["restore", str(backup), "--replace"],
    ):
        assert main(command) == 1
        said = capsys.readouterr().err
        assert "newest lines" in said
        assert "--resume" in said
        closed = quarantine.current()
        assert closed is not None
        assert (closed.stage, closed.why) == (quarantine.Stage.GAP, "cut")
    assert main(["show", STAYS.text]) == 1

    outside.write_bytes(whole)
    assert main(["restore", "--resume"]) == 0
    assert find_contact(ERASED) is None
    assert is_suppressed(ERASED)
    assert main(["claims", "X2"]) == 0


def test_g2_what_only_the_second_copy_has_is_taken_from_it(
    backup: Path, outside: Path, tmp_path: Path, settings: Settings
) -> None:
    settings.LUVALLA_ERASURES_COPY = str(tmp_path / "second" / "ledger.jsonl")
    copy = Path(settings.LUVALLA_ERASURES_COPY)
    copy.parent.mkdir()
    copy.write_bytes(outside.read_bytes())
    cut(outside, 4)
    assert main(["restore", str(backup), "--replace"]) == 0
    assert outside.read_bytes().startswith(copy.read_bytes())
    assert find_contact(ERASED) is None
    assert find_contact(FORGOTTEN) is None


def test_g2_a_ledger_and_a_copy_that_go_on_differently_keep_it_closed(
    backup: Path, outside: Path, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    older = b"".join(outside.read_bytes().splitlines(keepends=True)[:-2])
    whole = outside.read_bytes()
    ErasuresMark.objects.all().delete()
    outside.write_bytes(older)
    withdraw(address=STAYS, channel="link", actor=SUBJECT)
    settings.LUVALLA_ERASURES_COPY = str(tmp_path / "second" / "ledger.jsonl")
    Path(settings.LUVALLA_ERASURES_COPY).parent.mkdir()
    Path(settings.LUVALLA_ERASURES_COPY).write_bytes(whole)
    assert main(["restore", str(backup), "--replace"]) == 1
    assert "go on differently" in capsys.readouterr().err


def test_g2_a_backup_from_before_the_first_erasure_stays_closed_where_there_is_no_ledger(
    backup: Path, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a new machine that nobody has brought the ledger to, there is no database either that could tell of it."""
    whole = outside.read_bytes()
    outside.unlink()
    assert main(["restore", str(backup), "--replace"]) == 1
    assert "no ledger of erasures" in capsys.readouterr().err
    assert main(["show", ERASED.text]) == 1
    outside.write_bytes(whole)
    assert main(["restore", "--resume"]) == 0
    assert find_contact(ERASED) is None


def test_g2_sources_are_told_once_more_of_what_was_forbidden_after_the_backup(backup: Path, world: World) -> None:
    assert main(["restore", str(backup), "--replace"]) == 0
    waiting = [(each.kind, each.prohibited) for each in open_notices(world.crm)]
    assert ("prohibition", int(Prohibited.RESEARCH)) in waiting
    assert ("erasure", 0) in waiting


def test_g2_a_lost_ledger_opens_the_backup_only_without_anybody_who_might_have_been_erased(
    backup: Path, outside: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    newer = make_backup(place=tmp_path / "t1.backup", lock=configured_lock(), actor=OPERATOR)
    outside.unlink()
    assert main(["restore", "--accept-gap", "lost"]) == 3
    with pytest.raises(ErasuresGap):
        restore(place=newer.place, key=configured_key(), replace=True, actor=OPERATOR)
    assert main(["restore", "--accept-gap", "both disks burnt"]) == 0
    assert not Contact.objects.exists()
    assert Suppression.objects.exists()
    assert not User.objects.filter(is_active=True).exists()
    row = LedgerRow.objects.get(verb="ledger.restore")
    assert row.facts["accepted_gap"] == "missing"
    assert main(["claims", "X2"]) == 0


def test_g2_a_backup_under_another_key_changes_nothing(backup: Path, world: World, tmp_path: Path) -> None:
    locked = make_backup(place=tmp_path / "p.backup", lock=Lock(passphrase="salaisuus"), actor=OPERATOR)
    assert main(["restore", str(locked.place), "--replace"]) == 2
    assert find_contact(STAYS) is not None
    assert quarantine.current() is None
    restore(place=locked.place, key=Key(passphrase="salaisuus"), replace=True, actor=OPERATOR)
    assert find_contact(STAYS) is not None


@pytest.mark.parametrize("kind", ["ledger", "token", "seal", "link", "token seal token ledger"])
def test_g2_a_backup_older_than_a_change_of_a_key_is_brought_up_to_date(
    kind: str, own_keys: Path, backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines since the backup are under the old key and the new; the restored database knows the old one only."""
    for each in kind.split():
        assert main(["keys", "rotate", each]) == 0
    withdraw(address=STAYS, channel="link", actor=SUBJECT)
    capsys.readouterr()
    assert main(["restore", str(backup), "--replace", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["lines"]["rectify"], told["lines"]["revoke"]) == (1, 1)
    for gone in (ERASED, STAYS):
        assert find_contact(gone) is None
        assert is_suppressed(gone)
    assert find_contact(RIGHT) is not None
    assert main(["ledger", "verify"]) == 0
    assert main(["keys", "check"]) == 0
    assert main(["claims", "X2"]) == 0


def test_g2_a_backup_gives_the_roles_their_own_permissions_though_it_numbers_models_otherwise(
    world: World, tmp_path: Path, settings: Settings
) -> None:
    """An installation that grew over the years numbers its models in another order than one that was made today."""
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    renumber_models(by=1000)
    made = make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR)
    renumber_models(by=-1000)
    before = ContentType.objects.get_for_model(User).pk
    restore(place=made.place, key=configured_key(), replace=True, actor=OPERATOR)
    assert ContentType.objects.get_for_model(User).pk == before + 1000
    assert not Permission.objects.exclude(content_type__in=ContentType.objects.all()).exists()
    assert Permission.objects.filter(codename="send_campaign").count() == 1
    assert User.objects.get(username="author").has_perm("people.write_campaign")


def renumber_models(*, by: int) -> None:
    """Give every content type another number, and what leads to it."""
    leading = [
        field for model in apps.get_models() for field in model._meta.local_fields
        if field.related_model is ContentType and model._meta.managed and not model._meta.proxy
    ]  # fmt: skip
    with transaction.atomic():
        if connection.vendor == "postgresql":
            connection.cursor().execute("set constraints all deferred")
        for each in (*leading, ContentType._meta.pk):
            each.model._default_manager.update(**{each.attname: F(each.attname) + by})
    ContentType.objects.clear_cache()
