"""An address is in no file: home, database files, backups and logs, neither before nor after its erasure.

A case's text and a scan neither. On PostgreSQL the data folder is searched with its write-ahead log. What is looked for
is the words themselves and what programs make of them: base64, hexadecimal, two bytes a letter, and compressed files. A
database may compress long values in its files, so its rows are read besides.
"""

from __future__ import annotations

import base64
import gzip
import io
import logging
import os
import re
import secrets
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from luvalla.campaigns.models import Campaign
from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import OPERATOR, SUBJECT, SYSTEM, person
from luvalla.ledger.backups.locks import configured_lock, make_own_key
from luvalla.ledger.backups.making import make_backup
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.rewriting import rewrite_tables
from luvalla.mailroom.corrections import confirm_correction
from luvalla.mailroom.sender import send_campaign
from luvalla.organisation.models import Controller
from luvalla.people.models import User
from luvalla.people.queries import actor_of
from luvalla.register.actions import export_contacts
from luvalla.register.forgetting import forget
from luvalla.register.models import Audience
from luvalla.register.rectification import rectify
from luvalla.register.restriction import restrict
from luvalla.register.sign_up import ask
from luvalla.register.stop import withdraw
from luvalla.rights.actions.complaints import record_complaint
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.cases import Said
from luvalla.rights.files import check_file
from luvalla.rights.mail_intake import take_request
from luvalla.rights.models import DataRequest
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right
from luvalla.sending.testing import Receiver
from luvalla.staff.requests.authority_pack import make_pack
from tests.scenarios.test_g1 import tonight
from tests.support.campaigns import approved_campaign
from tests.support.requests import answer_paper, make_desk
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
PATTERN, CONTROL = (f"{word}{secrets.token_hex(5)}" for word in ("hakusana", "vertailu"))
"""New ones each time: the write-ahead log keeps what an earlier run, or the control, has written."""
SCAN = b"%PDF-1.7\n" + PATTERN.encode() + b" vaatii tietonsa"
NAMES = [f"{each}.{PATTERN}" for each in ("katariina", "vieno", "onni", "uusi", "tilaaja")]
KATARIINA, VIENO, ONNI, NEW, SUBSCRIBER = (normalise(f"{each}@esimerkki.fi") for each in NAMES)


def files_of_the_database() -> list[Path]:
    """Give the database's own files: of SQLite, or of PostgreSQL's data folder where this account may read it.

    Of the data folder all is given but the tables of other databases: the write-ahead log stands beside them.
    """
    connections.close_all()
    if connection.vendor == "sqlite":
        place = Path(str(connection.settings_dict["NAME"]))
        return list(place.parent.glob(f"{place.name}*"))
    with connection.cursor() as cursor:
        cursor.execute("checkpoint")
        cursor.execute("select current_setting('data_directory')")
        (folder,) = cursor.fetchone() or ("",)
        cursor.execute("select oid from pg_database where datname = current_database()")
        (number,) = cursor.fetchone() or (0,)
    if not os.access(Path(folder) / "base" / str(number), os.R_OK):
        return []
    beside = [each for each in Path(folder).iterdir() if each.name != "base"]
    temporary = [each for each in (Path(folder) / "base").iterdir() if not each.name.isdigit()]
    return [Path(folder) / "base" / str(number), *beside, *temporary]


def forms(pattern: str) -> list[str]:
    """Give regular expressions of how words can stand in a file: as they are, and encoded.

    In base64 the same words look threefold, by how many bytes stand before them; their edges mix with what is beside.
    """
    raw = pattern.encode()
    aligned = (base64.b64encode(bytes(before) + raw).decode()[before + 1 :].rstrip("=")[:-1] for before in range(3))
    wide = "".join(f"{letter}\\x00" for letter in pattern)[: -len("\\x00")]
    return [pattern, *aligned, raw.hex(), wide]


