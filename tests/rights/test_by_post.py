"""What goes by post: acknowledgements and answers of people without a mailbox, and the copy with its enclosures."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from django.utils import timezone
from pypdf import PdfReader

from luvalla.ledger.actions import Subject
from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.models import ServiceMessage
from luvalla.paper.days import OF_A_CASE
from luvalla.paper.errors import ItemHeld, ItemPosted
from luvalla.paper.models import PaperItem
from luvalla.paper.printing import print_pdf
from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.steps import collect, note_identity, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.cases import Said
from luvalla.rights.clocks import was_late
from luvalla.rights.copies.on_paper import copy_on_paper, files_left_out
from luvalla.rights.errors import StepRefused
from luvalla.rights.finishing import post_to
from luvalla.rights.links import make_link
from luvalla.rights.models import DataRequest, SecureLink, Task
from luvalla.rights.tasks import follow_up
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right, State
from tests.rights.test_returned import OWN_WORDS, answered
from tests.support.pdf import text_of
from tests.support.requests import MAIJA, Desk, answer_paper, mails, work

CHANNEL = DataRequest.Channel
LETTER = b"%PDF-1.7"


def came(desk: Desk, channel: str, *, address: str = "", by_post: bool = False, **told: str) -> DataRequest:
    """Write down a request that did not come by mail or form."""
    said = Said(address=address, **told)
    arrival = Arrival(channel=CHANNEL(channel), language="fi", said=said, rights=[Right.ACCESS], by_post=by_post)
    return receive_request(arrival=arrival, address=normalise(address) if address else None, actor=desk.clerk)


def answered_by_post(desk: Desk) -> DataRequest:
    """Answer a known customer who wants the answer on paper."""
    request = came(desk, "letter", address=MAIJA, by_post=True, name="Maija Malli", postal="Mallikuja 1\n00001 Mallila")
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    note_identity(request=request, level=2, how="Tunnettu osoite", actor=desk.handler)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    return DataRequest.objects.get()


def printed(request: DataRequest, raw: bytes, desk: Desk) -> PaperItem:
    about = Subject(OF_A_CASE, str(request.ref))
    item, _ = print_pdf(
        raw=raw, kind=PaperItem.Kind.CASE, about=about, actor=desk.handler, purpose="request", reason="Postiin"
    )
    return item


@pytest.mark.parametrize(
    ("channel", "told", "letters"),
    [
        ("letter", {"postal": "Mallikuja 1"}, 1),
        ("visit", {"name": "Veikko Vanha"}, 1),
        ("phone", {"name": "Veikko Vanha"}, 0),
        ("phone", {"postal": "Mallikuja 1"}, 1),
    ],
)
def test_whoever_has_no_mailbox_is_acknowledged_on_paper_where_a_letter_can_reach_them(
    desk: Desk, channel: str, told: dict[str, str], letters: int
) -> None:
    request = came(desk, channel, **told)
    posting = request.tasks.filter(kind=Task.Kind.POST, about="acknowledgement")
    assert (request.letters.count(), posting.count()) == (letters, letters)
    assert all(each.due_on == timezone.localdate() + timedelta(days=3) for each in posting)
    assert mails() == []


def test_an_acknowledgement_that_waits_to_be_posted_holds_up_no_decision_and_falls_away_with_the_answer(
    desk: Desk, maija: Contact
) -> None:
    request = came(desk, "visit", name="Veikko Vanha")
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    note_identity(request=request, level=2, how="Asiakasnumero", actor=desk.handler)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    request = DataRequest.objects.get()
    assert request.state == State.NO_DATA
    DataRequest.objects.update(state=State.DRAFTED)
    grant(request=request, actor=desk.handler)
    work()
    assert request.tasks.get(about="acknowledgement").result == "not_needed"


def test_the_copy_is_enclosed_and_the_case_ends_on_the_day_the_last_of_it_was_posted(
    desk: Desk, maija: Contact
) -> None:
    request = answered_by_post(desk)
    letter = request.letters.get(kind="reply")
    said = text_of(pdf_of(letter))
    assert "Jäljennös tiedoistasi on liitteenä paperilla" in said
    assert "/r/d/" not in said
    assert mails("rights_letter") == []
    copy = copy_on_paper(request)
    assert MAIJA in text_of(copy)
    items = [printed(request, raw, desk) for raw in (pdf_of(letter), copy)]
    posted = timezone.localdate()
    with time_machine.travel(timezone.now() + timedelta(days=40), tick=False):
        for about, item in zip(("reply", "copy"), items, strict=True):
            task = request.tasks.get(about=about)
            finish_task(task=task, result="done", posted_on=posted, prints=[item], actor=desk.handler)
        follow_up()
        request.refresh_from_db()
        letter.refresh_from_db()
        assert request.state == State.CLOSED
        assert not was_late(request)
    assert request.replied_at is not None
    assert timezone.localdate(request.replied_at) == posted
    assert (letter.state, timezone.localdate(letter.sent_at)) == ("sent", posted)


def test_an_answer_that_came_back_is_written_anew_once_a_postal_address_is_known(desk: Desk, maija: Contact) -> None:
    request = answered(desk)
    ServiceMessage.objects.filter(ref=request.letters.get(kind="reply").message_ref).update(state="failed")
    follow_up()
    work()
    first = request.letters.filter(kind="reply").latest("pk")
    assert first.by_post
    assert "Mallikuja" not in text_of(pdf_of(first))
    with pytest.raises(StepRefused):
        post_to(request=request, name="", postal="Mallikuja 1", actor=desk.clerk)
    post_to(request=request, name="Maija Malli", postal="Mallikuja 1\n00001 Mallila", actor=desk.handler)
    work()
    anew = request.letters.filter(kind="reply").latest("pk")
    said = text_of(pdf_of(anew))
    assert "Mallikuja 1" in said
    assert OWN_WORDS in said
    assert sorted(request.tasks.filter(kind="post", done_at=None).values_list("about", flat=True)) == ["copy", "reply"]
    for task in request.tasks.filter(done_at=None):
        finish_task(task=task, result="done", actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert not request.tasks.filter(done_at=None).exists()


def test_a_print_that_was_posted_is_out_of_the_house_and_described_no_more(desk: Desk, maija: Contact) -> None:
    request = answered_by_post(desk)
    item = printed(request, copy_on_paper(request), desk)
    task = request.tasks.get(about="copy")
    with pytest.raises(ItemHeld):
        finish_task(task=task, result="done", prints=[item], actor=desk.owner)
    task.refresh_from_db()
    assert task.done_at is None
    finish_task(task=task, result="done", prints=[item], actor=desk.handler)
    item.refresh_from_db()
    assert (item.holder, item.place, bytes(item.sealed), bytes(item.folded)) == (None, None, b"", b"")
    assert [each.what for each in item.events.order_by("pk")] == ["made", "posted"]
    other = request.tasks.get(about="reply")
    with pytest.raises(ItemPosted):
        finish_task(task=other, result="done", prints=[item], actor=desk.handler)


def test_enclosures_that_can_be_printed_follow_the_copy_and_the_others_are_named(desk: Desk, maija: Contact) -> None:
    request = answered_by_post(desk)
    copy = copy_on_paper(request)
    made, docx = BytesIO(), BytesIO()
    with ZipFile(docx, "w") as opened:
        opened.writestr("word/document.xml", "<w/>")
    with ZipFile(made, "w") as pack:
        pack.writestr(f"{request.number}.pdf", copy)
        pack.writestr("files/requests-1-files-1.txt", "Liitteen sanat")
        pack.writestr("files/requests-1-files-2.docx", docx.getvalue())
        pack.writestr("files/requests-1-files-3.pdf", LETTER + b" broken")
    make_link(request, SecureLink.Kind.DELIVER, content=made.getvalue(), actor=SYSTEM)
    whole = copy_on_paper(request)
    assert "Liitteen sanat" in text_of(whole)
    assert len(PdfReader(BytesIO(whole)).pages) == len(PdfReader(BytesIO(copy)).pages) + 1
    assert files_left_out(request) == ["requests-1-files-2.docx", "requests-1-files-3.pdf"]


def test_a_day_of_posting_that_is_long_past_counts_for_the_clock(desk: Desk, maija: Contact) -> None:
    request = answered_by_post(desk)
    late = request.due_on + timedelta(days=1)
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        for each in request.tasks.filter(done_at=None):
            finish_task(task=each, result="done", posted_on=late, actor=desk.handler)
        follow_up()
        request.refresh_from_db()
        assert was_late(request)
        assert timezone.localdate(request.replied_at) == late
    assert late > date(2026, 1, 1)
