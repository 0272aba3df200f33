from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from luvalla.cli import import_
from luvalla.cli.example_export import write_export, write_next_export
from luvalla.cli.main import main
from luvalla.ledger.actors import OPERATOR, SUBJECT
from luvalla.ledger.models import LedgerRow
from luvalla.people.models import User
from luvalla.people.queries import actor_of
from luvalla.register import stop
from luvalla.register.importing.actions import begin_batch
from luvalla.register.models import Batch, Contact, Permission
from luvalla.register.queries import live_permissions, open_address, visible_contacts
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "nimi;sähköposti;sopimus alkoi\n" + "".join(f"N;asiakas{number}@esimerkki.fi;1.1.2020\n" for number in range(20))


@pytest.fixture(autouse=True)
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "vienti.csv"
    place.write_text(TEXT, encoding="utf-8")
    return place


def bring(file: Path, *options: str, permission: str = "customer") -> int:
    return main(["import", str(file), "--source", "crm", "--permission", permission, *options])


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_an_export_is_applied_and_told_as_one_document(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(TEXT + "X;ei osoitetta;\nX;;\n", encoding="utf-8")
    assert bring(file, "--json", permission="CUSTOMER") == 0
    document = printed(capsys)
    assert document["state"] == "settled"
    assert document["rows"] == 22
    assert document["groups"] == {
        "new": 20, "unchanged": 0, "changed": 0, "suppressed": 0, "duplicate": 0, "refused": 2,
    }  # fmt: skip
    assert document["gone"] == 0
    assert document["refused"] == [
        {"fault": "no_at_sign", "rows": 1, "first_line": 22},
        {"fault": "empty", "rows": 1, "first_line": 23},
    ]
    assert document["columns"] == {"kept": ["sähköposti", "sopimus alkoi"], "dropped": ["nimi"]}
    assert (document["encoding"], document["delimiter"]) == ("utf-8", ";")
    assert document["batch"] == Batch.objects.get().pk
    assert visible_contacts().count() == 20


def test_a_table_tells_a_person_the_difference(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bring(file) == 0
    out = capsys.readouterr().out
    assert "New" in out
    assert "1 other column was read and not kept: nimi." in out
    assert "@" not in out
    assert bring(file) == 0
    assert "has everything" in capsys.readouterr().err


def test_a_dry_run_leaves_nothing_behind(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring(file)
    file.write_text(TEXT.replace("asiakas7@", "uusi7@"), encoding="utf-8")
    before = _everything()
    capsys.readouterr()
    assert bring(file, "--dry-run", "--json") == 0
    document = printed(capsys)
    assert (document["batch"], document["state"], document["needs_release"]) == (None, "dry_run", False)
    assert (document["groups"]["new"], document["groups"]["unchanged"], document["gone"]) == (1, 19, 1)
    assert _everything() == before


def _everything() -> dict[str, int]:
    """Count the rows of every table."""
    counts = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select count(*) from "{table}"')  # noqa: S608  # names from the database itself
            counts[table] = cursor.fetchone()[0]
    return counts


def test_a_loss_of_over_a_tenth_needs_a_second_person(
    file: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(file)
    file.write_text("\n".join(TEXT.splitlines()[:15]) + "\n", encoding="utf-8")
    capsys.readouterr()
    assert bring(file, "--json") == 4
    assert printed(capsys)["error"]["kind"] == "second_person_needed"
    assert visible_contacts().count() == 20
    waiting = Batch.objects.get(state=Batch.State.AWAITING_RELEASE)
    assert bring(file, "--released-by", "author") == 4
    assert bring(file, "--released-by", "nobody") == 3
    waiting.refresh_from_db()
    assert waiting.state == Batch.State.AWAITING_RELEASE
    assert bring(file, "--released-by", "approver", "--json") == 0
    waiting.refresh_from_db()
    assert waiting.state == Batch.State.DISCARDED
    assert visible_contacts().count() == 14
    last = Batch.objects.latest("pk")
    assert last.released_by == str(actor_of(User.objects.get(username="approver")))
    released = LedgerRow.objects.get(verb="register.release_batch")
    assert released.facts["released_by"] == last.released_by


def test_a_newer_export_takes_the_place_of_an_undecided_one(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring(file)
    file.write_text(TEXT.splitlines()[0] + "\nN;asiakas1@esimerkki.fi;1.1.2020\n", encoding="utf-8")
    assert bring(file) == 4
    file.write_text(TEXT, encoding="utf-8")
    capsys.readouterr()
    assert bring(file) == 0
    assert "discarded: this export is newer" in capsys.readouterr().err
    assert not Permission.objects.filter(batch__state=Batch.State.DISCARDED).exists()
    assert live_permissions().count() == 20


def test_a_file_that_cannot_be_read_leaves_an_undecided_import_where_it_is(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(file)
    file.write_text(TEXT.splitlines()[0] + "\nN;asiakas1@esimerkki.fi;1.1.2020\n", encoding="utf-8")
    assert bring(file) == 4
    file.write_bytes(b"<html><table></table></html>")
    capsys.readouterr()
    assert bring(file) == 2
    assert "Nothing was changed." in capsys.readouterr().err
    assert Batch.objects.get(state=Batch.State.AWAITING_RELEASE).pk == Batch.objects.latest("pk").pk


def test_where_no_column_can_be_chosen_the_option_that_names_it_is_told(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("nimi;puhelin\nMaija;0501\n", encoding="utf-8")
    assert bring(file) == 2
    assert "--column address=NAME" in capsys.readouterr().err


def test_an_import_that_is_being_read_is_waited_for(
    file: Path, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(import_, "PATIENCE", 0)
    other = begin_batch(source=world.crm, permission=PermissionKind.CUSTOMER, actor=OPERATOR)
    assert bring(file) == 5
    assert not Contact.objects.exists()
    Batch.objects.filter(pk=other.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert bring(file) == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("nimi;kunta\nA;Ii\n", "No column with addresses"),
        ("email\nei osoitetta\n", "Not one row"),
        ("%PDF-1.4", "neither a text table nor a workbook"),
    ],
)
def test_a_file_that_is_no_export_is_said_to_be_none(
    content: str, said: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(content, encoding="utf-8")
    assert bring(file) == 2
    assert said in capsys.readouterr().err
    assert not Permission.objects.exists()


@pytest.mark.parametrize(
    "options",
    [("--audience", "puuttuu"), ("--purpose", "puuttuu", "--permission", "consent"), ("--source", "puuttuu")],
)
def test_what_is_not_there_is_said_not_to_be(options: tuple[str, ...], file: Path) -> None:
    assert bring(file, *options) == 3
    assert not Batch.objects.exists()


def test_columns_are_named_by_header_or_number(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("osoite;toinen\na@esimerkki.fi;b@esimerkki.fi\nc@esimerkki.fi;d@esimerkki.fi\n", encoding="utf-8")
    assert bring(file) == 2
    assert bring(file, "--column", "osoite=toinen") == 2
    capsys.readouterr()
    assert bring(file, "--column", "address=toinen", "--json") == 0
    assert printed(capsys)["columns"] == {"kept": ["toinen"], "dropped": ["osoite"]}


def test_a_consent_names_its_purposes(file: Path) -> None:
    assert bring(file, permission="consent") == 2
    assert bring(file, "--purpose", "direct_marketing", permission="consent") == 0
    assert set(live_permissions().values_list("kind", "purposes")) == {("consent", "direct_marketing")}


def test_another_audience_can_be_named(file: Path, world: World) -> None:
    assert bring(file, "--audience", "prospects") == 0
    assert set(live_permissions().values_list("audience", flat=True)) == {world.prospects.pk}


def test_the_example_company_comes_in_as_it_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    written = write_export(first, customers=300)
    assert bring(first, "--json") == 0
    document = printed(capsys)
    assert document["groups"] == written.groups
    assert document["rows"] == written.rows
    assert len(document["columns"]["dropped"]) == 9
    contact = visible_contacts().order_by("pk")[7]
    address = open_address(contact)
    stop.withdraw(address=normalise(address), channel="test", actor=SUBJECT)
    spellings = write_next_export(second, first, returning=address.replace("+sahko", ""))
    capsys.readouterr()
    assert bring(second, "--json") == 0
    groups = printed(capsys)["groups"]
    assert groups["suppressed"] in {spellings, spellings + 1}
    assert groups["new"] == 0


def test_a_prohibition_is_told_and_a_column_of_permissions_named(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(
        "sähköposti;ei postia;markkinointilupa\na@esimerkki.fi;x;kyllä\nb@esimerkki.fi;;ei\n", encoding="utf-8"
    )
    assert bring(file, "--column", "prohibited=ei postia") == 0
    told = capsys.readouterr()
    assert "Forbidden from now on" in told.out
    assert "markkinointilupa" in told.err
    assert "A column of permissions gives and takes none here" in told.err
    assert bring(file, "--dry-run", "--json") == 0
    document = printed(capsys)
    assert document["prohibitions"]["rows"] == 0
    assert document["unread"] == {"permissions": ["markkinointilupa"], "prohibitions": []}
