"""The desk of the ledger: rows as sentences, narrowed by verb and person, and how the chain stands."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation

import luvalla
from luvalla.ledger.actions import NOBODY, Subject, record
from luvalla.ledger.actors import OPERATOR, SUBJECT, SYSTEM, Actor
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.verbs import is_reading
from luvalla.people.models import User
from luvalla.register.models import Contact, Source
from luvalla.staff.ledger.rows import plain_sentence, sentences_of
from luvalla.staff.ledger.sentences import ROOMS, SENTENCES
from tests.staff.conftest import Browse

pytestmark = pytest.mark.django_db
LEDGER = "/staff/ledger/"


def write(verb: str, actor: Actor = SYSTEM, *, subject: Subject = NOBODY, **facts: object) -> LedgerRow:
    with transaction.atomic():
        purpose = "source" if is_reading(verb) else ""
        return record(verb, actor=actor, subject=subject, purpose=purpose, facts=facts)


def page_of(client: Client, **query: object) -> str:
    answer = client.get(LEDGER, query)
    assert answer.status_code == 200
    return answer.content.decode()


def recorded_verbs() -> Iterator[str]:
    """Find every verb that the program records, in its own code."""
    package = Path(luvalla.__file__).parent
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in {
                "record", "record_read", "record_plainly",
            } and node.args and isinstance(node.args[0], ast.Constant):  # fmt: skip
                yield str(node.args[0].value)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "12\u00a0345 osoitetta vietiin tiedostoon."),
        ("sv", "12\u00a0345 adresser exporterades till en fil."),
        ("en", "12,345 addresses were exported to a file."),
    ],
)
def test_figures_stand_with_their_thousands_apart(language: str, said: str) -> None:
    row = LedgerRow(verb="register.export_contacts", actor="system", facts={"contacts": 12345})
    with translation.override(language):
        assert sentences_of([row])[0].what == said


def test_every_verb_of_the_program_has_its_sentence() -> None:
    verbs = {each for each in recorded_verbs() if "." in each}
    assert len(verbs) > 30
    assert verbs - set(SENTENCES) == set()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_sentence_can_be_said_in_every_language(language: str) -> None:
    with translation.override(language):
        for verb in SENTENCES:
            row = LedgerRow(verb=verb, actor="system", facts={"contacts": 1, "version": "1"})
            said = sentences_of([row])[0].what
            assert "%(" not in said
            assert said.endswith(".")
            assert plain_sentence(verb)
            assert verb.partition(".")[0] in ROOMS


def test_a_sentence_counts_in_the_languages_own_way() -> None:
    rows = [LedgerRow(verb="register.export_contacts", actor="system", facts={"contacts": each}) for each in (1, 2)]
    with translation.override("fi"):
        assert [each.what for each in sentences_of(rows)] == [
            "1 osoite vietiin tiedostoon.",
            "2 osoitetta vietiin tiedostoon.",
        ]


def test_rows_name_their_doers_and_what_they_are_about(browse: Browse, crm: Source) -> None:
    client, aino = browse(), User.objects.get()
    write("register.fetch_notices", Actor("person", str(aino.ref)), subject=Subject("source", crm.key), notices=3)
    write("register.stop", SUBJECT)
    write("people.add_user", OPERATOR, subject=Subject("user", str(aino.ref)))
    write("register.expire", SYSTEM, rows=1)
    write("made.up", Actor("robot"))
    page = page_of(client)
    for said in (
        "3 notices were fetched for their source.", "Customer information system", "Aino Salmela", "The data subject",
        "A command on the server", "Luvalla itself", "1 row was removed at the end of its time.", "made.up", "robot",
    ):  # fmt: skip
        assert said in page


def test_a_refused_page_is_named_without_the_programs_own_marks(browse: Browse) -> None:
    client = browse()
    write("people.refuse", SYSTEM, door="staff/deliveries/<int:pk>/")
    page = page_of(client)
    assert "staff/deliveries/…/" in page
    assert "int:pk" not in page


def test_rows_are_narrowed_by_verb_and_person(browse: Browse) -> None:
    client, aino = browse(), User.objects.get()
    write("register.stop", SUBJECT)
    write("register.answer_stop", SUBJECT)
    person = f"person:{aino.ref}"
    assert "A stop was carried out and answered.</div>" not in page_of(client, verb="register.stop")
    assert "A stop arrived: letters were blocked.</div>" in page_of(client, verb="register.stop")
    assert ">The data subject</td>" not in page_of(client, actor=person)
    assert "No such rows" in page_of(client, actor="subject", verb="people.add_user")
    assert "A stop arrived: letters were blocked.</div>" in page_of(client, verb="emperor", actor="", before="x")


def test_older_rows_are_read_on_by_their_number(browse: Browse) -> None:
    client = browse()
    for _ in range(60):
        write("register.stop", SUBJECT)
    newest = page_of(client, verb="register.stop")
    assert newest.count("letters were blocked.</div>") == 50
    oldest_shown = LedgerRow.objects.filter(verb="register.stop").order_by("-pk")[49].pk
    assert f"before={oldest_shown}" in newest
    older = page_of(client, verb="register.stop", before=oldest_shown)
    assert older.count("letters were blocked.</div>") == 10
    assert "The newest" in older


def test_the_chain_is_walked_along_when_asked_and_a_breach_is_said(browse: Browse) -> None:
    client = browse()
    seal_rows(everything=True)
    assert "The chain holds" in page_of(client, verify="1")
    LedgerRow.objects.filter(pk=LedgerRow.objects.order_by("pk").first().pk).update(reason="otherwise")  # type: ignore[union-attr]  # there are rows
    assert "The chain does not hold" in page_of(client, verify="1")
    assert "The chain" not in page_of(client)


@pytest.mark.parametrize("role", ["communications", "clerk", "handler", "administrator"])
def test_only_those_who_supervise_read_the_ledger(browse: Browse, role: str) -> None:
    assert browse(role).get(LEDGER).status_code == 403


def test_the_ledger_shows_no_address(browse: Browse, register_address: Callable[..., Contact]) -> None:
    register_address("maija.malli@esimerkki.fi")
    assert "esimerkki.fi" not in page_of(browse())
