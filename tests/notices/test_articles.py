"""What articles 13(1)-(2), 14(1)-(2) and 21(4) of the GDPR ask for, point by point, in each language of the notice."""

from __future__ import annotations

from datetime import date

import pytest

from luvalla.cli.installation import install, read_document
from luvalla.ledger.actors import SYSTEM
from luvalla.notices.facts import gather, periods
from luvalla.notices.rendering import LANGUAGES, period_in, render, retention_lines
from luvalla.organisation.actions import record_processor, record_transfer
from tests.notices.test_publishing import Text
from tests.support.world import EXAMPLE

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 2)

POINTS = {
    "13(1)(a) who the controller is": ("Rekisterinpitäjä on", "Personuppgiftsansvarig är", "The controller is"),
    "13(1)(b) the data protection officer": ("tietosuojavastaava@esimerkkienergia.example",) * 3,
    "13(1)(c) purposes": (
        "Näihin tarkoituksiin, emme muihin",
        "Till dessa ändamål",
        "For these purposes and no others",
    ),
    "13(1)(c) legal basis": ("6 artiklan 1 kohdan f alakohta", "artikel 6.1 f", "article 6(1)(f)"),
    "13(1)(d) the legitimate interest": (
        "oikeutettuun etuumme pitää",
        "berättigade intresse att",
        "legitimate interest in",
    ),
    "13(1)(e) recipients by name": (
        "Pohjolan Postipalvelu Oy, Suomi",
        "Pohjolan Postipalvelu Oy, Finland",
        "Pohjolan Postipalvelu Oy, Finland",
    ),
    "13(1)(f) transfers and their ground": (
        "Yhdysvallat: komission hyväksymät",
        "USA: standard",
        "United States: standard",
    ),
    "13(1)(f) a copy of the safeguards": (
        "kopion suojatoimista",
        "kopia av skyddsåtgärderna",
        "copy of the safeguards",
    ),
    "13(2)(a) retention": ("30 päivää", "30 dagar", "30 days"),
    "13(2)(b) access": (
        "mitä tietoja meillä on sinusta",
        "vilka uppgifter vi har om dig",
        "what data we have about you",
    ),
    "13(2)(b) rectification": ("korjaamaan ne", "rätta dem", "to correct it"),
    "13(2)(b) erasure": ("poistamaan ne", "radera dem", "to erase it"),
    "13(2)(b) restriction": ("rajoittamaan niiden", "begränsa användningen", "to restrict its use"),
    "13(2)(b) objection": ("oikeus vastustaa", "rätt att invända", "right to object"),
    "13(2)(b) portability, more widely than the law": (
        "laajemmin kuin laki",
        "vidare omfattning än lagen",
        "more widely than",
    ),
    "13(2)(c) withdrawal of consent": (
        "Suostumuksen voit perua",
        "Ditt samtycke kan du ta tillbaka",
        "take back your consent",
    ),
    "13(2)(d) complaint": ("valvontaviranomaiselle", "tillsynsmyndighet", "supervisory authority"),
    "13(2)(e) whether data must be given": ("vapaaehtoista", "frivilligt", "voluntary"),
    "13(2)(f) automated decisions": ("automaattisia päätöksiä", "automatiska beslut", "automated decisions"),
    "14(1)(d) categories of data": (
        "Rekisterissä on sähköpostiosoitteesi",
        "finns din e-postadress",
        "holds your e-mail address",
    ),
    "14(2)(f) the source": ("Asiakastietojärjestelmä", "Kundinformationssystemet", "Customer information system"),
    "14(2)(f) no public source": ("julkisista luetteloista", "offentliga förteckningar", "public lists"),
    "14(3)(b) told at the first letter": (
        "Viimeistään ensimmäinen kirje",
        "Senast det första brevet",
        "The first letter at the latest",
    ),
    "77(1) where the infringement was, too": (
        "katsot oikeuksiasi loukatun",
        "rättigheter har kränkts",
        "rights were infringed",
    ),
    "79 the way to a court": ("tuomioistuimeen", "domstol", "to court"),
    "12(2) no signature": ("allekirjoitusta tai", "varken underskrift", "never require a signature"),
    "12(1) spoken requests": ("puhelimitse", "per telefon", "by telephone"),
    "38(6) the owner decides, not the officer": ("päättää rekisterin omistaja", "ägare avgör", "owner decides"),
    "44 a technical need is no ground": (
        "tekninen tarve ei riitä",
        "tekniskt behov räcker inte",
        "technical need is none",
    ),
    "15(1)(c) actual recipients on request": (
        "kenelle juuri sinun",
        "vem som har fått just dina",
        "who has been given your data",
    ),
    "21(3) the token and its own basis": ("c alakohta ja 21 artiklan 3 kohta", "6.1 c och 21.3", "6(1)(c) and 21(3)"),
    "17 a contact person isn't held back": (
        "yrityksen yhteyshenkilö",
        "företags kontaktperson",
        "contact person of a company",
    ),
    "two stores": ("erilleen rekisteristä", "för sig", "kept apart from the register"),
    "both keys": ("eikä toinen korvaa toista", "den ena ersätter inte", "neither stands in for the other"),
}


@pytest.fixture
def texts(db: None) -> dict[str, str]:
    """Give the notice of the example organisation, with one transfer, as plain text by language."""
    install(read_document(EXAMPLE), today=DAY)
    details = {"name": "Mailworks Inc.", "role": "relay", "country": "US", "contract_reference": "A-1",
               "contract_from": date(2026, 1, 1)}  # fmt: skip
    record_transfer(
        processor=record_processor(details=details, actor=SYSTEM), country="US", ground="clauses",
        reference="SCC 2026/3", checked_on=DAY, expires_on=None, actor=SYSTEM,
    )  # fmt: skip
    return {each: str(Text(render(gather(), each, version=1, published_on=DAY))) for each in LANGUAGES}


def test_every_point_of_the_articles_is_told_in_each_language(texts: dict[str, str]) -> None:
    missing = [
        (point, language)
        for point, said in POINTS.items()
        for language, words in zip(LANGUAGES, said, strict=True)
        if words not in texts[language]
    ]
    assert missing == []


def test_the_right_to_object_stands_apart_and_before_all_parts() -> None:
    install(read_document(EXAMPLE), today=DAY)
    for language in LANGUAGES:
        html = render(gather(), language, version=1, published_on=DAY)
        assert html.index('class="object"') < html.index('class="sec"')
        assert html.count('class="object"') == 1


def test_every_period_of_the_rules_is_told_with_its_figure(texts: dict[str, str]) -> None:
    told_by = retention_lines()["told_by"]
    for name, period in periods().items():
        line = retention_lines().get(str(told_by.get(name, name)))
        assert line is not None, f"say of {name} in notices/data/retention.toml how long it is kept"
        for language in LANGUAGES if name not in told_by else ():
            what, how = line[language]
            assert f"{what}: {how.format(period=period_in(period.days, language))}" in texts[language]
