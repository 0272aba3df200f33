"""How fast a whole campaign leaves: gate, sealed addresses, claims and durable outcomes included.

    PYTHONPATH=src python bench/send.py --receiver-source smtpsink.c [--contacts 100000] [--workers 1 2] [--pairs 3]
    PYTHONPATH=src python bench/send.py --receiver-source smtpsink.c --kinds plain tls rsa ed25519 tls+rsa
    PYTHONPATH=src python bench/send.py --receiver-source smtpsink.c --connections 20 --reply-delay 20
    LUVALLA_DATABASE_URL=postgresql://user@host/empty PYTHONPATH=src python bench/send.py --receiver-source smtpsink.c

Builds a register of invented customers in a home of its own, then sends campaigns to all of them with real worker
processes, in turn with smtp-source of Debian's postfix package into the same receiver, and prints letters a second
from the first claim to the last outcome, CPU seconds without the processes' start, the largest worker's memory, and
in the end the table of the medians with their ratio. Kinds: plain; tls, through a door of its own before the receiver
(tls_door.c), past which smtp-source goes, since it speaks none; rsa (2048 bits) and ed25519: letters signed with DKIM.
With LUVALLA_DATABASE_URL on PostgreSQL the database must be empty; it is left as it is afterwards.
"""

# ruff: noqa: E402  # Django reads its settings while it is imported, so the home comes first

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final, NamedTuple

HOME: Final = tempfile.mkdtemp(prefix="luvalla-bench-")
os.environ |= {"LUVALLA_HOME": HOME, "DJANGO_SETTINGS_MODULE": "luvalla.config.settings"}

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone
from sending_loop import make_letter, own_receiver, peer_of, receiver_program, theirs
from tls_door import Secured, tls_door
from wagtail.models import Locale

from luvalla.campaigns.models import Campaign, Letter, Lifecycle
from luvalla.cli.installation import install, read_document
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.keys import Keyring, write_keyring
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import Delivery
from luvalla.mailroom.preflight import usable_relays
from luvalla.mailroom.queries import Progress
from luvalla.mailroom.sender import Worker, send_campaign, work_for
from luvalla.mailroom.signing import make_key
from luvalla.organisation.models import Purpose
from luvalla.organisation.queries import the_controller
from luvalla.people.models import User
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.models import Audience, Contact, Permission, Prohibition, Source
from luvalla.rules.address import Address
from luvalla.rules.purposes import Prohibited
from luvalla.sending.relay import Relay

EXAMPLE: Final = Path(__file__).resolve().parents[1] / "examples" / "organisation.toml"
TOGETHER: Final = 5_000
EVERY_SO_MANY_FORBIDS: Final = 50
KINDS: Final = ("plain", "tls", "rsa", "ed25519", "tls+rsa")


def build(contacts: int) -> None:
    """Make the installation and its customers; every fiftieth has forbidden direct marketing."""
    write_keyring(Keyring.fresh(), Path(HOME))
    call_command("migrate", verbosity=0, interactive=False)
    install(read_document(EXAMPLE))
    audience, source = Audience.objects.get(key="customers"), Source.objects.get(key="crm")
    began = time.perf_counter()
    for start in range(0, contacts, TOGETHER):
        with transaction.atomic():
            made = Contact.objects.bulk_create(invented(range(start, min(contacts, start + TOGETHER))))
            Permission.objects.bulk_create(
                Permission(contact=each, kind="customer", source=source, audience=audience) for each in made
            )
            Prohibition.objects.bulk_create(
                Prohibition(folded=each.folded, kinds=int(Prohibited.DIRECT_MARKETING))
                for each in made[::EVERY_SO_MANY_FORBIDS]
            )
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    print(f"{contacts:,} contacts on {connection.vendor} in {time.perf_counter() - began:.0f} s", flush=True)


def invented(numbers: range) -> Iterator[Contact]:
    """Invent sealed contacts."""
    keys = sealer()
    for number in numbers:
        address = Address(f"asiakas{number}", f"example{number % 977}.com")
        token = keys.exact_token(address)
        yield Contact(
            token=token,
            folded=keys.folded_token(address),
            domain=keys.domain_token(address.domain),
            sealed=keys.seal(address.text.encode(), column=CONTACT_ADDRESS, token=token),
        )


def approved_campaign() -> Campaign:
    """Make a campaign to all customers with a letter of about 11 kB."""
    letter = make_letter()
    campaign = Campaign.objects.create(
        subject="Sähkön hinta laskee",
        purpose=Purpose.objects.get(key="direct_marketing"),
        audience=Audience.objects.get(key="customers"),
        author=User.objects.get(username="author"),
        locale=Locale.objects.get(language_code="fi"),
    )
    Lifecycle.objects.create(campaign=campaign, state=Lifecycle.State.APPROVED, approved_at=timezone.now())
    Letter.objects.create(campaign=campaign, language="fi", compiled=letter.to_bytes(), digest=letter.digest)
    return campaign


