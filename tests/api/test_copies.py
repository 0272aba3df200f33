"""The door for another controller's copies: its own token, in and nothing out, each transmission once."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from luvalla.api.errors import NotAToken
from luvalla.api.scopes import Scope
from luvalla.api.tokens import make_token, revoke_token
from luvalla.ledger.actors import OPERATOR
from luvalla.people.models import User
from luvalla.register.models import Contact
from luvalla.rights.copies.portability import SCHEMA, Portable
from luvalla.rights.models import IncomingCopy
from tests.api.conftest import Call, MakeKey
from tests.support.world import World

LIISA = "liisa.lahtija@esimerkki.fi"
DOCUMENT = json.dumps({
    "$schema": SCHEMA, "signature": "x", **asdict(Portable("Sen Oy", "2026-11-29T12:00:00+00:00", LIISA, "fi")),
}).encode()  # fmt: skip


@pytest.fixture
def key(world: World, make_key: MakeKey) -> str:
    return make_key(Scope.BRING_COPIES, controller="Toinen Energia")[1]


def bring(key: str, number: object = None, document: bytes = DOCUMENT, **headers: str) -> Any:
    given = {"authorization": f"Bearer {key}", "idempotency-key": str(number or uuid.uuid4()), **headers}
    return Client().post("/api/v1/copies", data=document, content_type="application/json", headers=given)


def test_a_copy_is_taken_once_and_waits_under_its_senders_name(key: str) -> None:
    number = uuid.uuid4()
    first, again = bring(key, number), bring(key, number)
    assert (first.status_code, first.json()) == (201, again.json())
    copy = IncomingCopy.objects.get()
    assert first.json() == {"ref": str(copy.ref), "state": "waiting"}
    assert (copy.sender, copy.number) == ("Toinen Energia", number)
    assert not Contact.objects.exists()


def test_its_token_opens_nothing_else(key: str, call: Call) -> None:
    me = call("get", "/me", key=key).json()
    assert (me["belongs_to"], me["scopes"]) == ("controller", ["copies.bring"])
    for path in ("/contacts?purpose=direct_marketing&audience=customers", "/notices", "/campaigns"):
        assert call("get", path, key=key).status_code == 403


def test_nobody_elses_token_brings_copies(call: Call, make_key: MakeKey, world: World) -> None:
    assert bring(make_key()[1]).json()["type"].endswith("no-scope")
    for owner in ({}, {"person": User.objects.get(username="author")}):
        with pytest.raises(NotAToken):
            make_key(Scope.BRING_COPIES, **owner)
    for scopes in ((Scope.READ_CONTACTS,), (Scope.BRING_COPIES, Scope.READ_CONTACTS)):
        with pytest.raises(NotAToken):
            make_key(*scopes, controller="Toinen Energia")
    with pytest.raises(NotAToken):
        make_token(
            name="x", scopes=[Scope.BRING_COPIES], controller="  ", actor=OPERATOR,
            expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip


def test_a_revoked_token_brings_nothing(world: World, make_key: MakeKey) -> None:
    token, key = make_key(Scope.BRING_COPIES, controller="Toinen Energia")
    revoke_token(token=token, actor=OPERATOR)
    assert bring(key).status_code == 401
    assert not IncomingCopy.objects.exists()


@pytest.mark.parametrize(
    ("document", "number", "slug"),
    [
        (b"{}", "", "not-valid"),
        (b"\xff", "", "not-valid"),
        (DOCUMENT, "not a number", "not-valid"),
        (b" " * (1 << 20) + DOCUMENT, "", "too-large"),
    ],
)
def test_what_can_not_be_taken_is_refused_and_not_kept(key: str, document: bytes, number: str, slug: str) -> None:
    answer = bring(key, number, document)
    assert answer.json()["type"].endswith(slug), answer.content
    assert LIISA not in answer.content.decode()
    assert not IncomingCopy.objects.exists()
