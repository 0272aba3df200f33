from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from luvalla.ledger.actors import SYSTEM
from luvalla.register import stop
from luvalla.register.actions import add_permission
from luvalla.register.models import Audience, Contact, Source
from luvalla.rules.address import normalise
from luvalla.rules.ports import Barrier, Registry
from luvalla.rules.purposes import PermissionKind


class PatientBarrier:
    """A barrier that notes whom it was asked about and answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []
        self.answer = True
        self.meanwhile: Callable[[], object] = lambda: None

    def wait(self, contact_ids: tuple[int, ...], *, at_most: timedelta) -> bool:
        """Note who was asked about."""
        del at_most
        self.asked.append(contact_ids)
        self.meanwhile()
        return self.answer


@pytest.fixture
def barrier(monkeypatch: pytest.MonkeyPatch) -> PatientBarrier:
    """Stand in for the mailroom."""
    registry: Registry[Barrier] = Registry("barrier")
    monkeypatch.setattr(stop, "barriers", registry)
    return registry.register("test", PatientBarrier())


@pytest.fixture
def customers(db: None) -> Audience:
    names = {f"name_{language}": "Customers" for language in ("fi", "sv", "en")}
    return Audience.objects.create(key="customers", **names)


@pytest.fixture
def crm(customers: Audience) -> Source:
    names = {f"name_{language}": "Customer information system" for language in ("fi", "sv", "en")}
    return Source.objects.create(key="crm", evidence="Contracts are kept there.", default_audience=customers, **names)


@pytest.fixture
def sign_up(customers: Audience) -> Source:
    names = {f"name_{language}": "Sign-up" for language in ("fi", "sv", "en")}
    return Source.objects.create(key="sign_up", is_sign_up=True, default_audience=customers, **names)


@pytest.fixture
def register_address(crm: Source) -> Callable[[str], Contact]:
    """Bring an address into the register as a customer's."""

    def bring(text: str) -> Contact:
        return add_permission(
            address=normalise(text),
            kind=PermissionKind.CUSTOMER,
            source=crm,
            audience=crm.default_audience,
            actor=SYSTEM,
        ).contact

    return bring
