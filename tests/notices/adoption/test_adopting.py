"""Notices of three invented organisations, in three languages and four formats, are understood without being known."""

from __future__ import annotations

import pytest

from luvalla.notices.adoption.adopting import Adopted, adopt
from luvalla.notices.adoption.placing import PlacedBy
from luvalla.notices.registry import entries
from tests.notices.adoption.notices import LIBRARY, WATER, as_docx, as_pdf


def said(adopted: Adopted, words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the claims and weak points of the sentence with these words."""
    found = [each for each in adopted.sentences if words in each.sentence.text]
    assert len(found) == 1, words
    return found[0].claims, found[0].weak


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16", "utf-8-sig"])
def test_a_finnish_text_is_understood_in_whatever_encoding_it_is(encoding: str) -> None:
    adopted = adopt(WATER.replace("–", "-").encode(encoding))
    found = adopted.found
    assert (adopted.format, adopted.language) == ("text", "fi")
    assert (found.name, found.street, found.postcode, found.city) == (
        "Kuviteltu Vesihuolto Oy", "Lähdetie 14 B", "99999", "Kuvitelma",
    )  # fmt: skip
    assert (found.email, found.officer_email) == ("vesi@kuviteltuvesi.example", "tsv@kuviteltuvesi.example")
    assert (found.phone, str(found.date)) == ("010 123 4567", "2023-03-15")
    assert (found.business_id, found.business_id_is_right) == ("2345678-3", False)
    assert found.purposes == ("customer_information", "events")
    assert found.sources == ("crm", "sign_up")
    assert found.companies == ("Kirjepalvelu Kuvitelma Oy",)


def test_its_sentences_get_claims_and_only_what_is_weak_is_called_so() -> None:
    adopted = adopt(WATER.encode())
    assert said(adopted, "Säilytämme tietoja 24") == (("S17",), ())
    assert said(adopted, "ETA:n ulkopuolelle.") == (("S20",), ())
    assert said(adopted, "kopio henkilökortista") == (("S37",), ("W2", "W3"))
    assert set(adopted.weak) == {"W2", "W3", "W16"}
    assert adopted.missing == ("13(2)(e)", "13(2)(f)", "14(3)(b)")
    assert adopted.not_placed == ()


def test_a_pdf_whose_lines_are_wrapped_says_the_same() -> None:
    lines = [line for line in WATER.splitlines() if line]
    text, pdf = adopt(WATER.encode()), adopt(as_pdf("fi", lines))
    assert pdf.format == "pdf"
    assert pdf.found == text.found
    assert set(pdf.weak) == set(text.weak)


def test_a_swedish_document_is_understood() -> None:
    adopted = adopt(as_docx())
    found = adopted.found
    assert (adopted.format, adopted.language) == ("docx", "sv")
    assert (found.name, found.business_id, found.business_id_is_right) == (
        "Påhittade Orienterare rf",
        "1234567-1",
        True,
    )
    assert (found.street, found.postcode, found.city) == ("Stigvägen 3", "66666", "Påhittby")
    assert (found.dated, found.date) == ("31.2.2024", None)
    assert said(adopted, "Bangårdsvägen") == (("S46",), ("W10",))
    assert said(adopted, "31.2.2024") == (("S2",), ("W15",))
    assert said(adopted, "bosatt") == (("S45",), ("W18",))
    assert said(adopted, "egenhändigt") == (("S37",), ("W2",))
    assert set(adopted.weak) == {
        "W2", "W4", "W6", "W7", "W8", "W9", "W10", "W11", "W12", "W13", "W15", "W16", "W17", "W18",
    }  # fmt: skip


def test_an_english_page_is_understood_and_its_scripts_and_menus_are_not_read() -> None:
    adopted = adopt(LIBRARY.encode())
    found = adopted.found
    assert (adopted.format, adopted.language) == ("html", "en")
    assert (found.name, found.postcode, str(found.date)) == ("Public Library of Invented Town", "00999", "2025-05-03")
    assert (found.email, found.officer_email) == ("library@invented.example", "dpo@invented.example")
    assert found.is_consent
    assert not any("alert" in each.sentence.text or "Loans" in each.sentence.text for each in adopted.sentences)
    assert set(adopted.weak) == {"W16"}


def test_what_no_claim_stands_for_is_said_to_be_so() -> None:
    lost = adopt(LIBRARY.encode()).not_placed
    assert [each.sentence.text for each in lost] == ["Opening hours", "We are open on Mondays."]
    assert all(each.by is PlacedBy.NOTHING for each in lost)


@pytest.mark.parametrize("content", [WATER.encode(), as_docx(), LIBRARY.encode()], ids=["fi", "sv", "en"])
def test_every_claim_named_is_one_of_the_registry(content: bytes) -> None:
    known = {each.id for each in entries()}
    assert all(set(each.claims) <= known for each in adopt(content).sentences)
