"""Moving a test's database: to a server of the test's own, or to a small disk, where it can be harmed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db import connection, connections

SETTINGS: Final = "fsync = on\nlisten_addresses = '127.0.0.1'\nmax_connections = 30\n"


@contextmanager
def database_at(**place: Any) -> Iterator[None]:
    """Let this process, its threads and its workers use another database for the length of a block."""
    connection.close()
    before = {name: connection.settings_dict[name] for name in place}
    connections.settings["default"].update(place)
    connection.settings_dict.update(place)
    try:
        yield
    finally:
        connection.close()
        connections.settings["default"].update(before)
        connection.settings_dict.update(before)


class Server:
    """A PostgreSQL in a folder of its own, run as the user postgres, which can be killed."""

    def __init__(self, folder: Path, programs: Path) -> None:
        """Make an empty one; start() starts it."""
        self._folder, self._programs = folder, programs
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", str(folder / "data"))
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"{SETTINGS}port = {self.port}\nunix_socket_directories = '{folder}'\n")

    def start(self) -> None:
        """Start it, as often as needed: what was killed leaves its memory to the kernel for a moment."""
        for _ in range(20):
            if self._pg_ctl("start", "-w", "-l", str(self._folder / "log")):
                return
            time.sleep(0.5)
        raise TimeoutError((self._folder / "log").read_text())

    def stop(self) -> None:
        """Stop it for good."""
        self._pg_ctl("stop", "-m", "immediate")

    def kill(self) -> None:
        """Kill it and all its processes at once."""
        first = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        for each in (first, *_children(first)):
            _kill(each)

    def fill(self, name: str) -> None:
        """Copy the database of the test into it."""
        source = connection.settings_dict
        env = {**os.environ, "PGPASSWORD": source["PASSWORD"] or ""}
        there = ["-h", source["HOST"] or "127.0.0.1", "-p", str(source["PORT"] or 5432), "-U", source["USER"]]
        here = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        dumping = [f"{self._programs}/pg_dump", *there, source["NAME"]]
        dumped = subprocess.run(dumping, env=env, check=True, capture_output=True).stdout
        subprocess.run([f"{self._programs}/createdb", *here, name], check=True)
        loading = [f"{self._programs}/psql", *here, "-q", "-v", "ON_ERROR_STOP=1", name]
        subprocess.run(loading, input=dumped, check=True, stdout=subprocess.DEVNULL)

    def _pg_ctl(self, *words: str) -> bool:
        command = ["pg_ctl", "-D", str(self._folder / "data"), *words]
        return self._run(*command, check=False) == 0

    def _run(self, program: str, *words: str, check: bool = True) -> int:
        command = [str(self._programs / program), *words]
        silent = subprocess.DEVNULL
        account = "postgres" if os.geteuid() == 0 else None  # it doesn't run as root
        return subprocess.run(
            command, check=check, stdout=silent, stderr=silent, cwd=self._folder, user=account, group=account
        ).returncode


@contextmanager
def running_server(programs: Path) -> Iterator[Server]:
    """Run a PostgreSQL for the length of a block."""
    folder = Path(tempfile.mkdtemp(prefix="luvalla-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    try:
        server = Server(folder, programs)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def server_programs() -> Path | None:
    """Find where PostgreSQL's server programs lie, the newest first; None where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a file system of so many megabytes for the length of a block; PermissionError where that isn't allowed."""
    place = Path(tempfile.mkdtemp(prefix="luvalla-disk-"))
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if subprocess.run(mounting, check=False, capture_output=True).returncode:
        place.rmdir()
        raise PermissionError
    try:
        yield place
    finally:
        unmounting = ["umount", "-l", str(place)]
        subprocess.run(unmounting, check=False, capture_output=True)
        place.rmdir()


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return
