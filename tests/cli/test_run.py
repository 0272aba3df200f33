"""`luvalla run` serves pages, background work and stop mails, and leaves nothing behind when it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.vault import keyring, sealer
from luvalla.register.actions import add_permission
from luvalla.register.links import make_stop_token
from luvalla.register.models import Contact, Source, Suppression
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.support.world import make_world

PATIENCE = 60.0


def free_ports() -> tuple[int, int]:
    """Give two ports that are free now; held at the same time, they are different ones."""
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def answers(port: int, path: str = "/en/", patience: float = 5) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=patience) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def children(pid: int) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = place.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(place.parent.name))
    return found


def family(pid: int) -> list[int]:
    """Give the children of a process and theirs: the web server and the processes that answer for it."""
    return [each for child in children(pid) for each in (child, *children(child))]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Served:
    """A running `luvalla run`, and its ports."""

    def __init__(self, environment: dict[str, str], *, waits: bool = True) -> None:
        self.web, self.mail = free_ports()
        options = ["--port", str(self.web), "--web-processes", "1", "--receiver", f"127.0.0.1:{self.mail}"]
        command = [sys.executable, "-P", "-m", "luvalla", "run", *options]
        said = subprocess.DEVNULL if waits else subprocess.PIPE
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        if waits:
            self.wait()

    def wait(self) -> None:
        """Wait until its front page answers."""
        try:
            wait_for(lambda: answers(self.web) or self.process.poll() is not None, "the front page did not answer")
            assert self.process.poll() is None, "it ended before it answered"
        except BaseException:
            self.process.kill()
            raise


@pytest.fixture
def served(process_environment: dict[str, str]) -> Iterator[Served]:
    make_world()
    running = Served(process_environment)
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.wait(PATIENCE)


def test_it_serves_pages_and_ends_with_all_its_processes_when_told_to(served: Served) -> None:
    workers = family(served.process.pid)
    assert len(workers) >= 2
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(PATIENCE) == 0
    wait_for(lambda: not any(is_alive(each) for each in workers), "a web process outlived its parent")


def test_it_names_its_address_once_pages_answer(process_environment: dict[str, str]) -> None:
    make_world()
    running = Served(process_environment, waits=False)
    try:
        assert running.process.stderr is not None
        first = running.process.stderr.readline().decode()
        assert f"http://127.0.0.1:{running.web}/staff/" in first
        assert answers(running.web, patience=PATIENCE), "whoever follows the address finds a page"
    finally:
        running.process.kill()
        running.process.wait(PATIENCE)
        running.process.stderr.close()


def test_its_processes_die_with_it_however_it_dies_and_whatever_is_in_hand(served: Served) -> None:
    workers = family(served.process.pid)
    assert len(workers) >= 2
    with socket.create_connection(("127.0.0.1", served.web)) as half:
        half.sendall(b"POST /en/subscribe/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nemail=")
        time.sleep(1)
        os.kill(served.process.pid, signal.SIGKILL)
        wait_for(lambda: not any(is_alive(each) for each in workers), "a web process outlived its parent")


def test_a_mail_to_the_stop_address_stops_the_letters(served: Served) -> None:
    crm = Source.objects.get(key="crm")
    address = normalise("maija@esimerkki.fi")
    permission = add_permission(
        address=address, kind=PermissionKind.CUSTOMER, source=crm, audience=crm.default_audience,
        actor=OPERATOR,
    )  # fmt: skip
    token = make_stop_token(
        contact_id=permission.contact_id, exact_token=sealer().exact_token(address), campaign_id=0, keyring=keyring()
    )
    message = f"From: maija@esimerkki.fi\r\nTo: stop+{token}@esimerkkienergia.example\r\n\r\n"
    with smtplib.SMTP("127.0.0.1", served.mail, timeout=PATIENCE) as client:
        client.sendmail("maija@esimerkki.fi", [f"stop+{token}@esimerkkienergia.example"], message)
    assert not Contact.objects.exists()
    assert Suppression.objects.count() == 1


def test_pages_answer_while_jobs_and_pages_use_the_database_together(served: Served) -> None:
    """A server forked from a process whose threads use SQLite would hang at the first query, now and then."""
    assert all(answers(served.web, path) for path in ("/en/", "/fi/", "/sv/") * 5)


ASKS_FROM_THREADS = """
import os, threading
os.environ["LUVALLA_SERVER_PID"] = str(os.getpid())
import django
django.setup()
from django.db import connection

def ask():
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        print(cursor.fetchone()[0])
    connection.close()

for _ in range(8):
    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
connection.close_pool()
"""


def test_the_threads_of_a_web_process_take_turns_with_postgresqls_connections(
    on_postgres: None, process_environment: dict[str, str]
) -> None:
    asked = [sys.executable, "-c", ASKS_FROM_THREADS]
    told = subprocess.run(asked, env=process_environment, capture_output=True, text=True, check=True, timeout=PATIENCE)
    sessions = told.stdout.split()
    assert len(sessions) == 8
    assert len(set(sessions)) <= 2  # the pool may have begun a second one before the first was there


def test_a_port_that_is_taken_is_said_clearly(process_environment: dict[str, str]) -> None:
    make_world()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-P", "-m", "luvalla", "run", "--port", port, "--receiver", ""]
        done = subprocess.run(
            command, env=process_environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert done.returncode == 5
    assert f"Port {port} is taken" in done.stderr
