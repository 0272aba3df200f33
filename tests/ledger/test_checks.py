from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from pytest_django import Settings

from luvalla.ledger import checks, rekeying
from luvalla.ledger.checks import check_holdings
from luvalla.rules.ports import Found, Holding, Person, Registry


class Answering(Holding):
    """A Holding that answers for the models it is told."""

    name = "test"
    retention = ""

    def __init__(self, *names: str) -> None:
        self.models: tuple[str, ...] = names

    def find(self, person: Person) -> list[Found]:
        """Find nothing."""
        del person
        return []

    def erase(self, person: Person) -> int:
        """Erase nothing."""
        del person
        return 0


@pytest.fixture
def holdings(monkeypatch: pytest.MonkeyPatch) -> Registry[Holding]:
    registry: Registry[Holding] = Registry("holding")
    monkeypatch.setattr(checks, "holdings", registry)
    return registry


def faults(of: str) -> set[str]:
    return {str(each.id) for each in check_holdings() if each.obj and each.obj._meta.label == of}


def test_our_rooms_answer_for_all_they_keep() -> None:
    assert check_holdings() == []


def test_a_model_that_nobody_answers_for_fails_the_check(holdings: Registry[Holding]) -> None:
    assert "luvalla.E001" in faults("register.Contact")
    assert "luvalla.E001" in faults("register.Suppression")
    holdings.register("test", Answering("register.Contact"))
    assert "luvalla.E001" not in faults("register.Contact")
    assert "luvalla.E001" in faults("register.Suppression")


@pytest.mark.parametrize("label", ["register.Batch", "campaigns.Campaign", "people.User", "jobs.Job"])
def test_a_column_for_first_names_fails_the_check(label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(label) == set()
    meta = apps.get_model(label)._meta
    added = models.CharField(max_length=40)
    added.set_attributes_from_name("etunimi")
    monkeypatch.setattr(meta, "local_fields", [*meta.local_fields, added])
    meta._expire_cache()  # type: ignore[attr-defined]  # Django keeps what it has read of a model
    try:
        assert faults(label) == {"luvalla.E001"}
    finally:
        monkeypatch.undo()
        meta._expire_cache()  # type: ignore[attr-defined]  # the same


def test_a_declaration_does_not_help_a_sealed_column(
    holdings: Registry[Holding], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = {"folders": frozenset[str](), "register.Contact": frozenset({"token", "folded", "domain", "sealed"})}
    monkeypatch.setattr(checks, "without_people", lambda: everything)
    assert "luvalla.E001" in faults("register.Contact")


def test_a_folder_that_nobody_answers_for_fails_the_check(
    settings: Settings, tmp_path: Path, holdings: Registry[Holding]
) -> None:
    settings.LUVALLA_HOME = tmp_path / "home"
    for name in ("keys", "media", "scans"):
        (settings.LUVALLA_HOME / name).mkdir(parents=True)
    assert [each.msg for each in check_holdings() if each.id == "luvalla.E004"] == [
        "The folder scans in LUVALLA_HOME has no Holding that answers for it."
    ]
    scans = Answering()
    scans.folders = ("scans",)
    holdings.register("scans", scans)
    assert not [each for each in check_holdings() if each.id == "luvalla.E004"]


def test_what_is_declared_to_be_without_people_exists() -> None:
    fields = {each._meta.label: {field.name for field in each._meta.get_fields()} for each in apps.get_models()}
    declared = {label: columns for label, columns in checks.without_people().items() if label != checks.FOLDERS}
    assert [label for label, columns in declared.items() if columns - fields.get(label, set())] == []


def test_a_holding_gives_what_it_finds_as_a_copy_and_has_nothing_to_set_apart() -> None:
    class Shelf(Answering):
        """A store with one thing in it."""

        def find(self, person: Person) -> list[Found]:
            """Find it."""
            del person
            return [Found("note", "r1", None, {"text": "hello"})]

    whom = Person(bytes(32))
    assert Shelf().export(whom) == [{"kind": "note", "ref": "r1", "at": None, "content": {"text": "hello"}}]
    assert Shelf().restrict(whom) == 0


def test_a_token_that_a_new_key_would_not_reach_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Registry[rekeying.TokenTable] = Registry("token table")
    monkeypatch.setattr(checks, "token_tables", nothing)
    assert faults("register.Contact") == {"luvalla.E002"}


def test_tables_without_people_need_nobody(holdings: Registry[Holding]) -> None:
    assert faults("ledger.LedgerSeal") == set()
    assert faults("mailroom.Shard") == set()
    assert all(issubclass(each, models.Model) for each in apps.get_models())
