"""Letters as their readers get them: who signs, where an answer goes, what was done, and where a link stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import ServiceMessage
from luvalla.mailroom.service_messages import COLUMN
from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import decide, give_opinion, grant, propose, propose_extension
from luvalla.rights.actions.decisions import extend as extend_time
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.restrictions import announce_lifting
from luvalla.rights.actions.steps import ask_about_identity, collect, triage
from luvalla.rights.errors import CarriedOutAlready, LetterIncomplete
from luvalla.rights.letters.forms import as_pdf
from luvalla.rights.letters.texts import LANGUAGES, texts
from luvalla.rights.letters.writing import Kind, write
from luvalla.rights.models import DataRequest, Decision
from luvalla.rules.case_states import Right
from tests.support.pdf import text_of
from tests.support.requests import MAIJA, Desk, answer_paper, ask, mails, work
from tests.support.world import World

pytestmark = pytest.mark.django_db
RIGHTS_MAILBOX = "tietosuojavastaava@esimerkkienergia.example"


def drafted(desk: Desk, *rights: Right, language: str = "fi", **told: object) -> DataRequest:
    """Bring a request to its draft."""
    request = ask(*rights, language=language, **told)
    triage(request=request, rights=rights, actor=desk.clerk)
    collect(request=request, actor=desk.handler)
    work()
    if request.tasks.filter(kind="paper").exists():
        answer_paper(request, desk.custodian)
    request.refresh_from_db()
    return request


def granted(desk: Desk, *rights: Right, language: str = "fi", **told: object) -> str:
    """Grant a request and give its answer."""
    grant(request=drafted(desk, *rights, language=language, **told), actor=desk.handler)
    work()
    return mails("rights_letter")[-1]


def raw_mails() -> Sequence[bytes]:
    """Open the waiting mails with their headers."""
    rows = ServiceMessage.objects.exclude(sealed=b"").order_by("pk")
    return [sealer().open(bytes(each.sealed), column=COLUMN, token=bytes(each.folded)) for each in rows]


def test_a_link_goes_to_the_mailbox_and_never_into_the_pdf_that_staff_open(desk: Desk, maija: Contact) -> None:
    unproved = ask(Right.ACCESS, proved=False)
    assert "/r/p/" in mails("rights_acknowledgement")[-1]
    shown = text_of(pdf_of(unproved.letters.get(kind="acknowledgement")))
    assert "Linkki lähetettiin rekisteröityyn" in shown
    assert "/r/p/" not in shown

    answer = granted(desk, Right.PORTABILITY)
    assert "Nouda tietosi tästä linkistä" in answer
    assert "/r/d/" in answer
    request = DataRequest.objects.latest("pk")
    assert "/r/d/" not in text_of(pdf_of(request.letters.get(kind="reply")))


def test_an_answer_to_a_letter_reaches_the_rights_mailbox(desk: Desk, maija: Contact) -> None:
    ask(Right.ACCESS)
    assert f"\r\nReply-To: {RIGHTS_MAILBOX}\r\n".encode() in raw_mails()[-1]


def test_the_handler_who_granted_signs_by_name(desk: Desk, maija: Contact) -> None:
    answer = granted(desk, Right.RESTRICTION)
    assert "Jari Koskela, käsittelijä\r\nEsimerkki Energia Oy" in answer
    assert "Kerromme sinulle, ennen kuin rajoitus puretaan." in answer


def test_the_owner_who_decided_signs_the_certificate(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.RECTIFICATION, new_address="maija.uusi@esimerkki.fi", language="en")
    proposal = {"ground": "accurate", "facts": "Checked.", "reasons": "It is right.", "actor": desk.handler}
    propose(request=request, outcome=Decision.Outcome.REFUSE, **proposal)
    give_opinion(request=request, opinion="Yes.", actor=desk.officer)
    decide(request=request, actor=desk.owner)
    work()
    assert "Orvokki Salo, register owner" in text_of(pdf_of(request.letters.get(kind="certificate")))


def test_nobody_signs_what_the_program_writes_by_itself(desk: Desk, maija: Contact) -> None:
    ask(Right.ACCESS, language="sv")
    assert "\r\n\r\nAutomatiskt meddelande\r\nEsimerkki Energia Oy" in mails("rights_acknowledgement")[-1]


@pytest.mark.parametrize(
    ("right", "said"),
    [
        (Right.ERASURE, "Jäljelle jää tunniste, jotta osoitteesi ei palaa itsestään."),
        (Right.ANONYMISATION, "Muutosta ei voi perua."),
    ],
)
def test_the_answer_says_what_was_done(right: Right, said: str, desk: Desk, maija: Contact) -> None:
    assert said in granted(desk, right)


@pytest.mark.parametrize(
    ("told", "said"), [({"keep_token": True}, "Jäljelle jää tunniste"), ({"keep_token": False}, "myös tunniste")]
)
def test_the_answer_to_whoever_is_forgotten_says_what_became_of_the_token(
    told: dict[str, bool], said: str, desk: Desk, maija: Contact
) -> None:
    assert said in granted(desk, Right.FORGETTING, **told)


def test_what_was_carried_out_at_once_is_not_refused_as_a_whole(desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.ERASURE)
    proposal = {"ground": "legal_claims", "facts": "Riita on kesken.", "reasons": "Todisteeksi.", "actor": desk.handler}
    with pytest.raises(CarriedOutAlready):
        propose(request=request, outcome=Decision.Outcome.REFUSE, **proposal)
    assert propose(request=request, outcome=Decision.Outcome.PARTIAL, **proposal).pk


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_an_extension_says_which_request_it_is_about_and_why(language: str, desk: Desk, maija: Contact) -> None:
    request = drafted(desk, Right.ACCESS, language=language)
    with pytest.raises(LetterIncomplete):
        write(Kind.EXTENSION, request, paragraphs=[" "])
    propose_extension(request=request, reasons="Aineistoa on paljon.", actor=desk.handler)
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    extend_time(request=request, reasons="Aineistoa on paljon.", actor=desk.owner)
    said = mails("rights_letter")[-1]
    right = texts(language)["rights"][Right.ACCESS]
    assert said.index(right) < said.index("Aineistoa on paljon.") < said.index("Orvokki Salo, ")


def test_a_question_and_a_notice_before_lifting_say_how_to_answer(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, address="toinen@esimerkki.fi", proved=False)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    ask_about_identity(request=request, doubt="Kaksi samannimistä.", question="Minä vuonna muutit?", actor=desk.handler)
    asked = mails("rights_letter")[-1]
    assert re.search(r"Vastaa tähän kirjeeseen tai ota yhteyttä: \S+@\S+, 010 000 0000\.", asked)
    granted(desk, Right.RESTRICTION)
    announce_lifting(request=DataRequest.objects.latest("pk"), lift_on=timezone.localdate(), actor=desk.handler)
    assert f"vastaa tähän kirjeeseen tai ota yhteyttä ({RIGHTS_MAILBOX}" in mails("rights_letter")[-1]


def test_a_link_that_does_not_work_speaks_the_browsers_language(desk: Desk, maija: Contact) -> None:
    ask(Right.ACCESS, address=MAIJA, language="sv", proved=False)
    path = re.findall(r"/r/p/\S+", mails("rights_acknowledgement")[-1])[-1]
    client = Client(headers={"Accept-Language": "en-GB"})
    assert b'lang="sv"' in client.get(path).content
    client.post(path)
    assert b"This link does not work any more" in client.get(path).content
    assert b"This link does not work any more" in client.get("/r/p/AAAA").content


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_that_nobody_has_sorted_yet_is_acknowledged_in_whole_sentences(language: str, world: World) -> None:
    ask(address=MAIJA, channel="mail", language=language, proved=False, text="Hei")
    [mail] = mails("rights_acknowledgement")
    assert f": {texts(language)['rights']['none']}" not in mail
    assert re.search(r"/r/p/\S+\r\n\r\n", mail), "an empty line ends the link"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lines", range(0, 14, 2))
def test_whoever_signs_never_stands_alone_on_a_page(language: str, lines: int, world: World) -> None:
    request = ask(Right.ACCESS, language=language)
    pairs = [(f"{number}", "x") for number in range(lines)]
    text = write(Kind.REPLY, request, paragraphs=["x"], pairs=pairs, signer="Orvokki Salo")
    last = PdfReader(BytesIO(as_pdf(text))).pages[-1].extract_text()
    remedy = dict(text.parts)["remedy"].split()
    assert " ".join(remedy[-3:]) in " ".join(last.split())
    assert "Orvokki Salo" in last
