"""Each check, on a system that is in order, and on one that was broken on purpose (the negative controls)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from luvalla.jobs.models import Job
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.organisation.models import Purpose
from luvalla.register import actions, claims, stop
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.looks import KNOWN, Looks, examine_looks
from luvalla.register.models import (
    Audience,
    Batch,
    Contact,
    PendingSignUp,
    Permission,
    Source,
    Stop,
    Suppression,
)
from luvalla.register.traces import traces_in_files
from luvalla.rules import ports
from luvalla.rules.address import normalise
from luvalla.rules.ports import Finding, Verdict
from luvalla.rules.purposes import Prohibited
from tests.register.conftest import PatientBarrier

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]
MAIJA = normalise("maija@esimerkki.fi")


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    """Give an installation's folder of the test's own."""
    sealer()
    place = tmp_path / "home"
    place.mkdir()
    settings.LUVALLA_HOME = place
    return place


@pytest.fixture
def contact(register_address: Bring) -> Contact:
    return register_address(MAIJA.text)


def broken(finding: Finding) -> dict[str, object]:
    """Give the breaches of a finding that must be broken."""
    assert finding.verdict is Verdict.BROKEN
    counted = {"kinds", "suppressions"}
    return {name: count for name, count in finding.figures.items() if count and name not in counted}


def holds(finding: Finding) -> None:
    assert finding.verdict is Verdict.HOLDS, finding.figures


def test_every_claim_is_at_the_port_with_a_negative_control_that_exists() -> None:
    for each in claims.CLAIMS:
        assert ports.claims.get(each.id) is each
        assert each.negative_control.rpartition("::")[2] in globals()


def test_a_register_in_use_keeps_its_promises(
    register_address: Bring, crm: Source, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {f"name_{language}": "Research" for language in ("fi", "sv", "en")}
    Purpose.objects.create(key="a", basis="consent", forbidden_by=15, **names)
    for name in ("maija", "matti", "liisa", "seppo"):
        register_address(f"{name}@esimerkki.fi")
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    stop.restrict(address=normalise("matti@esimerkki.fi"), reason="accuracy", channel="web", actor=SUBJECT)
    stop.prohibit(address=normalise("liisa@esimerkki.fi"), kinds=Prohibited.RESEARCH, channel="web", actor=SUBJECT)
    monkeypatch.setattr(claims, "examine_looks", lambda *_: Looks([], []))
    for each in claims.CLAIMS:
        holds(each.check())


def test_a_permission_without_evidence_breaks_s9(contact: Contact, crm: Source, sign_up: Source) -> None:
    holds(claims.permissions_have_evidence())
    Source.objects.filter(pk=crm.pk).update(evidence="")
    assert broken(claims.permissions_have_evidence())["without_evidence"] == 1
    Permission.objects.update(source=sign_up)
    assert broken(claims.permissions_have_evidence())["without_evidence"] == 1


def test_the_same_permission_twice_breaks_s9(contact: Contact) -> None:
    permission = Permission.objects.get()
    permission.pk = None
    permission.save()
    assert broken(claims.permissions_have_evidence())["doubled"] == 1
    Permission.objects.filter(pk=permission.pk).update(ended_at=timezone.now())
    holds(claims.permissions_have_evidence())


def test_a_permission_of_an_unknown_kind_breaks_s9(contact: Contact) -> None:
    Permission.objects.update(kind="prospect")
    assert broken(claims.permissions_have_evidence())["unknown"] == 1


def test_a_column_for_first_names_breaks_s12(contact: Contact) -> None:
    holds(claims.only_addresses_are_kept())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE register_contact ADD COLUMN etunimi varchar(40)")
    try:
        assert broken(claims.only_addresses_are_kept()) == {"columns": 1}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE register_contact DROP COLUMN etunimi")


def test_a_table_for_names_breaks_s12() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE register_names (contact integer, name text)")
    try:
        assert broken(claims.only_addresses_are_kept()) == {"columns": 2}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE register_names")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE people_we_know (etunimi text)",
        "ALTER TABLE ledger_ledgerrow ADD COLUMN etunimi varchar(40)",
        "ALTER TABLE people_employer ADD COLUMN etunimi varchar(40)",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_column_that_no_model_has_breaks_s12_wherever_it_is(statement: str) -> None:
    back = {"CREATE": "DROP TABLE people_we_know"}.get(
        statement[:6], statement.replace("ADD", "DROP").replace(" varchar(40)", "")
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
    try:
        assert broken(claims.only_addresses_are_kept()) == {"elsewhere": 1}
    finally:
        with connection.cursor() as cursor:
            cursor.execute(back)
    holds(claims.only_addresses_are_kept())


@pytest.mark.parametrize(
    "value", ["maija@esimerkki.fi", "131052-308T", "+358 40 123 4567", "Matti Esimerkki", "Anna-Liisa Malli"]
)
def test_a_text_about_somebody_breaks_s12(crm: Source, value: str) -> None:
    Batch.objects.create(
        source=crm, audience=crm.default_audience, permission="customer", brought_by="x", reading={"sample": value}
    )
    assert broken(claims.only_addresses_are_kept()) == {"texts_about_people": 1}


def test_a_sealed_name_breaks_s12(contact: Contact) -> None:
    sealed = sealer().seal(b"Maija Esimerkki", column=CONTACT_ADDRESS, token=bytes(contact.token))
    Contact.objects.update(sealed=sealed)
    assert broken(claims.only_addresses_are_kept()) == {"not_addresses": 1}


def test_an_address_kept_unsealed_breaks_s12(contact: Contact) -> None:
    Contact.objects.update(sealed=b"maija@esimerkki.fi")
    assert broken(claims.only_addresses_are_kept()) == {"not_addresses": 1}


def test_a_source_that_proves_nothing_breaks_s16(contact: Contact, customers: Audience) -> None:
    holds(claims.sources_are_declared())
    names = {f"name_{language}": "A list from somewhere" for language in ("fi", "sv", "en")}
    manual = Source.objects.create(key="manual", default_audience=customers, **names)
    holds(claims.sources_are_declared())
    Permission.objects.update(source=manual)
    assert broken(claims.sources_are_declared())["without_statement"] == 1


def test_a_source_without_a_name_breaks_s16(contact: Contact) -> None:
    Source.objects.update(name_sv="")
    assert broken(claims.sources_are_declared())["nameless"] == 1


def test_a_retention_job_that_stands_still_breaks_s17() -> None:
    sign_up = PendingSignUp.objects.create(
        folded=bytes(32), sealed=b"x", expires_at=timezone.now() - timedelta(hours=2)
    )
    holds(claims.nothing_is_kept_too_long())
    sign_up.expires_at = timezone.now() - timedelta(hours=48)
    sign_up.save()
    assert broken(claims.nothing_is_kept_too_long()) == {"pending_sign_ups": 1}


def test_a_contact_without_any_permission_breaks_s17(contact: Contact) -> None:
    Contact.objects.update(created_at=timezone.now() - timedelta(days=3))
    holds(claims.nothing_is_kept_too_long())
    Permission.objects.update(ended_at=timezone.now())
    assert broken(claims.nothing_is_kept_too_long()) == {"without_permission": 1}
    Contact.objects.update(restricted_at=timezone.now())
    holds(claims.nothing_is_kept_too_long())


def test_a_stopped_address_put_back_past_the_import_breaks_s18(
    register_address: Bring, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    holds(claims.stopped_addresses_are_gone())
    monkeypatch.setattr(actions, "is_suppressed", lambda _: False)
    register_address("maija+again@esimerkki.fi")
    assert broken(claims.stopped_addresses_are_gone())["stopped_but_kept"] == 1


@pytest.mark.parametrize("place", ["queue", "log", "ledger"])
def test_a_stopped_address_left_anywhere_breaks_s18(
    register_address: Bring, barrier: PatientBarrier, home: Path, place: str
) -> None:
    register_address(MAIJA.text)
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    holds(claims.stopped_addresses_are_gone())
    if place == "queue":
        Job.objects.create(name="test.do", arguments={"to": MAIJA.text})
    elif place == "log":
        (home / "mail.log").write_text(f"to {MAIJA.text}: 250")
    else:
        with transaction.atomic():
            record("register.test", actor=SYSTEM, reason=f"{MAIJA.text} rang")
    found = broken(claims.stopped_addresses_are_gone())
    assert {"columns_showing", "files_showing"} & set(found)


def test_a_contact_of_a_stopped_domain_breaks_s18(contact: Contact) -> None:
    Suppression.objects.create(token=bytes(contact.domain), scope="domain", reason="company")
    assert broken(claims.stopped_addresses_are_gone())["stopped_but_kept"] == 1


def test_an_objection_that_waits_for_somebody_breaks_s43(contact: Contact, barrier: PatientBarrier) -> None:
    stop.object_to(contact_id=contact.pk, channel="desk", actor=SUBJECT)
    holds(claims.objections_take_effect_at_once())
    Stop.objects.update(answered_at=None, requested_at=timezone.now() - timedelta(hours=1))
    assert broken(claims.objections_take_effect_at_once())["waiting"] == 1


def test_an_address_in_plain_text_breaks_x1(contact: Contact, home: Path) -> None:
    (home / "log.txt").write_text("sent to somebody@example.com and to nobody")
    holds(claims.stolen_data_shows_nobody())
    (home / "log.txt").write_bytes(b"\0" * 5_000_000 + b"To: <Maija+x@Esimerkki.fi>\r\n")
    assert broken(claims.stolen_data_shows_nobody()) == {"files": 1}


def test_an_address_in_a_text_of_the_database_breaks_x1(contact: Contact) -> None:
    holds(claims.stolen_data_shows_nobody())
    with transaction.atomic():
        record("register.test", actor=SYSTEM, subject=Subject("contact"), reason="Maija@Esimerkki.fi rang")
    assert broken(claims.stolen_data_shows_nobody())["columns"] == 1


def test_an_address_in_bytes_of_the_database_breaks_x1(contact: Contact) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's bytes are read in its files")
    PendingSignUp.objects.create(folded=bytes(32), sealed=b"\x00{maija@esimerkki.fi}\xff", expires_at=timezone.now())
    assert broken(claims.stolen_data_shows_nobody()) == {"columns": 1}


def test_an_address_across_two_pieces_of_a_file_is_found(
    contact: Contact, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luvalla.register.traces.PIECE", 400)
    for place in (380, 385, 390, 395, 399, 400, 401):
        (home / "dump").write_bytes(b"\0" * place + b"maija@esimerkki.fi\0" + b"\0" * 500)
        assert traces_in_files([home]) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"MattiMaija@esimerkki.fiTampere33100",
        b"\x07\xc3\x28maija@esimerkki.fi\xff\x00",
        b"mailto:maija+tag@esimerkki.fi?subject=x",
        b'{"to":"maija@esimerkki.fi"}',
        b"GET /fi/lopeta/?address=maija%40esimerkki.fi HTTP/1.1",
        "Sähköposti;maija@esimerkki.fi;33100".encode("utf-16"),
    ],
)
def test_an_address_is_found_whatever_stands_around_it(contact: Contact, home: Path, content: bytes) -> None:
    (home / "dump").write_bytes(content)
    assert traces_in_files([home]) == 1


@pytest.mark.parametrize("name", ["maija@esimerkki.fi.eml", "keys/note.txt", "maija@esimerkki.fi/letter.txt"])
def test_an_address_is_found_in_names_and_beside_the_keys(contact: Contact, home: Path, name: str) -> None:
    (home / name).parent.mkdir(exist_ok=True)
    (home / name).write_text("maija@esimerkki.fi" if name.startswith("keys") else "nothing")
    assert broken(claims.stolen_data_shows_nobody()) == {"files": 1}


def test_an_address_of_a_web_address_is_found_in_a_text_of_the_database(contact: Contact) -> None:
    record("register.test", actor=SYSTEM, subject=Subject("contact"), reason="?who=maija%40esimerkki.fi")
    assert broken(claims.stolen_data_shows_nobody())["columns"] == 1


@pytest.mark.parametrize("content", ["info@sähkö.fi", "INFO@SÄHKÖ.FI", "info@xn--shk-qla6g.fi"])
def test_an_international_address_is_found_in_both_spellings(register_address: Bring, home: Path, content: str) -> None:
    register_address("info@sähkö.fi")
    (home / "dump").write_text(f"xyz {content} xyz", encoding="utf-8")
    assert traces_in_files([home]) == 1


def test_the_staffs_own_addresses_are_no_traces(contact: Contact, home: Path) -> None:
    get_user_model().objects.create(username="maija", email="maija@esimerkki.fi", full_name="Maija")
    (home / "dump").write_text("maijaMaijamaija@esimerkki.fifi")
    assert traces_in_files([home]) == 0


def test_a_stopped_persons_address_is_found_too(home: Path, barrier: PatientBarrier) -> None:
    stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT)
    (home / "old.csv").write_text("maija@esimerkki.fi")
    assert broken(claims.stolen_data_shows_nobody()) == {"files": 1}


LOOKS = (
    "from luvalla.register.queries import open_address as look\n",
    "from luvalla.register import queries\n\nqueries.open_address(contact)\n",
    "sealer().open(contact.sealed, column=CONTACT_ADDRESS, token=contact.token)\n",
    "sealer().open(contact.sealed, column=columns.CONTACT_ADDRESS, token=contact.token)\n",
    "sealer().open(contact.sealed, column='register.Contact.sealed', token=contact.token)\n",
)
NO_LOOKS = (
    "from luvalla.register.queries import shown_address\n",
    "sealer().seal(text, column=CONTACT_ADDRESS, token=token)\n",
    "sealer().open(contact.sealed, column=OTHER, token=contact.token)\n",
    "open(file)\n",
)


@pytest.mark.parametrize("view", LOOKS)
def test_a_look_that_leaves_no_row_breaks_x3(view: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "package"
    (place / "staff").mkdir(parents=True)
    (place / "staff" / "views.py").write_text(view)
    (place / "staff" / "others.py").write_text("".join(NO_LOOKS))
    monkeypatch.setattr(claims.luvalla, "__file__", str(place / "__init__.py"))
    assert broken(claims.looks_leave_a_row()) == {"unknown_looks": 1}
    assert examine_looks(place, {"staff/views.py": "shows none"}) == Looks([], [])
    assert examine_looks(place, {"staff/views.py": "register.look"}) == Looks([], ["register.look"])


def test_a_look_whose_row_is_no_longer_written_breaks_x3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    actions = Path(claims.luvalla.__file__).parent / "register" / "actions.py"
    place = tmp_path / "package"
    (place / "register").mkdir(parents=True)
    copy = place / "register" / "actions.py"
    copy.write_text(actions.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(claims.luvalla, "__file__", str(place / "__init__.py"))
    holds(claims.looks_leave_a_row())
    quiet = copy.read_text(encoding="utf-8").replace('"register.uncover_address"', '"register.other"')
    copy.write_text(quiet, encoding="utf-8")
    assert broken(claims.looks_leave_a_row()) == {"unrecorded_looks": 1}
    assert examine_looks(place, KNOWN).unrecorded == ["register.uncover_address"]


def test_a_broken_ledger_breaks_x3(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "examine_looks", lambda *_: Looks([], []))
    actions.uncover_address(contact=contact, purpose="rights", reason="asked", actor=SYSTEM)
    holds(claims.looks_leave_a_row())
    seal_rows()
    LedgerRow.objects.filter(verb="register.uncover_address").update(reason="something else")
    assert broken(claims.looks_leave_a_row())["broken_links"] == 1


def test_rows_nobody_has_sealed_for_hours_leave_x3_unknown(contact: Contact) -> None:
    actions.uncover_address(contact=contact, purpose="rights", reason="asked", actor=SYSTEM)
    finding = claims.looks_leave_a_row()
    assert (finding.verdict, finding.figures["sealed"]) == (Verdict.HOLDS, 0)
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        assert claims.looks_leave_a_row().verdict is Verdict.UNKNOWN
        seal_rows()
        holds(claims.looks_leave_a_row())


def test_the_program_opens_addresses_in_known_places_only() -> None:
    assert claims.looks_leave_a_row().verdict is Verdict.HOLDS
