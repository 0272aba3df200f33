"""How fast letters leave: the compiler's fill and the SMTP client, without database, gate and sealing.

    python bench/sending_loop.py --receiver-source smtpsink.c --pairs 3
    python bench/sending_loop.py --receiver-source smtpsink.c --connections 20 --reply-delay 20 --letters 50000

Prints letters a second for this program and, in turn with it and into the same receiver, for smtp-source of Debian's
postfix package (C, connections kept, nothing personal), and the ratio of the medians. A receiver takes -p PORT and
-r REPLY_DELAY_MS; -P and -B switch PIPELINING and CHUNKING off. Without one, the product's own receiver is used in a
process of its own; it is slower than the sender, and says so.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from luvalla.sending.dkim import DkimKey
from luvalla.sending.frozen import CompiledLetter
from luvalla.sending.item import Item
from luvalla.sending.letter import STOP_MARK, Hole, LetterSource, compile_letter
from luvalla.sending.outcome import Kind, Outcome
from luvalla.sending.pool import Pool
from luvalla.sending.relay import Relay, Security
from luvalla.sending.signed_letter import SignedLetter
from luvalla.sending.testing import Receiver, Switches

LETTER_BYTES = 11_000
PEER_SESSIONS = 20


def make_letter() -> CompiledLetter:
    """Compile a letter of about 11 kB."""
    stop = f"https://esimerkki.fi/s/{STOP_MARK}"
    line = "<p>Sähkön hinta laskee ensi vuonna, ja kerromme nyt, mitä se merkitsee sinulle.</p>\n"
    source = LetterSource(
        from_name="Esimerkin Energia",
        from_address="uutiskirje@esimerkki.fi",
        subject="Sähkön hinta laskee",
        language="fi",
        html=line * 85 + f'<a href="{stop}">Peru uutiskirje</a>',
        text="Sähkön hinta laskee.\n" * 20 + f"Peru: {stop}\n",
        list_id="uutiskirje.esimerkki.fi",
        stop_url_prefix="https://esimerkki.fi/s/",
        stop_mail_domain="esimerkki.fi",
        message_id_domain="esimerkki.fi",
        date=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    )
    return compile_letter(source)


def signer_of(letter: CompiledLetter, algorithm: str) -> CompiledLetter | SignedLetter:
    """Give the letter, signed if asked."""
    if algorithm == "none":
        return letter
    private = rsa.generate_private_key(65537, 2048) if algorithm == "rsa" else ed25519.Ed25519PrivateKey.generate()
    return SignedLetter(letter, [DkimKey("esimerkki.fi", "bench", private)], signed_at=1_795_000_000)


def window_of(letter: CompiledLetter | SignedLetter, numbers: range) -> list[Item]:
    """Fill the letters of one window."""
    return [
        Item(
            number,
            b"bounce+%x@esimerkki.fi" % number,
            b"asiakas%d@example%d.com" % (number, number % 977),
            letter.fill(
                {
                    Hole.TO: b"asiakas%d@example%d.com" % (number, number % 977),
                    Hole.MESSAGE_ID: b"%x.kirje" % number,
                    Hole.STOP_TOKEN: b"%056x" % number,
                },
            ),
        )
        for number in numbers
    ]


async def send_all(relay: Relay, letters: int, window: int, algorithm: str) -> tuple[int, float, float]:
    """Send; give how many were accepted, the seconds and the CPU seconds."""
    letter, accepted, kept = signer_of(make_letter(), algorithm), 0, Kind.ACCEPTED

    def note(_index: int, outcome: Outcome) -> None:
        nonlocal accepted
        accepted += outcome.kind is kept

    def may_start() -> bool:
        return time.monotonic() < deadline

    pool = Pool(relay)
    fault = await pool.open()
    if fault is not None:
        sys.exit(f"The receiver does not let us in: {fault.reason}")
    deadline = time.monotonic() + 3600
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(0, letters, window):
        items = window_of(letter, range(start, min(letters, start + window)))
        await pool.send_window(items, may_start=may_start, on_outcome=note)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    await pool.close()
    return accepted, seconds, cpu


def ours(relay: Relay, options: argparse.Namespace) -> float:
    """Measure this program once."""
    accepted, seconds, cpu = asyncio.run(send_all(relay, options.letters, options.window, options.dkim))
    if accepted != options.letters:
        sys.exit(f"Only {accepted} of {options.letters} letters were accepted")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"  luvalla      {accepted / seconds:9,.0f}/s   {cpu / accepted * 1e6:5.1f} µs CPU a letter   {memory} MB",
        flush=True,
    )
    return accepted / seconds


def peer_of(path: str) -> str | None:
    """Find smtp-source."""
    return path or shutil.which("smtp-source", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def theirs(program: str, relay: Relay, letters: int) -> float:
    """Measure smtp-source once."""
    command = [program, "-d", "-s", str(PEER_SESSIONS), "-m", str(letters), "-l", str(LETTER_BYTES)]
    began = time.perf_counter()
    command += ["-f", "a@example.com", "-t", "b@example.com", f"{relay.host}:{relay.port}"]
    subprocess.run(command, check=True)
    rate = letters / (time.perf_counter() - began)
    print(f"  smtp-source  {rate:9,.0f}/s", flush=True)
    return rate


def free_port() -> int:
    """Find a port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def receiver_program(options: argparse.Namespace) -> Iterator[Relay]:
    """Run the receiver that was named."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        program = options.receiver or f"{folder}/receiver"
        if not options.receiver:
            subprocess.run(["gcc", "-O2", "-w", "-o", program, options.receiver_source], check=True)  # noqa: S607  # the compiler, wherever it is
        switches = ["-P"] * options.no_pipelining + ["-B"] * options.no_chunking
        command = [program, "-p", str(port), "-r", str(options.reply_delay), *switches]
        running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield Relay("127.0.0.1", port, Security.PLAIN, connections=options.connections)
        finally:
            running.terminate()
            running.wait()


@contextmanager
def own_receiver(options: argparse.Namespace) -> Iterator[Relay]:
    """Run the product's receiver in its own process."""
    print("No receiver named: the product's own is used, which is slower than the sender.")
    port = free_port()
    switches = Switches(
        pipelining=not options.no_pipelining,
        chunking=not options.no_chunking,
        delay=options.reply_delay / 1000,
    )
    running = multiprocessing.get_context("fork").Process(target=receive, args=(port, switches), daemon=True)
    running.start()
    try:
        wait_for(port)
        yield Relay("127.0.0.1", port, Security.PLAIN, connections=options.connections)
    finally:
        running.terminate()
        running.join()


