from __future__ import annotations

from collections.abc import Callable

import pytest

from luvalla.ledger.actors import OPERATOR
from luvalla.organisation.models import Controller
from luvalla.people.actions import add_user, record_undertaking
from luvalla.people.models import Employer, Role, User

PASSWORD = "lumi-sataa-hiljaa"  # of an invented person
MakePerson = Callable[..., User]


@pytest.fixture
def controller(db: None) -> Controller:
    """Give an organisation for people to work for."""
    return Controller.objects.create(
        name="Esimerkki Energia Oy", business_id="1234567-1", street="Mallikatu 5", postcode="00001", city="Mallila",
        email="asiakaspalvelu@esimerkki.fi", base_url="http://127.0.0.1:8000", mail_domain="esimerkki.fi",
        sender_name="Esimerkki Energia", sender_address="uutiskirje@esimerkki.fi", dpo_email="tietosuoja@esimerkki.fi",
    )  # fmt: skip


@pytest.fixture
def make_person(controller: Controller) -> MakePerson:
    """Make a person's account; signed=True opens it."""

    def make(name: str = "Aino Salmela", *roles: str, signed: bool = True, employer: Employer | None = None) -> User:
        first, _, last = name.lower().partition(" ")
        user = add_user(
            username=first,
            email=f"{first}.{last}@esimerkki.fi",
            full_name=name,
            roles=roles or (Role.REGISTER_OWNER.value,),
            employer=employer,
            password=PASSWORD,
            actor=OPERATOR,
        )
        if signed:
            record_undertaking(user=user, typed_name=name, language="fi", actor=OPERATOR)
        return user

    return make


@pytest.fixture
def aino(make_person: MakePerson) -> User:
    """Give a register owner whose account stands open."""
    return make_person()
