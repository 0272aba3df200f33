"""The demo has an account for each role, and something on the rights desk to try them with."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate

from luvalla.cli.demo.desk import STAFF, fill_desk, hire_staff
from luvalla.ledger.actors import SYSTEM
from luvalla.paper.models import PaperItem, Place
from luvalla.people.models import Role, User
from luvalla.people.queries import roles_of, why_closed
from luvalla.register.actions import add_permission
from luvalla.rights.models import DataRequest
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.support.world import make_world

pytestmark = pytest.mark.django_db


def test_every_role_has_an_account_whose_password_opens_it() -> None:
    make_world()
    passwords = hire_staff()
    assert passwords.keys() == STAFF.keys()
    held = {role for user in User.objects.all() for role in roles_of(user)}
    assert held == set(Role)
    for name, password in passwords.items():
        user = authenticate(username=name, password=password)
        assert isinstance(user, User)
        assert why_closed(user) is None


def test_a_request_and_a_letter_on_paper_wait_on_the_desk() -> None:
    world = make_world()
    hire_staff()
    add_permission(
        address=normalise("joku@esimerkki.fi"), kind=PermissionKind.CUSTOMER, source=world.crm,
        audience=world.customers, actor=SYSTEM,
    )  # fmt: skip
    fill_desk("joku@esimerkki.fi")
    request = DataRequest.objects.get()
    assert (request.state, request.identity, request.rights) == ("received", 1, "access")
    assert PaperItem.objects.get().holder == User.objects.get(username="custodian")
    assert Place.objects.get().is_locked
