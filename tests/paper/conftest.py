from __future__ import annotations

from collections.abc import Callable

import pytest

from luvalla.ledger.actors import Actor
from luvalla.paper.actions import add_place, enter_item
from luvalla.paper.models import PaperItem, Place
from luvalla.people.models import Role, User
from luvalla.people.queries import actor_of
from tests.people.conftest import MakePerson, controller, make_person

__all__ = ["controller", "make_person"]
EnterItem = Callable[..., PaperItem]


@pytest.fixture
def custodian(make_person: MakePerson) -> User:
    return make_person("Liisa Aalto", Role.CUSTODIAN.value)


@pytest.fixture
def witness(make_person: MakePerson) -> User:
    return make_person("Onni Kallio", Role.CUSTODIAN.value)


@pytest.fixture
def liisa(custodian: User) -> Actor:
    """Give the custodian as the ledger names her."""
    return actor_of(custodian)


@pytest.fixture
def cabinet(liisa: Actor) -> Place:
    return add_place(site="Toimisto", room="Arkisto", cabinet="B2", is_locked=True, actor=liisa)


@pytest.fixture
def shelf(liisa: Actor) -> Place:
    return add_place(site="Toimisto", room="Aula", cabinet="", is_locked=False, actor=liisa)


@pytest.fixture
def enter(liisa: Actor) -> EnterItem:
    """Enter a letter that came by post."""

    def one(description: str = "Kirje Kuusitieltä", folded: bytes = b"") -> PaperItem:
        return enter_item(
            kind=PaperItem.Kind.CASE,
            origin=PaperItem.Origin.RECEIVED,
            description=description,
            folded=folded,
            actor=liisa,
        )

    return one
