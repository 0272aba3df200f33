"""A letter that is looked at before it leaves is the letter that leaves."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import ServiceMessage
from luvalla.paper.models import PaperSearch
from luvalla.register.models import Contact
from luvalla.rights import previews
from luvalla.rights.actions.decisions import decide, extend, give_opinion, grant, propose, propose_extension
from luvalla.rights.actions.letters import draft_letter, pdf_of
from luvalla.rights.actions.steps import ask_about_identity, collect, triage
from luvalla.rights.errors import LetterIncomplete
from luvalla.rights.letters.forms import as_text
from luvalla.rights.letters.writing import Kind
from luvalla.rights.models import DataRequest, Decision
from luvalla.rights.rulings import Ruling
from luvalla.rules.case_states import Right
from tests.support.pdf import text_of
from tests.support.requests import Desk, answer_paper, ask, mails, work

REASONS = {"facts": "Kolmannen tietoja.", "reasons": "Toisten oikeudet."}


def drafted(desk: Desk, *rights: Right, by_post: bool = False) -> DataRequest:
    """Have a request searched, so that it can be decided."""
    request = ask(*rights, name="Maija Malli", postal="Mallikuja 1")
    DataRequest.objects.update(by_post=by_post)
    triage(request=DataRequest.objects.get(), rights=rights, actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    if PaperSearch.objects.exists():
        answer_paper(request, desk.custodian)
    return DataRequest.objects.get()


def shown(request: DataRequest, draft: previews.Draft, actor: Actor) -> str:
    """Give the words of a preview as the mail would have them."""
    return as_text(previews.show_draft(request=request, draft=draft, actor=actor))


def words_of(text: str) -> list[str]:
    """Give the paragraphs of a mail, without its links and their dots."""
    paragraphs = text.replace("\r", "").split("\n\n")
    return ["\n".join(line for line in each.splitlines() if "/r/" not in line and line != "…") for each in paragraphs]


@pytest.mark.parametrize("rights", [(Right.ACCESS,), (Right.RESTRICTION,), (Right.COMPLAINT,)])
def test_the_answer_that_is_previewed_is_the_one_that_leaves(
    desk: Desk, maija: Contact, rights: tuple[Right, ...]
) -> None:
    request = drafted(desk, *rights)
    before = shown(request, previews.grant(request, {}), desk.handler)
    assert not mails("rights_letter")
    grant(request=request, actor=desk.handler)
    work()
    assert words_of(before) == words_of(mails("rights_letter")[-1])


def test_what_a_handler_has_written_is_in_the_preview_and_in_the_letter(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.ACCESS)
    draft_letter(request=request, kind=Kind.REPLY, paragraphs=["Omat sanat."], actor=desk.handler)
    assert "Omat sanat." in shown(request, previews.grant(request, {}), desk.handler)
    assert "Toiset sanat." in shown(request, previews.reply(request, {"paragraphs": ["Toiset sanat."]}), desk.handler)


def test_the_pdf_that_is_previewed_says_what_the_posted_one_says(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.ACCESS, by_post=True)
    text = previews.show_draft(request=request, draft=previews.grant(request, {}), actor=desk.handler)
    before = text_of(previews.draft_as_pdf(request, text))
    grant(request=request, actor=desk.handler)
    work()
    assert before == text_of(pdf_of(request.letters.get(kind="reply")))
    assert "Jäljennös tiedoistasi on liitteenä paperilla" in before


def test_a_proposal_and_its_decision_are_previewed_with_their_certificate(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.ACCESS)
    given: dict[str, Any] = {
        "outcome": Decision.Outcome.PARTIAL, "ground": "others_rights", "fee": None, "instead": "", "payment": "",
        "rulings": {Right.ACCESS: Ruling(Decision.Outcome.PARTIAL, "others_rights")},
        "keep_reasons": False, **REASONS,
    }  # fmt: skip
    proposed = shown(request, previews.proposal(request, given), desk.handler)
    assert "77 artikla" in proposed
    with pytest.raises(LetterIncomplete):
        shown(request, previews.proposal(request, {**given, "reasons": " "}), desk.handler)
    propose(request=request, outcome=Decision.Outcome.PARTIAL, ground="others_rights", actor=desk.handler, **REASONS)
    give_opinion(request=DataRequest.objects.get(), opinion="Puollan.", actor=desk.officer)
    request = DataRequest.objects.get()
    before = shown(request, previews.decision_as_proposed(request, {}), desk.owner)
    assert "Orvokki Salo" in before
    decide(request=request, actor=desk.owner)
    work()
    assert words_of(before) == words_of(mails("rights_letter")[-1])


def test_questions_and_extensions_are_previewed_as_they_leave(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, proved=False)
    request = triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    before = shown(request, previews.question(request, {"question": "Kuka?"}), desk.handler)
    request = ask_about_identity(request=request, doubt="Eri nimi.", question="Kuka?", actor=desk.handler)
    assert words_of(before) == words_of(mails("rights_letter")[-1])
    propose_extension(request=request, reasons="Paljon.", actor=desk.handler)
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    before = shown(request, previews.extension(request, {"reasons": "Paljon."}), desk.owner)
    extend(request=request, reasons="Paljon.", actor=desk.owner)
    assert words_of(before) == words_of(mails("rights_letter")[-1])


def test_a_preview_leaves_nothing_but_its_look_in_the_ledger(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.ACCESS)
    letters, messages = request.letters.count(), ServiceMessage.objects.count()
    given = {"paragraphs": ["Peruste on poistunut."], "lift_on": timezone.localdate()}
    shown(request, previews.lifting(request, given), desk.handler)
    assert (request.letters.count(), ServiceMessage.objects.count()) == (letters, messages)
    row = LedgerRow.objects.latest("pk")
    assert (row.verb, row.facts["kind"]) == ("rights.show_draft", "lifting")