def found_by_grep(places: list[Path], pattern: str = PATTERN) -> str:
    """Look for the addresses as whoever steals the disk would."""
    command = ["grep", "-r", "-l", "-a", "-i", "-P", "--", "|".join(forms(pattern)), *map(str, places)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # a fixed program
    gone = all("No such file" in line for line in done.stderr.splitlines())  # the server has removed it meanwhile
    assert done.returncode < 2 or gone, done.stderr  # grep could not read
    return done.stdout


def found_compressed(places: list[Path], pattern: str = PATTERN) -> list[Path]:
    """Look into compressed files, of whatever name: ZIP and gzip."""
    return [each for place in places for each in place.rglob("*") if each.is_file() and pattern in _unpacked(each)]


def _unpacked(place: Path) -> str:
    content = place.read_bytes()
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as pack:
                content = b"".join(pack.read(each) for each in pack.namelist())
        elif content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        else:
            return ""
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError):
        return ""
    return content.decode("latin-1").lower()


def found_in_rows(pattern: str = PATTERN) -> list[str]:
    """Read every row of the database, and name the tables in which the words stand in any form."""
    wanted = re.compile("|".join(forms(pattern)), re.IGNORECASE)
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        return [each for each in tables if any(wanted.search(said) for said in _values_of(cursor, each))]


def _values_of(cursor: Any, table: str) -> Iterator[str]:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  # names of the catalogue
    for row in cursor.fetchall():
        for value in row:
            yield bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def work_with_them(world: World, receiver: Receiver) -> None:
    """Import, restrict, correct, ask and send: everything that touches an address."""
    tonight(world, KATARIINA.text, VIENO.text, ONNI.text)
    ask(address=SUBSCRIBER, purposes=["direct_marketing"], language="fi", wording="x", notice_version=1, actor=SUBJECT)
    restrict(address=VIENO, reason="accuracy", channel="desk", actor=person("clerk"))
    rectify(address=ONNI, to=NEW, channel="desk", actor=person("clerk"))
    confirm_correction(to=NEW, language="fi", actor=SYSTEM)
    campaign: Campaign = approved_campaign(world)
    send_campaign(campaign.pk, workers=1, actor=SYSTEM)
    run_due()
    answer_a_request()
    answer_an_authority()
    assert receiver.messages


def answer_a_request() -> None:
    """Take a request in with its text and a scan, search the stores, and hand the copy over."""
    desk, said = make_desk(), Said(address=KATARIINA.text, text=f"Missä on {PATTERN}?", name=f"Katariina {PATTERN}")
    files = (check_file("scan.pdf", SCAN), check_file("note.txt", f"{PATTERN} on paperilla".encode()))
    arrival = Arrival(
        channel=DataRequest.Channel.LETTER, language="fi", said=said, rights=(Right.ACCESS,), files=files,
        mailbox_proved=True,
    )  # fmt: skip
    request = receive_request(arrival=arrival, address=KATARIINA, actor=desk.clerk)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=request, actor=desk.handler)
    run_due()
    answer_paper(request, desk.custodian)
    request.refresh_from_db()
    grant(request=request, actor=desk.handler)
    run_due()
    request.refresh_from_db()
    assert (request.state, request.attachments.count(), request.links.count()) == ("replied", 2, 1)


def answer_an_authority() -> None:
    """Have an authority ask about the request, print its documents' letters, and export the addresses."""
    desk_owner = actor_of(User.objects.get(username="deskorvokki"))
    request = DataRequest.objects.get(state="replied")
    today = timezone.localdate()
    complaint = record_complaint(
        request=request, country="FI", reference="", received_on=today, answer_by=today, note=PATTERN, actor=desk_owner
    )
    make_pack(complaint, desk_owner)
    take_request(
        f"From: {KATARIINA.text}\r\nSubject: {PATTERN}\r\n\r\nMitä minusta on, kysyy {PATTERN}?".encode(),
        Controller.objects.get().dpo_email,
    )
    audience = Audience.objects.get(key="customers")
    exported = "".join(export_contacts(audience=audience, purpose="request", reason="Painotalo", actor=desk_owner))
    assert PATTERN in exported


