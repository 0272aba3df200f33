"""A decision right by right: what is granted is carried out and told, what is refused is not, and letters say so."""

from __future__ import annotations

from datetime import date

import pytest

from luvalla.ledger.models import LedgerRow
from luvalla.register.models import Contact, Restriction
from luvalla.rights.actions.decisions import decide, give_opinion, propose
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.steps import collect, note_identity, triage
from luvalla.rights.errors import CarriedOutAlready, GroundUnfit, NeverRefused, NothingToCorrect
from luvalla.rights.models import DataRequest, Decision
from luvalla.rights.rulings import GRANTED, Ruling
from luvalla.rights.statistics import figures
from luvalla.rules.case_states import Right
from tests.support.pdf import text_of
from tests.support.requests import Desk, add_disclosee, answer_paper, ask, mails, work

pytestmark = pytest.mark.django_db
WHY = {"facts": "Riita on kesken.", "reasons": "Tieto tarvitaan siinä."}
CLAIMS = Ruling(Decision.Outcome.REFUSE, "legal_claims")
OTHERS = Ruling(Decision.Outcome.PARTIAL, "others_rights")


def drafted(desk: Desk, *rights: Right, language: str = "fi") -> DataRequest:
    """Bring a request as far as its draft; nothing is erased at once, since a copy is asked for too."""
    request = ask(*rights, language=language, proved=False)
    triage(request=request, rights=rights, actor=desk.clerk)
    note_identity(request=DataRequest.objects.get(), level=1, how="Soitto", actor=desk.handler)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    return DataRequest.objects.get()


def decided(desk: Desk, request: DataRequest, rulings: dict[Right, Ruling]) -> DataRequest:
    propose(request=request, rulings=rulings, actor=desk.handler, **WHY)  # type: ignore[arg-type]  # words
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    decide(request=request, actor=desk.owner)
    work()
    return DataRequest.objects.get()


def test_only_what_is_granted_is_carried_out_and_the_certificate_says_so_right_by_right(
    desk: Desk, maija: Contact
) -> None:
    add_disclosee("Vertailu Oy")
    request = drafted(desk, Right.ACCESS, Right.RESTRICTION, Right.ERASURE)
    rulings = {Right.ACCESS: OTHERS, Right.RESTRICTION: GRANTED, Right.ERASURE: CLAIMS}
    request = decided(desk, request, rulings)
    assert Contact.objects.filter(pk=maija.pk).exists(), "the erasure was refused"
    assert Restriction.objects.get().reason == "request"
    assert set(request.events.filter(kind="carried_out").values_list("after", flat=True)) == {"access", "restriction"}
    certificate = " ".join(text_of(pdf_of(request.letters.get(kind="partial"))).split())
    for said in (
        "Pyyntöön suostutaan osittain.",
        "Omien tietojen tarkastaminen: pyyntöön suostutaan osittain.",
        "Käsittelyn rajoittaminen: pyyntöön suostutaan.",
        "Poistaminen: pyyntöön ei suostuta.",
        "Poistaminen: Tieto tarvitaan oikeusvaateen",
        "Omien tietojen tarkastaminen: Jäljennös loukkaisi",
        "Tietosi säilytetään, mutta niitä ei käytetä muuhun",
    ):
        assert said in certificate, said
    assert "on poistettu rekisteristämme" not in certificate
    notice = " ".join(text_of(pdf_of(request.letters.get(kind="disclosee"))).split())
    assert "Käsittelyn rajoittaminen" in notice
    assert "oistaminen" not in notice
    by_right = {each.right: each.refused for each in figures(date(2000, 1, 1), date(2100, 1, 1))}
    assert by_right == {"access": 1, "restriction": 0, "erasure": 1, "": 1}


def test_a_copy_that_is_refused_is_not_made_and_an_erasure_that_is_granted_takes_place(
    desk: Desk, maija: Contact
) -> None:
    request = drafted(desk, Right.ACCESS, Right.ERASURE, language="en")
    rulings = {Right.ACCESS: Ruling(Decision.Outcome.REFUSE, "excessive"), Right.ERASURE: GRANTED}
    request = decided(desk, request, rulings)
    assert not Contact.objects.exists()
    assert not request.links.filter(kind="deliver").exists()
    letter = mails("rights_letter")[-1]
    assert "Access to your data: the request is refused." in letter
    assert "Erasure: the request is granted." in letter
    assert "Your data has been erased from our register." in letter
    assert "/r/d/" not in letter
    assert "manifestly unfounded or excessive" in letter


def test_all_rights_refused_on_grounds_of_their_own_is_a_refusal(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.ACCESS, Right.ERASURE, language="sv")
    excessive = Ruling(Decision.Outcome.REFUSE, "excessive")
    request = decided(desk, request, {Right.ACCESS: excessive, Right.ERASURE: CLAIMS})
    decision = Decision.objects.get()
    assert (decision.outcome, decision.ground) == ("refuse", "excessive")
    said = " ".join(text_of(pdf_of(request.letters.get(kind="certificate"))).split())
    assert "Begäran avslås." in said
    assert "Radering: begäran avslås." in said
    assert Contact.objects.exists()
    assert LedgerRow.objects.filter(verb="rights.carry_out").count() == 0


@pytest.mark.parametrize(
    ("rulings", "error"),
    [
        ({Right.ACCESS: CLAIMS, Right.ERASURE: GRANTED}, GroundUnfit),
        ({Right.ACCESS: GRANTED, Right.ERASURE: GRANTED}, GroundUnfit),
        ({Right.ERASURE: CLAIMS}, GroundUnfit),
        ({Right.ACCESS: Ruling(Decision.Outcome.REFUSE), Right.ERASURE: GRANTED}, GroundUnfit),
    ],
)
def test_each_refused_right_has_a_ground_that_limits_it(
    desk: Desk, maija: Contact, rulings: dict[Right, Ruling], error: type[Exception]
) -> None:
    request = drafted(desk, Right.ACCESS, Right.ERASURE)
    with pytest.raises(error):
        propose(request=request, rulings=rulings, actor=desk.handler, **WHY)  # type: ignore[arg-type]  # words
    assert not Decision.objects.exists()


def test_what_was_carried_out_or_is_absolute_is_not_refused_and_a_correction_needs_its_address(
    desk: Desk, maija: Contact
) -> None:
    request = drafted(desk, Right.ACCESS, Right.RECTIFICATION, Right.OBJECTION)
    excessive = Ruling(Decision.Outcome.REFUSE, "excessive")
    granted = dict.fromkeys(request.chosen, GRANTED)
    with pytest.raises(NeverRefused):
        propose(request=request, rulings={**granted, Right.OBJECTION: excessive}, actor=desk.handler, **WHY)  # type: ignore[arg-type]  # words
    with pytest.raises(NothingToCorrect):
        propose(request=request, rulings={**granted, Right.ACCESS: excessive}, actor=desk.handler, **WHY)  # type: ignore[arg-type]  # words
    request.events.create(kind="carried_out", after="access", actor="system:")
    with pytest.raises(CarriedOutAlready):
        propose(request=request, rulings={**granted, Right.ACCESS: excessive}, actor=desk.handler, **WHY)  # type: ignore[arg-type]  # words
