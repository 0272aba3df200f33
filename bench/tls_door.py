"""TLS before a receiver that speaks none: tls_door.c, compiled and run with a certificate made for it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from sending_loop import free_port, wait_for

from luvalla.sending.testing.certificate import make_certificate

SOURCE: Final = Path(__file__).with_name("tls_door.c")


class Secured(NamedTuple):
    """Where TLS is spoken, and the certificate to trust there."""

    port: int
    certificate: Path


@contextmanager
def tls_door(receiver_port: int, folder: Path) -> Iterator[Secured]:
    """Open the door before a receiver on this machine."""
    program, pair, trusted, port = folder / "tls_door", folder / "door.pem", folder / "door.crt", free_port()
    made = make_certificate()
    pair.write_bytes(made.pem.encode() + made.key_pem)
    trusted.write_text(made.pem)
    subprocess.run(["cc", "-O2", "-o", program, SOURCE, "-lssl", "-lcrypto"], check=True)  # noqa: S607  # the compiler, wherever it is
    running = subprocess.Popen([program, str(port), str(receiver_port), pair])
    try:
        wait_for(port)
        yield Secured(port, trusted)
    finally:
        running.terminate()
        running.wait()
