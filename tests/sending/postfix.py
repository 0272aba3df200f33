"""A Postfix of the test's own on loopback: real SMTP from another hand. It throws away what it has taken."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

DAEMONS: Final = Path("/usr/lib/postfix/sbin")
_MAIN: Final = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
daemon_directory = {daemons}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
alias_maps =
alias_database =
default_transport = discard:
maillog_file = {home}/data/mail.log
maillog_file_prefixes = {home}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{
    {{ refused@example.com = 550 5.1.1 No such user }} {{ deferred@example.com = 451 4.3.0 Later }} }},
    permit_mynetworks, reject
mynetworks = 127.0.0.0/8
"""
_MASTER: Final = """\
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
_FROM: Final = re.compile(r"qmgr\[\d+\]: (\w+): from=<([^>]*)>")
_TO: Final = re.compile(r"discard\[\d+\]: (\w+): to=<([^>]*)>.*status=sent")


class Postfix:
    """A running instance."""

    def __init__(self, home: Path, port: int) -> None:
        """Know where it lives."""
        self.port = port
        self._log = home / "data" / "mail.log"

    def deliveries(self, wanted: int, seconds: float = 20.0) -> list[tuple[str, str]]:
        """Wait for so many deliveries; give return path and recipient of each, as its log has them."""
        end = time.monotonic() + seconds
        while True:
            log = self._log.read_text(encoding="utf-8", errors="replace")
            senders = dict(_FROM.findall(log))
            found = [(senders[queue_id], recipient) for queue_id, recipient in _TO.findall(log)]
            if len(found) >= wanted or time.monotonic() > end:
                return found
            time.sleep(0.1)


@contextmanager
def running_postfix() -> Iterator[Postfix]:
    """Start an instance in a folder of its own and stop it again; only root can."""
    home = Path(tempfile.mkdtemp(prefix="luvalla-postfix-"))
    home.chmod(0o755)
    for name in ("queue", "data", "settings"):
        (home / name).mkdir()
    shutil.chown(home / "data", "postfix")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (home / "settings" / "main.cf").write_text(_MAIN.format(home=home, daemons=DAEMONS))
    (home / "settings" / "master.cf").write_text(_MASTER.format(port=port))
    command = ["/usr/sbin/postfix", "-c", str(home / "settings")]
    subprocess.run([*command, "start"], check=True, capture_output=True)
    try:
        _wait_for(port)
        yield Postfix(home, port)
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


def _wait_for(port: int) -> None:
    """Wait until it greets."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0 and probe.recv(4) == b"220 ":
                return
        time.sleep(0.1)
    message = "Postfix did not start"
    raise TimeoutError(message)
