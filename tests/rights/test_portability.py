"""What is taken along fits the published schema, and a second instance reads the same out of it."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.keys import Keyring
from luvalla.ledger.vault import keyring
from luvalla.register.models import Contact, PendingSignUp, Permission
from luvalla.register.sign_up import confirm
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.actions.taking_in import take_in
from luvalla.rights.collecting import found_in, withhold
from luvalla.rights.copies import portability
from luvalla.rights.copies.portability import (
    NotPortable,
    Portable,
    as_csv,
    as_json,
    is_ours,
    portable_of,
    read_portable,
    schema,
)
from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right
from tests.support.requests import MAIJA, Desk, ask, mails, work

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=20)
PERMISSIONS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["consent", "customer"]),
        "source": WORDS,
        "audience": WORDS,
        "purposes": st.lists(WORDS, max_size=3),
        "since": st.one_of(st.none(), st.dates().map(str)),
    }
)


@pytest.fixture
def document(desk: Desk, maija: Contact) -> bytes:
    request = ask(Right.PORTABILITY)
    triage(request=request, rights=[Right.PORTABILITY], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    return as_json(portable_of(DataRequest.objects.get()))


def test_the_document_fits_the_published_schema_and_is_signed(document: bytes) -> None:
    jsonschema_rs.validate(schema(), json.loads(document))
    assert is_ours(document)
    assert not is_ours(document.replace(b"customer", b"consent"))


def test_a_document_signed_before_a_new_ledger_key_is_still_ours(
    document: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = keyring().with_new_ledger_key()
    monkeypatch.setattr(portability, "keyring", lambda: newer)
    assert is_ours(document)
    foreign = Keyring.fresh()
    monkeypatch.setattr(portability, "keyring", lambda: foreign)
    assert not is_ours(document)


def test_another_instance_reads_it_and_waits_for_the_persons_own_yes(document: bytes, desk: Desk) -> None:
    read = read_portable(document)
    assert (read.address, read.permissions[0]["kind"]) == (MAIJA, "customer")
    before = Permission.objects.count()
    pending = take_in(document=document, actor=desk.handler)
    assert PendingSignUp.objects.get() == pending
    assert Permission.objects.count() == before
    mail = mails("rights_taken_in")[0]
    assert "Esimerkki Energia" in mail
    assert confirm(token=mail.partition("/vahvista/")[2].split()[0], actor=SUBJECT) is not None
    assert Permission.objects.count() == before + 1


@given(st.lists(PERMISSIONS, max_size=3), st.dictionaries(WORDS, WORDS, max_size=3))
def test_every_document_comes_back_as_it_was(permissions: list[dict[str, object]], fields: dict[str, str]) -> None:
    made = Portable("Esimerkki", "2026-11-29T12:00:00+00:00", MAIJA, "fi", tuple(permissions), fields, ("research",))
    document = as_json(made)
    assert read_portable(document) == made
    jsonschema_rs.validate(schema(), json.loads(document))


@pytest.mark.parametrize(
    "change",
    [
        {"prohibitions": ["everything"]},
        {"permissions": [{"kind": "prospect", "source": "a", "audience": "b", "purposes": [], "since": None}]},
        {"permissions": [{"kind": "consent", "source": "a", "audience": "b", "purposes": "news", "since": None}]},
        {"permissions": [{"kind": "consent", "source": 1, "audience": "b", "purposes": [], "since": None}]},
        {"permissions": [{"kind": "consent", "source": "a", "audience": "b", "purposes": [], "since": "24.2.202"}]},
        {"fields": {"note": 1}},
    ],
)
def test_what_the_schema_does_not_allow_is_refused(change: dict[str, object]) -> None:
    document = json.loads(as_json(Portable("Esimerkki", "2026-11-29T12:00:00+00:00", MAIJA, "fi"))) | change
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schema(), document, validate_formats=True)
    with pytest.raises(NotPortable):
        read_portable(json.dumps(document).encode())


def test_what_is_left_out_for_the_sake_of_others_is_not_taken_along(document: bytes, desk: Desk) -> None:
    request = DataRequest.objects.get()
    search = request.searches.get(store="register")
    assert json.loads(document)["permissions"]
    number = next(n for n, each in enumerate(found_in(search)) if each["kind"] == "permission")
    withhold(search=search, number=number, note="Koskee myös toista.", actor=desk.handler)
    assert json.loads(as_json(portable_of(request)))["permissions"] == []


@pytest.mark.parametrize(
    "broken",
    [b"", b"[]", b"{}", b'{"$schema": "urn:luvalla:portable:1"}', b"\xff", b"null"],
)
def test_what_is_no_such_document_is_refused(broken: bytes) -> None:
    with pytest.raises(NotPortable):
        read_portable(broken)


def test_the_table_has_no_executable_cell() -> None:
    made = Portable("Esimerkki", "2026-11-29T12:00:00+00:00", MAIJA, "fi", (), {"note": "=SUM(1)"})
    assert "\n=SUM" not in as_csv(made).decode()
    assert ",=SUM" not in as_csv(made).decode()
