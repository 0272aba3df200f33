from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import SYSTEM
from luvalla.people.installation import install_roles
from luvalla.register import stop
from luvalla.register.models import Batch, Source
from luvalla.rules.address import normalise
from tests.staff.conftest import browse, controller, crm, customers, make_person, register_address

__all__ = ["browse", "controller", "crm", "customers", "make_person", "register_address"]
BRING, COLUMNS = "/staff/imports/bring/", "/staff/imports/bring/columns/"
HEADER = "sähköposti;sopimus alkoi;etunimi;puhelin\r\n"
Bring = Callable[..., Any]


def table(*addresses: str) -> bytes:
    """Write an export as the customer information system does, with columns nobody needs."""
    rows = [f"{each};1.5.2019;Maija;040 000 0000\r\n" for each in addresses]
    return (HEADER + "".join(rows)).encode()


def people(count: int, start: int = 0) -> list[str]:
    """Invent addresses."""
    return [f"asiakas{number}@esimerkki.fi" for number in range(start, start + count)]


def upload(client: Client, content: bytes, name: str = "asiakkaat.csv", **given: Any) -> Any:
    """Send the form of an upload."""
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    source = Source.objects.get(key="crm").pk
    return client.post(BRING, {"file": file, "source": source, "permission": "customer", **given})


def compare(client: Client, **columns: str) -> Any:
    """Say that the columns are right, or which they are."""
    return client.post(COLUMNS, {"address": "1", "since": "2", "compare": "1", **columns})


def bring(client: Client, content: bytes, **given: Any) -> Batch:
    """Bring an export as far as its difference."""
    upload(client, content, **given)
    answer = compare(client)
    batch = Batch.objects.get(pk=int(answer.url.rstrip("/").rpartition("/")[2]))
    run_due()
    batch.refresh_from_db()
    return batch


@pytest.fixture(autouse=True)
def roles(transactional_db: None) -> None:
    """Make the roles as migrations leave them: emptying the database takes Wagtail's own permission away."""
    admin = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")[0]
    Permission.objects.get_or_create(content_type=admin, codename="access_admin", defaults={"name": "Access"})
    install_roles(app_config=apps.get_app_config("wagtailadmin"))


@pytest.fixture
def stopped(crm: Source, register_address: Callable[..., Any]) -> str:
    """Give an address whose letters were stopped."""
    address = "lopettanut@esimerkki.fi"
    register_address(address)
    stop.withdraw(address=normalise(address), channel="phone", actor=SYSTEM)
    return address
