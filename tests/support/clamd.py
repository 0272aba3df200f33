"""A stand-in for ClamAV's clamd: VERSION and INSTREAM as clamd(8) describes them, on a socket of Unix or loopback.

It finds what holds the harmless mark of the antivirus makers (eicar.org), and refuses more than its limit.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

MARK = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """What the stand-in was asked, and how it answers."""

    def __init__(self) -> None:
        self.scanned: list[int] = []
        self.limit = 25_000_000
        self.signatures = datetime.now().strftime("%a %b %d %H:%M:%S %Y")  # noqa: DTZ005  # as clamd writes it

    def answer(self, stream: Any) -> bytes:
        """Read one command and give its answer."""
        command = b""
        while not command.endswith(b"\0"):
            command += stream.read(1)
        if command == b"zVERSION\0":
            return f"ClamAV 1.4.3/27512/{self.signatures}".encode()
        assert command == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(stream.read(4), "big"):
            content += stream.read(length)
            if len(content) > self.limit:
                return b"INSTREAM size limit exceeded. ERROR"
        self.scanned.append(len(content))
        return b"stream: Eicar-Test-Signature FOUND" if MARK in content else b"stream: OK"


@contextmanager
def clamd(at: Path | None = None) -> Iterator[tuple[Clamd, Any]]:
    """Run the stand-in at a path, or on a free port of loopback: itself, and where it listens."""
    stand_in = Clamd()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(stand_in.answer(self.rfile) + b"\0")

    kind: Any = socketserver.ThreadingTCPServer if at is None else socketserver.ThreadingUnixStreamServer
    with kind(("127.0.0.1", 0) if at is None else str(at), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield stand_in, server.server_address if at is None else str(at)
        finally:
            server.shutdown()
            thread.join()
