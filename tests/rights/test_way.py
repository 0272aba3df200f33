from __future__ import annotations

import io
import json
from zipfile import ZipFile

from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.links import token_of, use_link
from luvalla.rights.models import DataRequest, SecureLink
from luvalla.rules.case_states import Right
from tests.support.requests import MAIJA, Desk, answer_paper, ask, let_arrive, mails, work


def test_a_request_for_a_copy_goes_from_the_form_to_the_closed_case(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, text="Mitä tietoja minusta on?")
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    request.refresh_from_db()
    assert request.state == "drafted"
    answer_paper(request, desk.custodian)
    grant(request=request, actor=desk.handler)
    work()
    request.refresh_from_db()
    assert request.state == "replied"
    let_arrive()
    request.refresh_from_db()
    assert request.state == "closed"
    link = SecureLink.objects.get(request=request, kind="deliver")
    delivered = use_link(token=token_of(link), kind=SecureLink.Kind.DELIVER)
    assert delivered is not None
    with ZipFile(io.BytesIO(delivered[1])) as opened:
        names = sorted(opened.namelist())
        copy = json.loads(opened.read(names[0]))
    assert names == [f"{request.number}.json", f"{request.number}.pdf"]
    contact = next(item for store in copy["stores"] for item in store["items"] if item["kind"] == "contact")
    assert contact["content"]["address"] == MAIJA
    assert use_link(token=token_of(link), kind=SecureLink.Kind.DELIVER) is None
    assert DataRequest.objects.get().replied_at is not None
    assert mails() == []
