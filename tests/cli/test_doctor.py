"""The doctor on an installation in order, and on one in which everything is broken: each fault is named."""

from __future__ import annotations

import json
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from checkdmarc.utils import DNS_CACHE
from click.testing import CliRunner
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from luvalla import LOCKED_ON
from luvalla.cli.doctor import command as doctor
from luvalla.cli.doctor import machine, names, packages, roads, stores
from luvalla.config.environment import secret_key
from luvalla.jobs.engines import put_job
from luvalla.ledger import erasures
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.erasures import Entry, Operation
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import Relay
from luvalla.mailroom.signing import make_key
from luvalla.organisation.errors import NotSetUp
from luvalla.organisation.models import Controller
from luvalla.sending.testing import Receiver
from luvalla.sending.testing.certificate import Certificate, make_certificate
from tests.support.clamd import clamd
from tests.support.nameserver import Nameserver, nameserver
from tests.support.world import make_world

DOMAIN = "esimerkki.example"


@contextmanager
def site(certificate: Certificate, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Iterator[int]:
    """Show a certificate on a port of loopback, and give the same answer to whatever is asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    context, over = certificate.server_context(), threading.Event()
    listener.settimeout(0.05)

    def serve() -> None:
        while not over.is_set():
            try:
                plain, _ = listener.accept()
            except TimeoutError:
                continue
            plain.settimeout(5)
            try:
                with context.wrap_socket(plain, server_side=True) as secured:
                    secured.recv(4096)
                    secured.sendall(answer)
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join()
        listener.close()


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    """Give an installation's folder of the test's own, closed to others."""
    sealer()
    place = tmp_path / "home"
    (place / "keys").mkdir(parents=True)
    place.chmod(0o700)
    (place / "keys").chmod(0o700)
    settings.LUVALLA_HOME = place
    settings.LUVALLA_DKIM = place / "keys" / "dkim"
    settings.LUVALLA_ERASURES = ""
    settings.LUVALLA_ERASURES_COPY = str(tmp_path / "second" / "ledger.jsonl")
    settings.LUVALLA_SMTP_URL = ""
    settings.LUVALLA_SMTP_PASSWORD_FILE = ""
    return place


@pytest.fixture
def installation(db: None, home: Path) -> Controller:
    make_world()
    controller = Controller.objects.get()
    controller.mail_domain, controller.sender_address = DOMAIN, f"uutiset@{DOMAIN}"
    controller.save()
    return controller


def on_two_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each place be a disk of its own."""
    monkeypatch.setattr(stores, "_device", str)


def look(resolver: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Give the exit code, and what was found by the name of the check."""
    done = CliRunner().invoke(doctor.command, ["--json", "--resolver", resolver], standalone_mode=False)
    assert done.exception is None, done.exception
    found: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(done.stdout)["findings"]:
        found.setdefault(each["check"], []).append(each)
    return done.return_value, found


def states(found: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Give the worst state of each check."""
    order = ["fault", "unknown", "note", "good"]
    return {name: min((each["state"] for each in rows), key=order.index) for name, rows in found.items()}


def records(home: Path) -> dict[tuple[str, str], list[str]]:
    """Make a DKIM key and the records that receivers want to see."""
    made = make_key(home / "keys" / "dkim", domain=DOMAIN, selector="luvalla1", is_ed25519=True)
    assert made is not None
    return {
        (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.10 -all"'],
        (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"'],
        (f"luvalla1._domainkey.{DOMAIN}", "TXT"): [f'"{made.record}"'],
        (f"relay.{DOMAIN}", "A"): ["192.0.2.10"],
        ("10.2.0.192.in-addr.arpa", "PTR"): [f"relay.{DOMAIN}."],
    }


@pytest.fixture
def dns(home: Path) -> Iterator[Nameserver]:
    DNS_CACHE.clear()
    with nameserver(records(home)) as server:
        yield server


def test_an_installation_in_order_has_no_fault_but_its_relay(
    installation: Controller, home: Path, dns: Nameserver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(("localhost",), days=90)
    trusted = certificate.client_context()
    monkeypatch.setattr(ssl, "create_default_context", lambda *_: trusted)
    monkeypatch.setattr(machine, "_keeps_time", lambda: True)
    monkeypatch.setattr(packages, "_today", lambda: LOCKED_ON)
    on_two_disks(monkeypatch)
    settings.LUVALLA_SMTP_URL = f"smtp://relay.{DOMAIN}:25"
    erasures.append([Entry(Operation.SUPPRESS, (b"t" * 32,))])
    for verb in ("ledger.make_backup", "ledger.drill_restore"):
        LedgerRow.objects.create(actor="system", verb=verb)
    seal_rows(everything=True)
    with site(certificate) as port:
        Controller.objects.update(base_url=f"https://localhost:{port}")
        code, found = look(dns.place)
    assert states(found) == {
        **dict.fromkeys(("database", "keys", "migrations", "permissions", "disk", "clock", "jobs", "packages"), "good"),
        **dict.fromkeys(("erasures", "backups", "site"), "good"),
        **dict.fromkeys(("spf", "dkim", "dmarc", "reverse"), "good"),
        "scanner": "note",
        "mailbox": "unknown",
        "relay": "fault",  # there is no such server
    }
    assert code == 1


@contextmanager
def relay_at_its_last(home: Path, name: str, *, days: int) -> Iterator[None]:
    """Record a relay on this machine whose certificate holds for so many days."""
    certificate = make_certificate(("127.0.0.1",), begins=datetime.now(UTC) - timedelta(days=60), days=60 + days)
    (home / "keys" / "ca.pem").write_text(certificate.pem)
    (home / "keys" / "ca.pem").chmod(0o600)
    with Receiver(security="tls", certificate=certificate) as receiver:
        url = f"{receiver.url}?ca_file={home / 'keys' / 'ca.pem'}"
        Relay.objects.update_or_create(name=name, defaults={"url": url, "in_use": True, "order": 1})
        yield


def test_a_broken_installation_has_each_fault_named_with_what_to_do(
    installation: Controller, home: Path, dns: Nameserver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = str(home.parent / "gone")
    password = home.parent / "password"
    password.write_text("salaisuus\n")
    password.chmod(0o644)
    settings.LUVALLA_SMTP_PASSWORD_FILE = str(password)
    settings.LUVALLA_ERASURES_COPY = ""
    settings.LUVALLA_SCANNER = str(home.parent / "no-scanner")
    home.chmod(0o755)
    MigrationRecorder.Migration.objects.filter(app="paper").latest("name").delete()
    put_job("x", {}, timezone.now() - timedelta(hours=1))
    LedgerRow.objects.create(actor="system", verb="ledger.make_backup", at=timezone.now() - timedelta(days=3))
    posted = {"kind": "rights_canary"}
    LedgerRow.objects.create(
        actor="system", verb="mailroom.post_service_message", facts=posted, at=timezone.now() - timedelta(days=2)
    )
    Relay.objects.create(name="Poissa", url=f"smtp://relay.{DOMAIN}:25", country="FI", in_use=True, order=2)
    monkeypatch.setattr(machine, "LEAST", 1 << 60)
    monkeypatch.setattr(machine, "_database_time", lambda: datetime.now(UTC) - timedelta(minutes=5))
    dns.records = {
        (DOMAIN, "TXT"): ['"v=spf1 +all"'],
        (f"luvalla1._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; k=ed25519; p=AAAA"'],
        (f"relay.{DOMAIN}", "A"): ["192.0.2.10"],
        ("10.2.0.192.in-addr.arpa", "PTR"): ["somebody.else.example."],
    }
    with relay_at_its_last(home, "Vanha", days=2), site(make_certificate(("localhost",))) as port:
        Controller.objects.update(base_url=f"https://localhost:{port}")
        code, found = look(dns.place)
    assert code == 1
    faults = {name: [each["saw"] for each in rows if each["state"] == "fault"] for name, rows in found.items()}
    named = {
        "migrations": ["1 change of tables is missing"],
        "permissions": [
            f"can read {home}.",
            f"is not there: {home.parent / 'gone'}",
            f"can read the secret in {password}",
        ],
        "disk": ["MB are free"],
        "clock": ["300.0 s apart"],
        "scanner": ["The virus scanner gives no answer"],
        "jobs": ["1 job is overdue"],
        "erasures": ["has no second place"],
        "backups": ["The last backup is 72 hours old"],
        "mailbox": ["did not come back within a day"],
        "site": ["Browsers don't accept the certificate of localhost"],
        "relay": ["certificate of Vanha holds for 1 day", "Poissa"],
        "spf": ["lets everybody send"],
        "dkim": ["has another key than ours"],
        "dmarc": ["has no DMARC record"],
        "reverse": [f"reverse name of relay.{DOMAIN} isn't its own"],
    }
    assert {name: len(said) for name, said in faults.items() if said} == {
        name: len(said) for name, said in named.items()
    }
    for name, said in named.items():
        assert all(part in each for part, each in zip(said, faults[name], strict=True)), (name, faults[name])
    assert all(each["saw"] and each["do"] for rows in found.values() for each in rows if each["state"] == "fault")
    assert f"chmod 700 {home}" in found["permissions"][0]["do"]
    assert "Letters leave by the others" in found["relay"][-1]["do"]


@pytest.mark.parametrize(("days", "state"), [(30, "good"), (10, "note"), (2, "fault")])
def test_the_days_of_a_relay_s_certificate_are_counted(
    installation: Controller, home: Path, dns: Nameserver, days: int, state: str
) -> None:
    with relay_at_its_last(home, "Oma", days=days):
        rows = look(dns.place)[1]["relay"]
    assert [each["state"] for each in rows] == ["good", state]
    assert f"holds for {days - 1} day" in rows[1]["saw"]


def test_what_is_done_every_second_and_is_not_done_is_noticed(
    installation: Controller, home: Path, dns: Nameserver
) -> None:
    LedgerRow.objects.create(actor="system", verb="x", at=timezone.now() - timedelta(hours=1))
    (row,) = look(dns.place)[1]["jobs"]
    assert (row["state"], "luvalla worker" in row["do"]) == ("fault", True)
    seal_rows(everything=True)
    assert states(look(dns.place)[1])["jobs"] == "good"


def test_a_clock_that_nothing_keeps_in_step_is_noticed(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    for kept, state in ((True, "good"), (None, "good"), (False, "note")):
        monkeypatch.setattr(machine, "_keeps_time", lambda said=kept: said)
        assert [each.state for each in machine.look_at_clock()] == [state]


def test_the_kernel_is_asked_and_not_told() -> None:
    before = time.time()
    assert machine._keeps_time() in {True, False, None}
    assert 0 <= time.time() - before < 5


def test_records_that_are_missing_or_ask_for_nothing_are_told_apart(
    installation: Controller, home: Path, dns: Nameserver
) -> None:
    dns.records = {(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=none"']}
    found = look(dns.place)[1]
    assert states(found)["dmarc"] == "note"
    assert "asks for nothing" in found["dmarc"][0]["saw"]
    assert "is not published" in found["dkim"][0]["saw"]
    assert "has no SPF record" in found["spf"][0]["saw"]


def test_records_that_are_there_twice_or_faulty_are_told_from_missing_ones(
    installation: Controller, home: Path, dns: Nameserver
) -> None:
    dns.records = {
        (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.10 -all"', '"v=spf1 mx ~all"', '"something else"'],
        (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"', '"v=DMARC1; p=none"'],
    }
    found = look(dns.place)[1]
    assert "has 2 SPF records" in found["spf"][0]["saw"]
    assert "has 2 DMARC records" in found["dmarc"][0]["saw"]
    dns.records = {
        (DOMAIN, "TXT"): ['"v=spf1 include:nowhere.example -all"'],
        (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=rejekt"'],
    }
    DNS_CACHE.clear()
    found = look(dns.place)[1]
    assert "is faulty: " in found["spf"][0]["saw"]
    assert "nowhere.example" in found["spf"][0]["saw"]
    assert "is faulty: " in found["dmarc"][0]["saw"]


def test_a_resolver_that_is_silent_says_nothing_about_records(
    installation: Controller, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "SECONDS", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        found = look(f"127.0.0.1:{silent.getsockname()[1]}")[1]
    assert found["dns"][0]["state"] == "unknown"
    assert "gives no answer" in found["dns"][0]["saw"]
    assert not {"spf", "dkim", "dmarc", "reverse"} & set(found)


def test_a_database_that_does_not_answer_or_is_empty_is_named_and_the_rest_waits_for_it(
    installation: Controller, home: Path, dns: Nameserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> list[str]:
        raise OperationalError

    for tables, said in ((breaks, "can't be read (OperationalError)"), (list, "is empty")):
        monkeypatch.setattr(connection.introspection, "table_names", tables)
        code, found = look(dns.place)
        assert set(found) == {"database", "permissions", "disk", "erasures", "packages"}
        assert said in found["database"][0]["saw"]
        assert (code, "how-to/back-up-and-restore" in found["database"][0]["do"]) == (1, True)


def test_a_second_place_of_the_erasures_that_cannot_be_written_is_noticed(
    installation: Controller, home: Path, dns: Nameserver, settings: Settings
) -> None:
    (home / "a-file").write_text("")
    settings.LUVALLA_ERASURES_COPY = str(home / "a-file" / "ledger.jsonl")
    (row,) = look(dns.place)[1]["erasures"]
    assert (row["state"], "can't be written" in row["saw"]) == ("fault", True)


def test_a_policy_on_trial_is_told_from_one_that_is_followed(
    installation: Controller, home: Path, dns: Nameserver
) -> None:
    dns.records = {(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject; t=y"']}
    (row,) = look(dns.place)[1]["dmarc"]
    assert (row["state"], "on trial" in row["saw"]) == ("note", True)


def test_an_old_certificate_and_a_silent_site_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    old = make_certificate(("localhost",), begins=datetime.now(UTC) - timedelta(days=40), days=30)
    trusted = old.client_context()
    monkeypatch.setattr(ssl, "create_default_context", lambda *_: trusted)
    with site(old) as port:
        assert "has run out" in roads._certificate("localhost", port).saw
    assert "does not answer" in roads._certificate("localhost", port).saw


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "Luvalla behind it does not (502)"),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\n", "Luvalla behind it does not (503)"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "something else than Luvalla answers (404)"),
        (b"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.example/\r\n\r\n", "something else than Luvalla"),
        (b"SSH-2.0-x\r\n", "something else than Luvalla answers (0)"),
    ],
)
def test_a_good_certificate_before_nobody_is_a_fault(monkeypatch: pytest.MonkeyPatch, answer: bytes, said: str) -> None:
    certificate = make_certificate(("localhost",), days=90)
    trusted = certificate.client_context()
    monkeypatch.setattr(ssl, "create_default_context", lambda *_: trusted)
    with site(certificate, answer) as port:
        found = roads._certificate("localhost", port)
    assert (found.state, said in found.saw) == ("fault", True), found.saw


def test_our_own_site_gives_the_page_that_is_asked_for(db: None) -> None:
    assert Client().get("/robots.txt").status_code == 200


def test_two_places_of_the_erasures_on_one_disk_are_a_fault(
    installation: Controller, home: Path, dns: Nameserver, settings: Settings
) -> None:
    (row,) = look(dns.place)[1]["erasures"]
    assert (row["state"], "are on one disk" in row["saw"]) == ("fault", True)
    other = Path("/dev/shm")  # noqa: S108  # a file system of its own on every Linux
    if not other.is_dir() or other.stat().st_dev == home.stat().st_dev:
        pytest.skip("this machine has no second file system that a test may write to")
    with tempfile.TemporaryDirectory(dir=other) as place:
        settings.LUVALLA_ERASURES_COPY = f"{place}/ledger.jsonl"
        assert states(look(dns.place)[1])["erasures"] == "good"


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ("v=spf1 ip4:192.0.2.10 -all", "good"),
        ("v=spf1 ip4:192.0.2.11 -all", "fault"),
        ("v=spf1 ip4:192.0.2.0/24 ~all", "good"),
        ("v=spf1 -ip4:192.0.2.10 ip4:192.0.2.0/24 -all", "fault"),
        (f"v=spf1 a:relay.{DOMAIN} -all", "good"),
        ("v=spf1 a -all", "fault"),
        ("v=spf1 mx -all", "good"),
        (f"v=spf1 include:ours.{DOMAIN} -all", "good"),
        (f"v=spf1 include:theirs.{DOMAIN} -all", "fault"),
        (f"v=spf1 redirect=ours.{DOMAIN}", "good"),
        ("v=spf1 exists:%{i}.x.example -all", "good"),
    ],
)
def test_spf_is_compared_with_the_addresses_of_our_own_relays(
    installation: Controller, dns: Nameserver, settings: Settings, record: str, state: str
) -> None:
    settings.LUVALLA_SMTP_URL = f"smtp://relay.{DOMAIN}:25"
    dns.records |= {
        (DOMAIN, "TXT"): [f'"{record}"'],
        (DOMAIN, "A"): ["198.51.100.1"],
        (DOMAIN, "MX"): [f"10 relay.{DOMAIN}."],
        (f"ours.{DOMAIN}", "TXT"): ['"v=spf1 ip4:192.0.2.8/29 -all"'],
        (f"theirs.{DOMAIN}", "TXT"): ['"v=spf1 ip4:203.0.113.0/24 -all"'],
    }
    rows = look(dns.place)[1]["spf"]
    assert [each["state"] for each in rows] == [state], rows
    if state == "fault":
        assert "192.0.2.10" in rows[0]["saw"]
        assert "ip4:192.0.2.10" in rows[0]["do"]


@pytest.mark.parametrize("place", ["127.0.0.1", "10.0.0.7", "localhost"])
def test_a_relay_inside_leaves_by_an_address_that_cannot_be_compared(
    installation: Controller, home: Path, dns: Nameserver, settings: Settings, place: str
) -> None:
    settings.LUVALLA_SMTP_URL = f"smtp://{place}:25"
    assert states(look(dns.place)[1])["spf"] == "good"


def test_a_copy_of_the_erasures_that_stayed_behind_is_noticed(
    installation: Controller, home: Path, dns: Nameserver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_two_disks(monkeypatch)
    erasures.append([Entry(Operation.SUPPRESS, (b"t" * 32,))])
    Path(settings.LUVALLA_ERASURES_COPY).write_bytes(b"")
    (row,) = look(dns.place)[1]["erasures"]
    assert (row["state"], "lacks what the first one has" in row["saw"]) == ("fault", True)


def test_a_check_that_fails_itself_hides_no_other(
    installation: Controller, dns: Nameserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> Iterator[Any]:
        raise RuntimeError

    monkeypatch.setattr(machine, "look_at_disk", breaks)
    found = look(dns.place)[1]
    assert found["disk"][0]["state"] == "unknown"
    assert "RuntimeError" in found["disk"][0]["saw"]
    assert "dmarc" in found


@pytest.mark.parametrize(("fault", "said"), [(NotSetUp(), "isn't recorded yet"), (OperationalError(), "tables")])
def test_a_check_that_waits_for_something_says_for_what(
    fault: Exception, said: str, installation: Controller, dns: Nameserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> Iterator[Any]:
        raise fault

    if isinstance(fault, OperationalError):
        MigrationRecorder.Migration.objects.filter(app="paper").latest("name").delete()
    monkeypatch.setattr(machine, "look_at_disk", breaks)
    (row,) = look(dns.place)[1]["disk"]
    assert row["state"] == "unknown"
    assert said in row["saw"]


def test_a_new_home_is_closed_to_others_whichever_setting_is_read_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.delenv("LUVALLA_SECRET_KEY", raising=False)
    settings.LUVALLA_HOME = tmp_path / "new"
    assert secret_key(settings.LUVALLA_HOME) == secret_key(settings.LUVALLA_HOME)
    assert [each.state for each in machine.look_at_permissions()] == ["good"]


@pytest.mark.parametrize(("days", "state"), [(0, "good"), (8, "note"), (None, "note")])
def test_old_signatures_of_the_virus_scanner_are_noticed(
    db: None, settings: Settings, tmp_path: Path, days: int | None, state: str
) -> None:
    with clamd(tmp_path / "ctl") as (scanner, settings.LUVALLA_SCANNER):
        made = timezone.now() - timedelta(days=days or 0)
        scanner.signatures = made.strftime("%a %b %d %H:%M:%S %Y") if days is not None else ""
        assert [each.state for each in machine.look_at_scanner()] == [state]