def test_an_address_is_found_in_no_file_before_or_after_its_erasure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logs = logging.FileHandler(tmp_path / "luvalla.log")
    logging.getLogger().addHandler(logs)
    monkeypatch.setattr(settings, "LUVALLA_ERASURES_COPY", str(tmp_path / "second" / "ledger.jsonl"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    make_own_key()
    try:
        with Receiver() as receiver:
            monkeypatch.setattr(settings, "LUVALLA_SMTP_URL", receiver.url)
            work_with_them(make_world(), receiver)
        places = [Path(settings.LUVALLA_HOME), tmp_path]
        make_backup(place=tmp_path / "before.backup", lock=configured_lock(), actor=OPERATOR)
        assert found_by_grep([*places, *files_of_the_database()]) == ""
        assert (found_in_rows(), found_compressed(places)) == ([], [])
        assert DataRequest.objects.exists()

        withdraw(address=KATARIINA, channel="link", actor=SUBJECT)
        withdraw(address=NEW, channel="link", actor=SUBJECT)
        forget(address=VIENO, channel="desk", actor=person("clerk"))
        seal_rows()
        rewrite_tables(actor=SYSTEM)
        make_backup(place=tmp_path / "after.backup", lock=configured_lock(), actor=OPERATOR)
        assert found_by_grep([*places, *files_of_the_database()]) == ""
        assert (found_in_rows(), found_compressed(places)) == ([], [])
        assert list((tmp_path / "temporary").iterdir()) == [], "what was typeset and scanned left nothing behind"
    finally:
        logging.getLogger().removeHandler(logs)
        logs.close()
    told = capfd.readouterr()
    assert PATTERN not in (told.out + told.err).lower()
    assert (tmp_path / "luvalla.log").exists()
    if not files_of_the_database():
        pytest.skip("home, backups and logs were searched, but this account may not read PostgreSQL's data folder")


def test_grep_would_find_an_address_that_was_written_down(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(f"Call {KATARIINA.text}")
    assert str(tmp_path / "note.txt") in found_by_grep([tmp_path])


@pytest.mark.parametrize(
    "written",
    [
        *(base64.b64encode(bytes(each) + KATARIINA.text.encode()) for each in range(3)),
        KATARIINA.text.encode("utf-16-le"),
        KATARIINA.text.encode("utf-16-be"),
        KATARIINA.text.upper().encode(),
        KATARIINA.text.encode().hex().encode(),
    ],
    ids=["base64", "base64 from the second byte", "base64 from the third", "utf-16-le", "utf-16-be", "capitals", "hex"],
)
def test_grep_would_find_an_address_in_what_programs_make_of_it(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "note").write_bytes(b"\x00\x01 " + written + b" \xff")
    assert found_by_grep([tmp_path])


def test_an_address_in_a_compressed_file_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(KATARIINA.text.encode()))
    with zipfile.ZipFile(tmp_path / "b", "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("x", KATARIINA.text * 9)
    assert sorted(each.name for each in found_compressed([tmp_path])) == ["a", "b"]


@pytest.mark.parametrize(
    "said", [f"{'x' * 9000}{CONTROL}", base64.b64encode(CONTROL.encode()).decode()], ids=["far in", "base64"]
)
def test_an_address_that_stands_in_a_row_would_be_found(said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create table traces_row_control (said text)")
        cursor.execute("insert into traces_row_control values (%s)", [said])
    try:
        assert found_in_rows(CONTROL) == ["traces_row_control"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table traces_row_control")


def test_grep_would_find_an_address_that_stands_in_the_database() -> None:
    if not files_of_the_database():
        pytest.skip("this account may not read PostgreSQL's data folder")
    with connection.cursor() as cursor:
        cursor.execute("create table traces_control (said text)")
        cursor.execute("insert into traces_control values (%s)", [f"nobody.{CONTROL}@esimerkki.fi"])
    try:
        assert found_by_grep(files_of_the_database(), CONTROL)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table traces_control")
