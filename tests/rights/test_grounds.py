"""The grounds of a refusal: each limits its own rights, and has its own words in every language, with the remedies."""

from __future__ import annotations

import pytest

from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import decide, give_opinion, propose, told_of
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.copies.gathering import gather
from luvalla.rights.errors import GroundUnfit, LetterIncomplete, NeverRefused
from luvalla.rights.grounds import EVERY, LIMITS, SECTION_34
from luvalla.rights.letters.texts import LANGUAGES, texts
from luvalla.rights.letters.writing import Kind, write
from luvalla.rights.models import DataRequest, Decision
from luvalla.rules.case_states import Right
from luvalla.staff.requests.deciding_forms import ProposalForm, grounds_of
from luvalla.staff.requests.words import GROUNDS
from tests.support.pdf import text_of
from tests.support.requests import Desk, answer_paper, ask, work
from tests.support.world import World

pytestmark = pytest.mark.django_db


def drafted(desk: Desk, *rights: Right, language: str = "fi") -> DataRequest:
    """Bring a request as far as its draft."""
    request = ask(*rights, language=language)
    triage(request=request, rights=rights, actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    if request.tasks.filter(kind="paper").exists():
        answer_paper(request, desk.custodian)
    return DataRequest.objects.get()


def refuse(desk: Desk, request: DataRequest, ground: str, **told: object) -> DataRequest:
    """Refuse it on a ground, as far as its certificate."""
    propose(
        request=request,
        outcome=Decision.Outcome.REFUSE,
        ground=ground,
        facts="Asia on tutkittavana.",
        reasons="Tieto paljastaisi tutkinnan.",
        actor=desk.handler,
        **told,
    )  # type: ignore[arg-type]  # what told says
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    decide(request=request, actor=desk.owner)
    work()
    return DataRequest.objects.get()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ground", sorted(LIMITS))
def test_each_ground_has_a_certificate_of_its_own_with_the_ways_to_complain(
    ground: str, language: str, world: World
) -> None:
    request = ask(Right.ACCESS, language=language)
    decision = Decision(outcome=Decision.Outcome.REFUSE, ground=ground)
    text = write(Kind.CERTIFICATE, request, paragraphs=["…"], decision=(decision, {"facts": "…", "reasons": "…"}))
    said, parts = dict(text.pairs), dict(text.parts)
    assert said[texts(language)["names"]["ground"]] == texts(language)["grounds"][ground]
    assert "77" in parts["complaint"]
    assert "79" in parts["remedy"]
    assert ("ombudsman" in parts) is (ground in SECTION_34)
    words = texts(language)["grounds"]
    assert len(set(words.values())) == len(words), "no two grounds say the same"


def test_a_limit_of_section_34_says_who_checks_for_the_person(desk: Desk, maija: Contact) -> None:
    request = refuse(desk, drafted(desk, Right.ACCESS), "national_security")
    said = " ".join(text_of(pdf_of(request.letters.get(kind="certificate"))).split())
    assert "34 §:n 1 momentin 1 kohta" in said
    assert "Tieto paljastaisi tutkinnan." in said
    assert "annamme tietosuoja-asetuksen 15 artiklan 1 kohdassa tarkoitetut tiedot tietosuojavaltuutetulle" in said
    assert "34 §:n 4 momentti" in said


def test_reasons_that_would_defeat_the_limit_are_written_down_and_not_told(desk: Desk, maija: Contact) -> None:
    request = refuse(desk, drafted(desk, Right.ACCESS), "national_security", tell_reasons=False)
    said = " ".join(text_of(pdf_of(request.letters.get(kind="certificate"))).split())
    for hidden in ("Tieto paljastaisi", "Asia on tutkittavana", "kansallista turvallisuutta", "1 kohta)."):
        assert hidden not in said.replace("15 artiklan 1 kohdassa", "")
    assert "Syitä ei kerrota" in said
    assert "34 §:n 3 momentti" in said
    assert "34 §:n 4 momentti" in said
    decision = Decision.objects.get()
    assert told_of(decision)["reasons"] == "Tieto paljastaisi tutkinnan."
    assert decision.ground == "national_security"
    later = ask(Right.ACCESS, name="Maija", language="fi")
    triage(request=later, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(pk=later.pk), actor=desk.handler)
    work()
    assert "paljastaisi" not in str(gather(DataRequest.objects.get(pk=later.pk))), "a later copy does not tell either"


@pytest.mark.parametrize("ground", sorted(set(LIMITS) - SECTION_34))
def test_the_reasons_of_every_other_ground_are_told(ground: str, desk: Desk, maija: Contact) -> None:
    right = min(LIMITS[ground])
    request = ask(right)
    DataRequest.objects.update(state="drafted", rights=right.value)
    with pytest.raises(GroundUnfit):
        propose(
            request=DataRequest.objects.get(pk=request.pk), outcome=Decision.Outcome.PARTIAL, ground=ground, facts="x",
            reasons="x", tell_reasons=False, actor=desk.handler,
        )  # fmt: skip


@pytest.mark.parametrize("ground", sorted(code for code, rights in LIMITS.items() if rights != EVERY))
def test_a_ground_limits_no_right_but_its_own(ground: str, desk: Desk) -> None:
    other = Right.PORTABILITY if Right.PORTABILITY not in LIMITS[ground] else Right.ACCESS
    request = ask(other)
    DataRequest.objects.update(state="drafted")
    request.refresh_from_db()
    with pytest.raises(GroundUnfit):
        propose(
            request=request, outcome=Decision.Outcome.REFUSE, ground=ground, facts="x", reasons="x", actor=desk.handler
        )
    with pytest.raises(GroundUnfit):
        propose(
            request=request, outcome=Decision.Outcome.REFUSE, ground="invented", facts="x", reasons="x",
            actor=desk.handler,
        )  # fmt: skip
    assert not Decision.objects.exists()


@pytest.mark.parametrize("right", [Right.OBJECTION, Right.PROHIBITION])
def test_what_stops_marketing_is_never_refused(right: Right, desk: Desk) -> None:
    request = ask(right, Right.ACCESS)
    DataRequest.objects.update(state="drafted")
    request.refresh_from_db()
    with pytest.raises(NeverRefused):
        propose(
            request=request, outcome=Decision.Outcome.REFUSE, ground="excessive", facts="x", reasons="x",
            actor=desk.handler,
        )  # fmt: skip
    decision = propose(
        request=request, outcome=Decision.Outcome.PARTIAL, ground="excessive", facts="x", reasons="x",
        actor=desk.handler,
    )  # fmt: skip
    assert decision.outcome == "partial"


def test_a_certificate_of_section_34_without_the_ombudsman_is_not_issued(
    desk: Desk, maija: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(texts("fi")["parts"], "ombudsman", "")
    with pytest.raises(LetterIncomplete):
        refuse(desk, drafted(desk, Right.ACCESS), "supervision")


@pytest.mark.parametrize("right", list(Right))
def test_each_right_is_offered_the_grounds_that_limit_it_and_no_others(right: Right) -> None:
    offered = [code for code, _ in grounds_of(right)]
    assert sorted(offered) == sorted(code for code, rights in LIMITS.items() if right in rights)
    assert sorted(GROUNDS) == sorted(LIMITS)


def test_reasons_are_kept_back_on_a_ground_of_section_34_only() -> None:
    given = {"outcome": "ruled", "ruling_access": "refuse", "facts": "x", "reasons": "x", "keep_reasons": "on"}
    form = ProposalForm({**given, "ground_access": "others_rights"}, rights=[Right.ACCESS])
    assert not form.is_valid()
    assert list(form.errors) == ["keep_reasons"]
    assert ProposalForm({**given, "ground_access": "supervision"}, rights=[Right.ACCESS]).is_valid()
