from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from luvalla.jobs.testing import run_due
from luvalla.ledger.models import LedgerRow
from luvalla.people.models import Role, User
from luvalla.register.models import Batch, Prohibition, Source
from luvalla.register.queries import find_contact, live_permissions
from luvalla.rules.address import normalise
from luvalla.rules.purposes import MARKETING
from tests.staff.conftest import Browse
from tests.staff.imports.conftest import BRING, COLUMNS, bring, compare, people, table, upload
from tests.support.files import bytes_of

pytestmark = pytest.mark.django_db(transaction=True)
OWNER, CLERK, OFFICER = Role.REGISTER_OWNER.value, Role.CLERK.value, Role.DATA_PROTECTION_OFFICER.value


def page(client: Client, batch: Batch) -> str:
    return str(client.get(f"/staff/imports/{batch.pk}/").content.decode())


def act(client: Client, batch: Batch, step: str) -> Any:
    answer = client.post(f"/staff/imports/{batch.pk}/{step}/")
    batch.refresh_from_db()
    return answer


def test_an_export_is_uploaded_looked_at_compared_and_applied(browse: Browse, crm: Source, stopped: str) -> None:
    client = browse(OWNER)
    content = table(*people(20), "ASIAKAS1@esimerkki.fi", stopped, "ei osoite", "")
    assert upload(client, content).url == COLUMNS
    looked_at = client.get(COLUMNS).content.decode()
    assert "sähköposti" in looked_at
    assert "a•••••@•••••" in looked_at
    assert "1.5.2019" in looked_at
    assert not any(each in looked_at for each in ("asiakas0@", "Maija", "040 000"))
    answer = compare(client)
    batch = Batch.objects.get()
    assert answer.url == f"/staff/imports/{batch.pk}/"
    assert client.get(answer.url)["Refresh"] == "2"
    run_due()
    batch.refresh_from_db()
    assert batch.state == Batch.State.STAGED
    assert (
        sum(batch.counts[group] for group in ("new", "unchanged", "changed", "suppressed", "duplicate", "refused"))
        == 24
    )
    shown = page(client, batch)
    for text in (
        "What this import would change",
        "20 changes:",
        "20 additions",
        "The address has no @ sign",
        "puhelin",
    ):
        assert text in shown
    assert live_permissions().count() == 0
    assert act(client, batch, "apply").status_code == 302
    assert batch.state == Batch.State.APPLIED
    assert live_permissions().count() == 20
    run_due()
    batch.refresh_from_db()
    assert batch.state == Batch.State.SETTLED
    assert "What this import changed" in page(client, batch)
    assert find_contact(normalise(stopped)) is None
    me = User.objects.get(username="aino")
    verbs = LedgerRow.objects.filter(subject_ref=str(batch.ref), actor=f"person:{me.ref}").values_list(
        "verb", flat=True
    )
    assert {"register.stage_batch", "register.apply_batch"} <= set(verbs)