class Memory:
    """The largest resident size of any worker, looked at while they run."""

    def __init__(self) -> None:
        """Have seen nothing."""
        self.most = 0

    def look(self, _: Progress) -> None:
        """Look at the children of this process."""
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            except (OSError, ValueError):
                continue
            if lines.get("PPid", "").strip() == str(os.getpid()) and "VmHWM" in lines:
                self.most = max(self.most, int(lines["VmHWM"].split()[0]) // 1024)


class Run(NamedTuple):
    """One campaign: letters a second, CPU seconds for 100,000 without the start of the processes, megabytes."""

    a_second: float
    cpu: float
    memory: int


class Row(NamedTuple):
    """What was measured of one kind with so many workers, and of the peer in turn with it."""

    kind: str
    workers: int
    runs: list[Run]
    peer: list[float]

    def __str__(self) -> str:
        """Write the medians as a line of the table."""
        rate, cpu, memory = (statistics.median(each) for each in zip(*self.runs, strict=True))
        peer = statistics.median(self.peer) if self.peer else 0.0
        ratio = f"{rate / peer:.2f}" if peer else "-"
        return f"| {self.kind} | {self.workers} | {rate:,.0f} | {peer:,.0f} | {ratio} | {cpu:.2f} | {memory:.0f} |"


def ours(kind: str, workers: int, *, start: float) -> Run:
    """Send one campaign; start: CPU seconds of a worker that finds nothing to do."""
    campaign, memory = approved_campaign(), Memory()
    before = children_cpu()
    result = send_campaign(campaign.pk, workers=workers, on_progress=memory.look, actor=OPERATOR)
    cpu = children_cpu() - before - workers * start
    if result.accepted != result.permitted:
        sys.exit(f"Only {result.accepted} of {result.permitted} letters were accepted")
    span = Delivery.objects.filter(campaign=campaign).aggregate(first=Min("claimed_at"), last=Max("finished_at"))
    seconds = (span["last"] - span["first"]).total_seconds()
    run = Run(result.accepted / seconds, cpu * 100_000 / result.accepted, memory.most)
    print(
        f"  luvalla      {run.a_second:9,.0f}/s   {kind}, {workers} workers, {result.accepted:,} letters, "
        f"{run.cpu:.2f} CPU s for 100,000, {run.memory} MB",
        flush=True,
    )
    return run


def children_cpu() -> float:
    """Give the CPU seconds of the processes that this one began and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cost_of_start() -> float:
    """Measure the CPU seconds of a worker that is told of a campaign that doesn't exist: the median of three."""
    told, spent = work_for(usable_relays(), campaign=2**31 - 1, workers=1), []
    for _ in range(3):
        before = children_cpu()
        Worker(told).wait()
        spent.append(children_cpu() - before)
    return statistics.median(spent)


def set_kind(kind: str, relay: Relay, secured: Secured, options: argparse.Namespace) -> None:
    """Have the next campaigns leave by TLS or without, signed or not."""
    ways = set(kind.split("+")) - {"plain"}
    asked = f"connections={options.connections}"
    settings.LUVALLA_SMTP_URL = (
        f"smtps://localhost:{secured.port}?{asked}&ca_file={secured.certificate}"
        if "tls" in ways
        else f"smtp://{relay.host}:{relay.port}?{asked}"
    )
    settings.LUVALLA_DKIM = Path(HOME) / f"dkim-{kind}"
    domain = the_controller().sender_address.rpartition("@")[2]
    for each in ways - {"tls"}:
        make_key(settings.LUVALLA_DKIM, domain=domain, selector=each, is_ed25519=each == "ed25519")


def way_in(relay: Relay, kinds: Sequence[str]) -> AbstractContextManager[Secured]:
    """Open a door with TLS where a kind needs one."""
    needed = any("tls" in each for each in kinds)
    return tls_door(relay.port, Path(HOME)) if needed else nullcontext(Secured(0, Path()))


def measure(relay: Relay, secured: Secured, options: argparse.Namespace) -> Iterator[Row]:
    """Measure every kind with every number of workers, in turn with the peer."""
    program = peer_of(options.smtp_source)
    for kind in options.kinds:
        set_kind(kind, relay, secured, options)
        start = cost_of_start()
        for workers in options.workers:
            row = Row(kind, workers, [], [])
            for _ in range(options.pairs):
                row.runs.append(ours(kind, workers, start=start))
                if program:
                    row.peer.append(theirs(program, relay, options.peer_letters or options.contacts))
            yield row


def main() -> None:
    """Measure in turns and print the table."""
    options = read_options()
    build(options.contacts)
    receiver = receiver_program if options.receiver or options.receiver_source else own_receiver
    with receiver(options) as relay, way_in(relay, options.kinds) as secured:
        rows = list(measure(relay, secured, options))
    print(f"\n{options.contacts:,} contacts, {connection.vendor}, medians of {options.pairs}\n")
    print("| kind | workers | luvalla/s | smtp-source/s | ratio | CPU s for 100,000 | MB a process |")
    print("|---|---|---|---|---|---|---|", *rows, sep="\n")
    if not peer_of(options.smtp_source):
        print("smtp-source isn't installed (Debian's package postfix), so there is no ratio")
    shutil.rmtree(HOME, ignore_errors=True)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="worker processes, one after the other")
    parser.add_argument("--kinds", nargs="+", default=["plain"], choices=KINDS)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--reply-delay", type=int, default=0, help="milliseconds the receiver waits with each answer")
    parser.add_argument("--receiver", default="", help="program that receives: -p PORT -r DELAY")
    parser.add_argument("--receiver-source", default="", help="its source in C, compiled here")
    parser.add_argument("--smtp-source", default="")
    parser.add_argument("--peer-letters", type=int, default=0, help="of smtp-source; as many as ours if not given")
    parser.set_defaults(no_pipelining=False, no_chunking=False)
    return parser.parse_args()


if __name__ == "__main__":
    main()
