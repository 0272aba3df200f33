"""The notice that the claims were taken from: each sentence has its claims, and every weak point is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from luvalla.notices.adoption.adopting import Adopted, adopt

CHECKOUT = Path(__file__).resolve().parents[3]
SOURCE = CHECKOUT.parent / "shared" / "notice" / "source-notice-fi.txt"
pytestmark = pytest.mark.skipif(
    not SOURCE.exists(), reason="the source notice isn't beside this checkout: ../shared/notice/source-notice-fi.txt"
)


@pytest.fixture(scope="module")
def adopted() -> Adopted:
    return adopt(SOURCE.read_bytes())


def weak_of(adopted: Adopted, words: str) -> set[str]:
    """Give the weak points of the sentences with these words."""
    return {name for each in adopted.sentences if words in each.sentence.text for name in each.weak}


def test_every_sentence_has_a_claim(adopted: Adopted) -> None:
    assert adopted.not_placed == ()
    assert all(each.claims for each in adopted.sentences)


def test_every_claim_has_a_sentence(adopted: Adopted) -> None:
    named = {name for each in adopted.sentences for name in each.claims}
    assert named >= {f"S{number}" for number in range(1, 49)}


def test_every_weak_point_is_found(adopted: Adopted) -> None:
    assert set(adopted.weak) == {f"W{number}" for number in range(1, 19)}
    assert all(adopted.weak.values())


def test_the_outdated_address_and_the_broken_date_are_among_them(adopted: Adopted) -> None:
    assert "W10" in weak_of(adopted, "00521")
    assert weak_of(adopted, "24.2.202") == {"W15"}
    assert adopted.found.date is None


def test_the_controller_is_found(adopted: Adopted) -> None:
    found = adopted.found
    assert (found.business_id, found.business_id_is_right, found.postcode) == ("0974008-0", True, "60100")
    assert found.officer_email.startswith("tietosuojavastaava@")
    assert found.sources == ("crm",)
    assert found.audiences == ("customers", "stakeholders", "prospects")
    assert set(found.purposes) == {"customer_information", "direct_marketing"}


def test_what_is_right_is_not_called_weak(adopted: Adopted) -> None:
    for words in ("henkilökohtainen käyttäjätunnus", "lukituissa", "asiakastietojärjestelmästä", "viivytyksettä"):
        assert weak_of(adopted, words) == set(), words
