"""Measures the desk of contacts over a large register: listing, filters, pages, and search by address or domain.

    PYTHONPATH=src python bench/listing.py [--contacts 2000000] [--rounds 40]

Builds a register of invented contacts in a home of its own, then asks for pages through Django's test client as a
signed-in person does, and prints the median and the 95th percentile of each kind of request in milliseconds. With
LUVALLA_DATABASE_URL on PostgreSQL the database must be empty; it is left as it is afterwards.
"""

# ruff: noqa: E402  # Django reads its settings while it is imported, so the home comes first
# ruff: noqa: S311  # what is asked for is chosen at random, nothing is kept secret

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    os.environ |= {"LUVALLA_HOME": tempfile.mkdtemp(prefix="luvalla-bench-"), "LUVALLA_SECOND_FACTOR": "optional"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "luvalla.config.settings"

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from luvalla.cli.installation import install, read_document
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.keys import Keyring, write_keyring
from luvalla.ledger.vault import sealer
from luvalla.people.actions import add_user, record_undertaking
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.models import Audience, Batch, Source
from luvalla.rules.address import Address

EXAMPLE: Final = Path(__file__).resolve().parents[1] / "examples" / "organisation.toml"
LARGE_DOMAINS: Final = tuple(f"posti{number}.example" for number in range(20))
SMALL_DOMAINS: Final = 50_000
RARE: Final = 20_000
"""One contact in so many has a permission of the rarest kind."""
TOGETHER: Final = 5_000
CONTACT: Final = ("id", "ref", "token", "folded", "domain", "sealed", "created_at")
PERMISSION: Final = ("contact_id", "kind", "source_id", "audience_id", "purposes", "since", "batch_id", "created_at")
random.seed(20)


def main() -> None:
    """Build, measure, print."""
    given = _arguments()
    try:
        client = prepare(settings.LUVALLA_HOME)
        began = time.perf_counter()
        build(given.contacts)
        say(f"built {given.contacts} contacts on {connection.vendor} in {time.perf_counter() - began:.0f} s")
        measure(client, given.contacts, given.rounds)
    finally:
        shutil.rmtree(settings.LUVALLA_HOME, ignore_errors=True)


def prepare(home: Path) -> Client:
    """Make the database, the example organisation and a person who may see contacts; give their browser."""
    write_keyring(Keyring.fresh(), home)
    (home / "static").mkdir()
    call_command("migrate", verbosity=0, skip_checks=True)
    install(read_document(EXAMPLE))
    name, mailbox = "Olli Omistaja", "olli.omistaja@esimerkkienergia.example"
    person = add_user(username="omistaja", email=mailbox, full_name=name, roles=["register_owner"], actor=OPERATOR)
    record_undertaking(user=person, typed_name=name, language="fi", actor=OPERATOR)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person)
    return client


def address_of(number: int) -> Address:
    """Invent the address of a contact: two of three at a large provider."""
    domain = LARGE_DOMAINS[number % 20] if number % 3 else f"yritys{number % SMALL_DOMAINS}.example"
    return Address(f"henkilo.{number}", domain)


def build(contacts: int) -> None:
    """Fill the register as an import would have: sealed addresses, one permission each, some with two."""
    source, audience = Source.objects.get(key="crm"), Audience.objects.get(key="customers")
    batch = Batch.objects.create(source=source, audience=audience, permission="customer", state="settled")
    audiences = list(Audience.objects.order_by("pk").values_list("pk", flat=True))
    sign_up = Source.objects.filter(is_sign_up=True).values_list("pk", flat=True).first() or source.pk
    for first in range(1, contacts + 1, TOGETHER):
        numbers = range(first, min(first + TOGETHER, contacts + 1))
        vaults = [_contact(number) for number in numbers]
        given = (_permissions(number, source.pk, sign_up, audiences, batch.pk) for number in numbers)
        _insert("register_contact", CONTACT, vaults)
        _insert("register_permission", PERMISSION, [row for rows in given for row in rows])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _contact(number: int) -> tuple[Any, ...]:

    address, keys = address_of(number), sealer()
    token = keys.exact_token(address)
    sealed = keys.seal(address.text.encode(), column=CONTACT_ADDRESS, token=token)
    ref = f"{random.getrandbits(128):032x}"
    return number, ref, token, keys.folded_token(address), keys.domain_token(address.domain), sealed, timezone.now()


def _permissions(number: int, crm: int, sign_up: int, audiences: list[int], batch: int) -> Iterator[tuple[Any, ...]]:
    since, now = date(2020, 1, 1) + timedelta(days=number % 2000), timezone.now()
    kind = "service_message" if number % RARE == 0 else "legal_entity" if number % 40 == 0 else "customer"
    yield number, kind, crm, audiences[0 if number % 5 else -1], "", since, batch, now
    if number % 12 == 0:
        yield number, "consent", sign_up, audiences[number % len(audiences)], "direct_marketing", since, None, now


def _insert(table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join(["%s"] * len(columns))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608  # our names


def requests(client: Client, contacts: int) -> dict[str, Callable[[], Any]]:
    """Give each kind of request; each call asks for something else."""
    audiences = list(Audience.objects.values_list("pk", flat=True))
    sources = list(Source.objects.values_list("pk", flat=True))
    page = "/staff/contacts/"

    def get(**query: Any) -> Any:
        return client.get(page, query)

    def any_number() -> int:
        return random.randint(1, contacts)

    def domain_token(domain: str) -> str:
        return sealer().domain_token(domain).hex()

    return {
        "first page": get,
        "a later page": lambda: get(p=random.randint(2, 40)),
        "kind: customer": lambda: get(kind="customer", p=random.randint(1, 40)),
        "kind: consent": lambda: get(kind="consent", p=random.randint(1, 40)),
        "kind: the rarest": lambda: get(kind="service_message"),
        "audience": lambda: get(audience=random.choice(audiences), p=random.randint(1, 40)),
        "source": lambda: get(source=random.choice(sources), p=random.randint(1, 40)),
        "audience and kind": lambda: get(audience=random.choice(audiences), kind="consent"),
        "source and rarest kind": lambda: get(source=random.choice(sources), kind="service_message"),
        "large domain": lambda: get(domain=domain_token(random.choice(LARGE_DOMAINS))),
        "small domain": lambda: get(domain=domain_token(f"yritys{random.randrange(SMALL_DOMAINS)}.example")),
        "search by address": lambda: client.post(page, {"sought": address_of(any_number()).text}),
        "search, not there": lambda: client.post(page, {"sought": f"kukaan.{any_number()}@posti1.example"}),
        "search by domain": lambda: client.post(page, {"sought": random.choice(LARGE_DOMAINS)}),
        "a contact": lambda: client.get(f"{page}{any_number()}/"),
    }


def measure(client: Client, contacts: int, rounds: int) -> None:
    """Ask for everything in turn, in rounds, and print what it took."""
    asked = requests(client, contacts)
    for ask in asked.values():
        ask()
    took: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, ask in asked.items():
            began = time.perf_counter()
            answer = ask()
            took[name].append(1000 * (time.perf_counter() - began))
            if answer.status_code not in {200, 302}:
                sys.exit(f"{name}: answered {answer.status_code}")
    say(f"{'request':24} {'median':>8} {'95 %':>8}  ms")
    for name, times in took.items():
        say(f"{name:24} {statistics.median(times):8.1f} {_percentile(times):8.1f}")
    every = [each for times in took.values() for each in times]
    say(f"{'all':24} {statistics.median(every):8.1f} {_percentile(every):8.1f}")


def _percentile(times: list[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[94]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    return parser.parse_args()


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
