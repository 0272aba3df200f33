from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from luvalla.ledger.actors import SYSTEM
from luvalla.people.models import Role, User
from luvalla.register.actions import add_permission
from luvalla.register.models import Audience, Contact, Source
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.people.conftest import MakePerson, controller, make_person

__all__ = ["controller", "make_person"]
Browse = Callable[..., Client]


def add_totp(user: User) -> str:
    """Give a person one-time codes and recovery codes; give the secret back."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


@pytest.fixture
def browse(make_person: MakePerson) -> Browse:
    """Give the browser of a signed-in person with these roles, one-time codes included."""

    def make(*roles: str, name: str = "Aino Salmela", language: str = "en") -> Client:
        person = make_person(name, *(roles or (Role.REGISTER_OWNER.value,)))
        User.objects.filter(pk=person.pk).update(language=language)
        add_totp(person)
        client = Client()
        client.force_login(person)
        return client

    return make


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
    names = {f"name_{language}": "Sign-up form" for language in ("fi", "sv", "en")}
    return Source.objects.create(key="sign_up", default_audience=customers, is_sign_up=True, **names)


@pytest.fixture
def register_address(crm: Source) -> Callable[..., Contact]:
    """Bring an address into the register, by default as a customer from the customer information system."""

    def bring(text: str, kind: PermissionKind = PermissionKind.CUSTOMER, source: Source | None = None) -> Contact:
        permission = add_permission(
            address=normalise(text),
            kind=kind,
            source=source or crm,
            audience=crm.default_audience,
            proof={"wording": "Yes, I want letters.", "language": "en", "notice_version": 1} if source else None,
            purposes=["direct_marketing"] if source else (),
            actor=SYSTEM,
        )
        return permission.contact

    return bring
