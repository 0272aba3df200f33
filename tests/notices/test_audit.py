"""The auditor's pack is signed, deterministic and readable, and any change to it is found without the system."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.models import LedgerRow
from luvalla.notices.actions import check_claims
from luvalla.notices.audit import form, making
from luvalla.notices.audit.making import key_fingerprint, make_pack
from luvalla.notices.audit.verifying import Fault, verify_pack
from luvalla.notices.errors import LedgerBroken
from tests.support.world import make_world

pytestmark = pytest.mark.django_db
Files = dict[str, bytes]


@pytest.fixture(autouse=True)
def _world(db: None, settings: Settings, tmp_path: Path) -> None:
    check_keys()
    settings.LUVALLA_HOME = tmp_path / "home"
    make_world()
    check_claims(["S8", "S10", "S24"], actor=SYSTEM)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Give a pack in a file."""
    place = tmp_path / "pack.zip"
    place.write_bytes(make_pack(actor=SYSTEM))
    return place


def unpacked(place: Path) -> Files:
    with zipfile.ZipFile(place) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def signed_anew(files: Files, key: Ed25519PrivateKey | None = None) -> bytes:
    """Hash and sign files as whoever has the key would."""
    signer = key or making.signing_key()
    manifest = json.loads(files[form.MANIFEST])
    manifest["files"] = {
        name: form.sha256(content) for name, content in files.items() if name not in {form.MANIFEST, form.SIGNATURE}
    }
    manifest["public_key"] = base64.b64encode(signer.public_key().public_bytes_raw()).decode()
    written = form.readable(manifest)
    return form.archive({**files, form.MANIFEST: written, form.SIGNATURE: base64.b64encode(signer.sign(written))})


def test_a_pack_holds_and_says_whose_it_is(packed: Path) -> None:
    report = verify_pack(packed, expected=key_fingerprint())
    assert report.faults == ()
    assert report.manifest["controller"] == "Esimerkki Energia Oy"
    assert report.claims == 54
    assert report.rows == len(unpacked(packed)[form.LEDGER].splitlines()) > 5
    files = unpacked(packed)
    assert "Katariina Holm" in files["records/balancing-tests.json"].decode()
    assert "Newsletter register" in files["records/processing.json"].decode()
    assert {"retention", "access", "breaches"} <= {name[8:-5] for name in files if name.startswith("records/")}
    assert "notice/1-fi.html" in files
    page = files["index.html"].decode()
    assert key_fingerprint() in page
    assert "Every purpose based on a legitimate interest" in page
    assert "test_an_expired_balancing_test_breaks_s8" in page, "each claim names the test that breaks it"
    assert "Balancing tests" in page
    assert "Supervisory authorities" in page
    row = LedgerRow.objects.get(verb="notices.make_audit_pack")
    assert row.facts["sha256"] == form.sha256(packed.read_bytes())


def test_the_same_state_gives_the_same_bytes() -> None:
    now = timezone.now()
    seal_rows(everything=True)
    first, again = (form.archive(making._signed(making._files(now, "en"), now)) for _ in range(2))
    assert first == again


def test_the_key_is_made_once_and_only_its_owner_reads_it(settings: Settings) -> None:
    first = key_fingerprint()
    assert key_fingerprint() == first
    assert (settings.LUVALLA_HOME / "keys" / "audit-ed25519.pem").stat().st_mode & 0o777 == 0o600


def test_nothing_is_signed_over_a_broken_ledger() -> None:
    seal_rows(everything=True)
    LedgerRow.objects.filter(verb="organisation.record_controller").update(actor="somebody")
    with pytest.raises(LedgerBroken):
        make_pack(actor=SYSTEM)


def edited(name: str, old: bytes, new: bytes) -> Callable[[Files], Files]:
    def edit(files: Files) -> Files:
        assert old in files[name]
        return {**files, name: files[name].replace(old, new, 1)}

    return edit


def without_a_row(files: Files) -> Files:
    lines = files[form.LEDGER].splitlines(keepends=True)
    return {**files, form.LEDGER: b"".join(lines[:2] + lines[3:])}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (edited("records/processors.json", b"Pohjolan", b"Lapin"), "changed"),
        (edited(form.MANIFEST, b"Esimerkki", b"Toinen"), "signature"),
        (lambda files: {**files, "extra.txt": b"x"}, "surplus"),
        (lambda files: {name: each for name, each in files.items() if name != "index.html"}, "missing"),
    ],
)
def test_a_changed_pack_is_found(change: Callable[[Files], Files], kind: str, packed: Path) -> None:
    packed.write_bytes(form.archive(change(unpacked(packed))))
    assert [each.kind for each in verify_pack(packed).faults] == [kind]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (edited(form.CLAIMS, b'"expired": 0', b'"expired": 9'), "evidence"),
        (edited(form.LEDGER, b'"actor":"', b'"actor":"x'), "chain"),
        (without_a_row, "chain"),
        (edited("notice/1-en.html", b"Esimerkki", b"Toinen"), "notice"),
    ],
)
def test_what_does_not_belong_together_is_found_even_when_it_is_signed_anew(
    change: Callable[[Files], Files], kind: str, packed: Path
) -> None:
    packed.write_bytes(signed_anew(change(unpacked(packed))))
    assert kind in {each.kind for each in verify_pack(packed).faults}


def test_a_pack_signed_by_somebody_else_is_found_by_the_fingerprint(packed: Path) -> None:
    expected = key_fingerprint()
    packed.write_bytes(signed_anew(unpacked(packed), Ed25519PrivateKey.generate()))
    assert verify_pack(packed).faults == ()
    assert [each.kind for each in verify_pack(packed, expected=expected).faults] == ["other_key"]


@pytest.mark.parametrize("content", [b"", b"PK", b"not a pack"])
def test_something_else_is_no_pack(content: bytes, tmp_path: Path) -> None:
    place = tmp_path / "pack.zip"
    place.write_bytes(content)
    assert verify_pack(place).faults == (Fault("not_a_pack"),)


def test_the_commands_make_and_verify_without_home_and_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "made.zip"
    assert main(["audit", "pack", str(place), "--json"]) == 0
    key = json.loads(capsys.readouterr().out)["key"]
    assert main(["audit", "pack", str(place)]) == 1, "an existing file is kept"
    elsewhere = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ["PYTHONPATH"], "LUVALLA_HOME": "/nowhere"}
    command = [sys.executable, "-P", "-m", "luvalla", "audit", "verify", str(place), "--key", key, "--json"]
    done = subprocess.run(command, env=elsewhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["holds"] is True
    damaged = io.BytesIO(place.read_bytes())
    place.write_bytes(form.archive(edited("index.html", b"<h1>", b"<h2>")(unpacked(place))))
    capsys.readouterr()
    assert main(["audit", "verify", str(place)]) == 1
    assert "index.html was changed." in capsys.readouterr().out
    assert damaged.getvalue() != place.read_bytes()
