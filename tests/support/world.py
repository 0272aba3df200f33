"""The example organisation in the test database: everything an import and a send need, and two accounts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from luvalla.cli.installation import install, read_document
from luvalla.organisation.models import Controller, Purpose
from luvalla.people.models import User
from luvalla.register.models import Audience, Source

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "organisation.toml"


@dataclass(frozen=True, slots=True)
class World:
    """What the example organisation has."""

    controller: Controller
    customers: Audience
    prospects: Audience
    crm: Source
    sign_up: Source
    marketing: Purpose
    information: Purpose
    research: Purpose
    author: User
    approver: User


def make_world() -> World:
    """Record the example organisation as `luvalla init examples/organisation.toml` does."""
    install(read_document(EXAMPLE))
    return known_world()


def known_world() -> World:
    """Give the example organisation once it is recorded."""
    return World(
        controller=Controller.objects.get(),
        customers=Audience.objects.get(key="customers"),
        prospects=Audience.objects.get(key="prospects"),
        crm=Source.objects.get(key="crm"),
        sign_up=Source.objects.get(key="sign_up"),
        marketing=Purpose.objects.get(key="direct_marketing"),
        information=Purpose.objects.get(key="customer_information"),
        research=Purpose.objects.get(key="opinion_research"),
        author=User.objects.get(username="author"),
        approver=User.objects.get(username="approver"),
    )
