"""The registry: 54 claims, none forgotten, each with its words, its room and what its breach closes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import luvalla.config.settings
from luvalla.notices.errors import NoSuchClaim
from luvalla.notices.registry import SECTIONS, Kind, entries, entry
from luvalla.organisation.authorities import authorities, authority, country_names
from luvalla.organisation.errors import NoAuthority
from luvalla.rules.countries import EEA
from luvalla.rules.ports import claims

DOORS = {"publishing", "sending", "export", "sign_in", "transfer", "print", "analytics"}
LATER_ROOMS = {"rights", "correspondence", "visits", "paper"}
SOURCE_NOTICE = Path(__file__).resolve().parents[3] / "shared" / "notice" / "source-notice-fi.txt"


def test_all_54_claims_are_there_in_their_order() -> None:
    assert [each.id for each in entries()] == [f"S{n}" for n in range(1, 49)] + [f"X{n}" for n in range(1, 7)]


def test_each_claim_is_whole() -> None:
    for each in entries():
        assert each.section in SECTIONS, each.id
        assert each.room in {*luvalla.config.settings.ROOMS, *LATER_ROOMS}, each.id
        assert set(each.closes) <= DOORS, each.id
        assert "publishing" in each.closes, each.id
        assert each.fresh.total_seconds() > 0
        texts = [each.fi, each.sv, each.en]
        assert len(set(texts)) == 3, each.id
        assert all(text.endswith(".") and text == text.strip() for text in texts), each.id


def test_claims_have_different_words() -> None:
    for language in ("fi", "sv", "en"):
        texts = [each.text_in(language) for each in entries()]
        assert len(set(texts)) == len(texts)


def test_every_section_has_a_claim_and_every_kind_occurs() -> None:
    assert {each.section for each in entries()} == set(SECTIONS)
    assert {each.kind for each in entries()} == set(Kind)


def test_an_unknown_claim_is_no_claim() -> None:
    with pytest.raises(NoSuchClaim):
        entry("S49")
    assert entry("X6").text_in("de") == entry("X6").en


def test_what_is_registered_at_the_port_is_in_the_registry_with_its_negative_control() -> None:
    root = Path(__file__).resolve().parents[2]
    known = {each.id for each in entries()}
    for claim in claims:
        assert claim.id in known
        file, _, name = claim.negative_control.partition("::")
        assert re.search(rf"^def {re.escape(name)}\(", (root / file).read_text(encoding="utf-8"), re.MULTILINE), (
            claim.id
        )


def test_every_negative_control_exists_and_is_collected() -> None:
    """A test's name is collected when its file defines it at the top, without a mark that skips it everywhere."""
    root = Path(__file__).resolve().parents[2]
    for claim in claims:
        place, _, name = claim.negative_control.partition("::")
        tree = ast.parse((root / place).read_text(encoding="utf-8"))
        found = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == name]
        assert len(found) == 1, claim.negative_control
        assert Path(place).name.startswith("test_"), claim.negative_control
        assert name.startswith("test_"), claim.negative_control
        assert not any("skip" in ast.unparse(each) for each in found[0].decorator_list), claim.negative_control
        assert any(isinstance(each, ast.Assert | ast.Call) for each in ast.walk(found[0])), claim.negative_control
        assert claim.id.lower() in name, claim.negative_control


@pytest.mark.skipif(not SOURCE_NOTICE.exists(), reason="the source notice is not part of the program")
def test_no_sentence_of_the_source_notice_is_ours() -> None:
    said = re.split(r"(?<=[.:?])\s+|\n+", SOURCE_NOTICE.read_text(encoding="utf-8"))
    sentences = {" ".join(each.split()) for each in said if len(each.split()) > 4}
    templates = Path(luvalla.config.settings.PACKAGE) / "notices"
    ours = " ".join(
        " ".join(re.sub(r"<[^>]+>", " ", each.read_text(encoding="utf-8")).split())
        for each in (*templates.glob("templates/notices/*_fi.html"), templates / "data" / "claims.toml")
    )
    assert len(sentences) > 40
    assert not [each for each in sentences if each in ours]


@pytest.mark.django_db
def test_every_eea_state_has_its_authority_and_no_date_is_made_up() -> None:
    assert set(authorities()) >= EEA
    assert all(each.website.startswith("https://") and each.names["en"] for each in authorities().values())
    finland = authority("FI")
    assert (finland.street, finland.postcode) == ("Lintulahdenkuja 4", "00530")
    assert finland.as_facts()["street_sv"] == "Fågelviksgränden 4"
    assert authority("SE").as_facts()["city_sv"] == "Stockholm"
    with pytest.raises(NoAuthority):
        authority("ZZ")


def test_every_eea_state_has_its_names() -> None:
    assert set(country_names()) >= EEA
    assert country_names()["SE"] == {"fi": "Ruotsi", "sv": "Sverige", "en": "Sweden"}


def test_each_check_is_in_the_room_that_the_registry_names() -> None:
    for claim in claims:
        assert claim.check.__module__.split(".")[1] == entry(claim.id).room, claim.id
