from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import models

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.vault import sealer
from luvalla.register.anonymising import anonymise, anonymous_totals
from luvalla.register.models import Audience, Contact, ErasedTotal, PermissionProof, Source, Stop
from luvalla.rules.address import normalise
from tests.register.test_forgetting import confirm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("barrier")]
Bring = Callable[[str], Contact]
MAIJA = normalise("maija@esimerkki.fi")


def test_a_sum_grows_by_ten_so_that_no_two_looks_tell_of_one_person(register_address: Bring) -> None:
    seen = []
    for number in range(23):
        address = normalise(f"joku{number}@esimerkki.fi")
        register_address(address.text)
        anonymise(address=address, channel="desk", actor=SYSTEM)
        seen.append(anonymous_totals().get(("customer", "customers")))
    assert seen == [None] * 9 + [10] * 10 + [20] * 4
    total = ErasedTotal.objects.get()
    assert (total.contacts, total.waiting) == (20, 3), "nobody is lost: the last ones wait"


def test_sums_from_before_that_are_of_few_people_are_not_shown(crm: Source, customers: Audience) -> None:
    other = Audience.objects.create(key="others", name_fi="x", name_sv="x", name_en="x")
    for audience, contacts in ((customers, 9), (other, 12)):
        ErasedTotal.objects.create(kind="customer", audience=audience, contacts=contacts)
    assert set(anonymous_totals().values()) == {None}


def test_what_was_made_anonymous_is_a_sum_and_nothing_leads_back(register_address: Bring, crm: Source) -> None:
    """Given the address and every key, no table but the suppressions has a record of it."""
    register_address(MAIJA.text)
    assert anonymise(address=MAIJA, channel="desk", actor=SYSTEM).finished
    confirm(crm)
    assert not PermissionProof.objects.exists()
    assert (ErasedTotal.objects.get().contacts, ErasedTotal.objects.get().waiting) == (0, 1)
    assert anonymous_totals() == {}

    keys = sealer()
    traces = [MAIJA.text.encode(), keys.exact_token(MAIJA), hashlib.sha256(MAIJA.text.encode()).digest()]
    traces += [each.hex().encode() for each in traces[1:]]
    assert [name for name in _tables() if _shows(name, traces)] == ["register.Suppression"]
    assert Stop.objects.get().answered_at is not None


def _tables() -> list[str]:
    return [each._meta.label for each in apps.get_models() if each.__module__.startswith("luvalla.")]


def _shows(label: str, traces: list[bytes]) -> bool:
    model = apps.get_model(label)
    kinds = models.BinaryField | models.CharField | models.TextField | models.JSONField
    fields = [each.name for each in model._meta.concrete_fields if isinstance(each, kinds)]
    for row in model._default_manager.values_list(*fields):
        stored = b"|".join(bytes(each) if isinstance(each, memoryview | bytes) else repr(each).encode() for each in row)
        if any(trace in stored for trace in traces):
            return True
    return False