def test_a_discarded_import_leaves_nothing(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    batch = bring(client, table(*people(5)))
    act(client, batch, "discard")
    run_due()
    assert batch.state == Batch.State.DISCARDED
    assert not (Path(settings.LUVALLA_HOME) / "uploads" / batch.upload).exists()
    assert find_contact(normalise("asiakas0@esimerkki.fi")) is None
    assert "This import was discarded" in page(client, batch)


def test_losing_over_a_tenth_needs_the_release_of_somebody_else(browse: Browse, crm: Source) -> None:
    owner = browse(OWNER)
    act(owner, bring(owner, table(*people(20))), "apply")
    run_due()
    batch = bring(owner, table(*people(15)))
    assert batch.state == Batch.State.AWAITING_RELEASE
    assert batch.counts["gone"] == 5
    shown = page(owner, batch)
    assert "A second person releases this import first" in shown
    assert "/release/" not in shown
    assert "/apply/" not in shown
    assert act(owner, batch, "release").status_code == 409
    assert act(owner, batch, "apply").status_code == 409
    assert batch.state == Batch.State.AWAITING_RELEASE
    officer = browse(OFFICER, name="Katariina Holm")
    assert f"/staff/imports/{batch.pk}/release/" in page(officer, batch)
    assert act(officer, batch, "release").status_code == 302
    assert batch.state == Batch.State.STAGED
    assert "Katariina Holm has looked at what is gone" in page(owner, batch)
    assert act(owner, batch, "apply").status_code == 302
    run_due()
    assert live_permissions().count() == 15
    assert find_contact(normalise("asiakas19@esimerkki.fi")) is None


def test_who_released_an_import_does_not_decide_on_it(browse: Browse, crm: Source) -> None:
    clerk, owner = browse(CLERK, name="Kaisa Niemi"), browse(OWNER)
    act(owner, bring(clerk, table(*people(20))), "apply")
    run_due()
    batch = bring(clerk, table(*people(10)))
    act(owner, batch, "release")
    assert "You released it, so somebody else decides on it" in page(owner, batch)
    assert act(owner, batch, "apply").status_code == 409
    assert batch.state == Batch.State.STAGED


def test_no_plain_byte_of_an_upload_is_in_the_home_folder(browse: Browse, crm: Source) -> None:
    home = Path(settings.LUVALLA_HOME)
    before = set((home / "uploads").glob("*.sealed"))
    upload(browse(OWNER), table("maija.sinetti@esimerkki.fi"))
    assert len(set((home / "uploads").glob("*.sealed")) - before) == 1
    plain = (b"maija.sinetti", b"1.5.2019", b"040 000 0000")
    for place in (each for each in home.rglob("*") if each.is_file()):
        content = bytes_of(place)
        assert not any(each in content for each in plain), place.name


def test_a_refused_form_or_a_file_let_go_leaves_no_upload_behind(browse: Browse, crm: Source) -> None:
    uploads, client = Path(settings.LUVALLA_HOME) / "uploads", browse(OWNER)
    before = set(uploads.glob("*"))
    answer = upload(client, table("maija@esimerkki.fi"), permission="")
    assert answer.status_code == 200
    assert set(uploads.glob("*")) == before
    upload(client, table("maija@esimerkki.fi"))
    assert len(set(uploads.glob("*")) - before) == 1
    upload(client, table("matti@esimerkki.fi"))
    assert len(set(uploads.glob("*")) - before) == 1
    assert client.post(COLUMNS, {"drop": "1"}).url == "/staff/imports/"
    assert set(uploads.glob("*")) == before
    assert client.get(COLUMNS).url == BRING


def test_a_forged_upload_is_refused(browse: Browse, crm: Source) -> None:
    signed_in = browse(OWNER)
    forger = Client(enforce_csrf_checks=True)
    forger.cookies = signed_in.cookies
    before = set((Path(settings.LUVALLA_HOME) / "uploads").glob("*"))
    assert upload(forger, table("maija@esimerkki.fi")).status_code == 403
    assert Batch.objects.count() == 0
    assert set((Path(settings.LUVALLA_HOME) / "uploads").glob("*")) == before


def test_another_undecided_import_of_the_source_is_named_and_the_file_kept(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    first = bring(client, table(*people(3)))
    assert f"/staff/imports/{first.pk}/" in client.get(BRING).content.decode()
    upload(client, table(*people(4)))
    shown = compare(client).content.decode()
    assert "has another import on its way" in shown
    assert f"/staff/imports/{first.pk}/" in shown
    act(client, first, "discard")
    assert compare(client).status_code == 302


def test_the_columns_can_be_chosen_and_the_file_read_again(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    content = b"laskut;tiedotteet;alkoi\r\n" + b"a@esimerkki.fi;b@esimerkki.fi;1.1.2020\r\n" * 2
    upload(client, content)
    shown = client.get(COLUMNS).content.decode()
    assert "Several columns hold addresses" in shown
    assert 'name="compare"' not in shown
    client.post(COLUMNS, {"address": "2", "since": "", "again": "1"})
    shown = client.get(COLUMNS).content.decode()
    assert "1 column of 3 is kept" in shown
    client.post(COLUMNS, {"address": "2", "since": "3", "again": "1"})
    assert "2 columns of 3 are kept" in client.get(COLUMNS).content.decode()
    compare(client, address="2", since="3")
    run_due()
    batch = Batch.objects.get()
    assert batch.reading["kept"] == ["tiedotteet", "alkoi"]
    assert batch.reading["dropped"] == ["laskut"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><body>", "The file is a web page"),
        (b"%PDF-1.7 ...", "neither a text table nor a workbook"),
        (b"PK\x03\x04 broken", "The workbook is damaged"),
        (b"\r\n\r\n", "The file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_to_be_so(browse: Browse, crm: Source, content: bytes, said: str) -> None:
    client = browse(OWNER)
    upload(client, content)
    shown = client.get(COLUMNS).content.decode()
    assert said in shown
    assert "Nothing was changed." in shown
    assert 'name="compare"' not in shown


def test_a_file_without_addresses_fails_in_the_background_and_says_why(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    batch = bring(client, table("ei", "ole", "osoitteita"))
    assert batch.state == Batch.State.FAILED
    assert "Not one row of the file has an address." in page(client, batch)


def test_the_list_of_refused_lines_has_no_content_and_cannot_be_executed(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    batch = bring(client, table("hyva@esimerkki.fi", '=HYPERLINK("x")', "@SUM(1)", "ei osoite"))
    answer = client.get(f"/staff/imports/{batch.pk}/lines/refused/file/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [row[0] for row in rows] == ["Line", "3", "4", "5"]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row)
    assert "HYPERLINK" not in text
    assert "attachment" in answer["Content-Disposition"]


def test_groups_can_be_opened_masked_while_nothing_is_decided(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    act(client, bring(client, table(*people(20))), "apply")
    run_due()
    batch = bring(client, table(*people(19), "uusi@toinen.example"))
    gone, new = (client.get(f"/staff/imports/{batch.pk}/rows/{group}/").content.decode() for group in ("gone", "new"))
    assert gone.count("a•••••@esimerkki.fi") == 1
    assert new.count("u•••••@•••••") == 1
    assert "uusi@" not in new
    act(client, batch, "apply")
    assert client.get(f"/staff/imports/{batch.pk}/rows/new/").status_code == 404


def test_a_job_that_is_run_again_does_not_stage_twice(browse: Browse, crm: Source) -> None:
    from luvalla.register.importing.background import stage  # noqa: PLC0415  # the task itself

    batch = bring(browse(OWNER), table(*people(5)))
    counts = batch.counts
    stage(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.counts == counts
    assert batch.granted.count() == 5


def test_what_the_source_forbids_is_shown_and_carried_out(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    rows = "maija@esimerkki.fi;x;kyllä\r\nville@esimerkki.fi;;ei\r\n"
    content = f"sähköposti;Markkinointikielto;Markkinointilupa\r\n{rows}".encode()
    upload(client, content)
    shown = client.get(COLUMNS).content.decode()
    assert "Prohibition of marketing" in shown
    assert "A column that may matter was not read" in shown
    assert "2 columns of 3 are kept" in shown
    compare(client, since="", prohibited="2")
    run_due()
    batch = Batch.objects.get()
    shown = page(client, batch)
    assert "Marketing forbidden" in shown
    assert "and 1 prohibition." in shown
    assert "Markkinointilupa" in shown
    act(client, batch, "apply")
    run_due()
    assert Prohibition.objects.get().kinds == MARKETING
    assert "No marketing since this import" in page(client, batch)


def test_an_import_without_prohibitions_shows_none(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    assert "Marketing forbidden" not in page(client, bring(client, table(*people(3))))
