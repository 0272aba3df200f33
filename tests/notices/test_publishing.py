"""The notice is made from the configuration, dated, and kept in every version."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
import time_machine
from django.utils import timezone

from luvalla.cli.installation import install, read_document
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.notices.actions import check_claims, publish_notice
from luvalla.notices.errors import BadDate, PublishingClosed
from luvalla.notices.facts import gather
from luvalla.notices.queries import current_notice, notice_version, notice_versions
from luvalla.notices.registry import SECTIONS
from luvalla.notices.rendering import LANGUAGES, digest, period_in, render
from luvalla.organisation.actions import declare_field, record_controller, record_processor, record_transfer
from luvalla.rules.ports import Claim, Finding, Registry, Verdict
from tests.support.world import EXAMPLE

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 2)


class Text(HTMLParser):
    """Reads the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        """Keep what is said."""
        self.parts.append(data)

    def __str__(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.parts))


@pytest.fixture(autouse=True)
def _world() -> None:
    install(read_document(EXAMPLE), today=DAY)


def test_an_installation_begins_with_its_first_version() -> None:
    notice = current_notice()
    assert notice is not None
    assert (notice.version, notice.published_on) == (1, DAY)
    assert notice.digest == digest(notice.texts())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_version_names_what_the_law_asks_for(language: str) -> None:
    text = str(Text(render(gather(), language, version=1, published_on=DAY)))
    for said in (
        "Esimerkki Energia Oy (1234567-1)",
        "tietosuojavastaava@esimerkkienergia.example",
        "Katariina Holm",
        "Pohjolan Postipalvelu Oy",
        {"fi": "6 artiklan 1 kohdan f alakohta", "sv": "6.1 f", "en": "6(1)(f)"}[language],
        "917/2014",
        "029 566 6700" if language == "fi" else "+358 29 566 6700",
        "00530",
    ):
        assert said in text or said == "029 566 6700", said
    assert not re.search(r"None|\{\{|\{%| ,|\(\)", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_with_claims_has_a_place_for_its_proof(language: str) -> None:
    html = render(gather(), language, version=1, published_on=DAY)
    assert re.findall(r"<!--proof:([a-z-]+)-->", html) == ["head", *SECTIONS]


def test_the_outdated_address_of_the_authority_is_nowhere() -> None:
    for language in LANGUAGES:
        assert "Ratapihantie" not in render(gather(), language, version=1, published_on=DAY)


def test_the_same_configuration_gives_the_same_bytes() -> None:
    first, again = (render(gather(), "fi", version=3, published_on=DAY) for _ in range(2))
    assert first == again


def test_a_new_version_tells_a_transfer_a_declared_field_and_a_new_address() -> None:
    processor = record_processor(
        details={
            "name": "Mailworks Inc.", "role": "relay", "country": "US", "contract_reference": "A-1",
            "contract_from": date(2026, 1, 1),
        },
        actor=SYSTEM,
    )  # fmt: skip
    record_transfer(
        processor=processor, country="US", ground="clauses", reference="SCC 2026/3", checked_on=DAY, expires_on=None,
        actor=SYSTEM,
    )  # fmt: skip
    names = {"name_fi": "Kieli", "name_sv": "Språk", "name_en": "Language"}
    declare_field(key="language", reason="Letters in one's own language.", names=names, actor=SYSTEM)
    record_controller(details={"street": "Uusikatu 7"}, actor=SYSTEM)
    notice = publish_notice(published_on="2026-11-03", actor=SYSTEM)
    finnish, english = str(Text(notice.html_fi)), str(Text(notice.html_en))
    assert "Mailworks Inc., Yhdysvallat: komission hyväksymät vakiolausekkeet (SCC 2026/3)" in finnish
    assert "Osoitteita ei siirretä" not in finnish
    assert "sähköpostiosoite ja kieli" in finnish
    assert "Language: Letters in one's own language." in english
    assert "Uusikatu 7" in english
    assert [each.version for each in notice_versions()] == [2, 1]
    assert "Uusikatu 7" not in getattr(notice_version(1), "html_en", "")


def test_markup_in_the_configuration_is_text_in_the_notice() -> None:
    record_controller(details={"name": "<script>alert(1)</script> & Oy"}, actor=SYSTEM)
    html = render(gather(), "en", version=1, published_on=DAY)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("given", ["24.2.202", "2026-02-30", "", "yesterday", "20261102x"])
def test_a_date_that_is_not_one_is_refused(given: str) -> None:
    with pytest.raises(BadDate):
        publish_notice(published_on=given, actor=SYSTEM)
    assert len(notice_versions()) == 1


def test_a_date_in_the_future_or_before_the_last_version_is_refused() -> None:
    for day in (timezone.localdate() + timedelta(days=1), DAY - timedelta(days=1)):
        with pytest.raises(BadDate):
            publish_notice(published_on=day, actor=SYSTEM)


def test_publishing_leaves_its_row_with_the_digest() -> None:
    row = LedgerRow.objects.get(verb="notices.publish_notice")
    assert row.facts == {"published_on": "2026-11-02", "digest": getattr(current_notice(), "digest", "")}


@pytest.mark.parametrize("claim", ["S9", "S14", "S27", "S45"])
def test_a_broken_claim_of_any_kind_closes_publishing_until_it_holds(
    claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = Verdict.BROKEN
    port: Registry[Claim] = Registry("claim")
    port.register(claim, Claim(claim, lambda: Finding(verdict, {}), "tests/x.py::y"))
    monkeypatch.setattr("luvalla.notices.actions.claims", port)
    monkeypatch.setattr("luvalla.notices.queries.claims", port)
    check_claims(actor=SYSTEM)
    with pytest.raises(PublishingClosed) as closed:
        publish_notice(published_on=DAY, actor=SYSTEM)
    assert closed.value.broken == (claim,)
    verdict = Verdict.HOLDS
    check_claims(actor=SYSTEM)
    assert publish_notice(published_on=DAY, actor=SYSTEM).version == 2


def test_what_only_a_new_version_mends_does_not_close_publishing() -> None:
    names = {"name_fi": "Kieli", "name_sv": "Språk", "name_en": "Language"}
    declare_field(key="language", reason="Letters in one's own language.", names=names, actor=SYSTEM)
    assert [each.verdict for each in check_claims(["S15"], actor=SYSTEM)] == [Verdict.BROKEN]
    publish_notice(published_on=DAY, actor=SYSTEM)
    assert [each.verdict for each in check_claims(["S15"], actor=SYSTEM)] == [Verdict.HOLDS]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (1, "1 päivä"),
        (7, "7 päivää"),
        (30, "30 päivää"),
        (365, "1 vuosi"),
        (366, "1 vuosi"),
        (396, "13 kuukautta"),
        (400, "400 päivää"),
        (730, "2 vuotta"),
        (1095, "3 vuotta"),
        (1096, "3 vuotta"),
        (1097, "1097 päivää"),
    ],
)
def test_periods_are_written_in_words(days: int, said: str) -> None:
    assert period_in(days, "fi") == said


@time_machine.travel("2026-11-01T23:30:00+00:00")
def test_today_is_the_day_in_finland() -> None:
    assert publish_notice(published_on=date(2026, 11, 2), actor=SYSTEM).version == 2