def receive(port: int, switches: Switches) -> None:
    """Receive until terminated."""
    with Receiver(switches, port=port, on_message=lambda _message: None):
        time.sleep(86_400)


def wait_for(port: int) -> None:
    """Wait until someone listens."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit("The receiver did not start")


def read_options() -> argparse.Namespace:
    """Read the command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--letters", type=int, default=100_000)
    options.add_argument("--window", type=int, default=500, help="letters handed to the pool at once")
    options.add_argument("--connections", type=int, default=2)
    options.add_argument("--pairs", type=int, default=3, help="runs of each, in turn")
    options.add_argument("--dkim", choices=["none", "rsa", "ed25519"], default="none")
    options.add_argument("--reply-delay", type=int, default=0, help="milliseconds before the receiver answers")
    options.add_argument("--no-pipelining", action="store_true")
    options.add_argument("--no-chunking", action="store_true")
    options.add_argument("--receiver", default="", help="a program that receives")
    options.add_argument("--receiver-source", default="", help="its source in C, compiled with gcc -O2")
    options.add_argument("--peer", default="", help="smtp-source, where it isn't on the path")
    return options.parse_args()


def measure(options: argparse.Namespace, relay: Relay) -> None:
    """Run the pairs and print the ratio."""
    peer = peer_of(options.peer)
    rates: list[float] = []
    peer_rates: list[float] = []
    size = len(window_of(make_letter(), range(1))[0].pieces)
    for number in range(1, options.pairs + 1):
        print(f"pair {number}: {options.letters:,} letters of {size:,} bytes")
        rates.append(ours(relay, options))
        if peer is not None:
            peer_rates.append(theirs(peer, relay, options.letters))
    print(f"median: luvalla {statistics.median(rates):,.0f}/s", end="")
    if peer_rates:
        ratio = statistics.median(rates) / statistics.median(peer_rates)
        print(f", smtp-source -s {PEER_SESSIONS} {statistics.median(peer_rates):,.0f}/s, ratio {ratio:.2f}")
    else:
        print("; smtp-source is not installed (Debian: postfix), so there is no ratio")


if __name__ == "__main__":
    chosen = read_options()
    named = chosen.receiver or chosen.receiver_source
    with receiver_program(chosen) if named else own_receiver(chosen) as receiving:
        measure(chosen, receiving)
