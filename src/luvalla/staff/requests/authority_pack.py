"""The documents for an authority that asks about a request: one ZIP with the case, its letters, files and ledger rows.

Everything that is opened for it is a look with its own row in the ledger.
"""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import translation
from django.utils.translation import pgettext

from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.authorities import authority
from luvalla.organisation.queries import the_controller
from luvalla.paper.printing import Part, typeset_parts
from luvalla.rights.actions.complaints import keep_pack
from luvalla.rights.clocks import clocks_of
from luvalla.rights.files import ending_of
from luvalla.rights.letters.writing import contact_of
from luvalla.rights.models import Complaint, DataRequest, Letter
from luvalla.rights.reading import show_file, show_letter
from luvalla.staff.formats import day, exact_moment, language, moment
from luvalla.staff.ledger.sentences import sentences_of
from luvalla.staff.requests.printed import parts_of
from luvalla.staff.requests.words import LETTER_STATES, LETTERS


def make_pack(complaint: Complaint, actor: Actor) -> Complaint:
    """Gather the documents in the controller's own language, and keep them sealed with the complaint."""
    with translation.override(the_controller().default_language):
        files = {f"{complaint.request.number}.pdf": _document(complaint, actor), **_enclosures(complaint, actor)}
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return keep_pack(complaint=complaint, content=made.getvalue(), actor=actor)


def _document(complaint: Complaint, actor: Actor) -> bytes:
    case, controller = complaint.request, the_controller()
    parts = [
        Part(pgettext("requests", "Complaint"), facts=_about(complaint)),
        *parts_of(case, actor),
        Part(pgettext("requests", "Due dates"), facts=_clocks(case)),
        Part(pgettext("requests", "Letters"), lines=[_letter_line(each) for each in _letters(case)]),
        Part(pgettext("requests", "From the ledger"), lines=_ledger_lines(case)),
    ]
    return typeset_parts(
        title=pgettext("requests", "Request %(number)s, for the authority") % {"number": case.number},
        parts=[each for each in parts if each.facts or each.lines],
        language=language(),
        sender=[controller.name, controller.business_id, contact_of(controller)],
        foot=f"{controller.name} · {case.number}",
    )


def _enclosures(complaint: Complaint, actor: Actor) -> dict[str, bytes]:
    """Give the letters, the files that came with the request, and its rows of the ledger; names say nothing."""
    case = complaint.request
    letters = {
        f"letters/{number:02}-{each.kind}.pdf": show_letter(letter=each, actor=actor)
        for number, each in enumerate(_letters(case), start=1)
    }
    opened = [show_file(file=each, actor=actor).content for each in case.attachments.order_by("pk")]
    files = {f"files/{number:02}.{ending_of(each)}": each for number, each in enumerate(opened, start=1)}
    return {**{name: pdf for name, pdf in letters.items() if pdf}, **files, "ledger.json": _ledger(case)}


def _about(complaint: Complaint) -> list[tuple[str, str]]:
    rows = [
        (pgettext("requests", "Authority"), authority(complaint.authority).names[language()]),
        (pgettext("requests", "Its reference"), complaint.reference),
        (pgettext("requests", "Reached us"), day(complaint.received_on)),
        (pgettext("requests", "To be answered by"), day(complaint.answer_by) if complaint.answer_by else ""),
    ]
    return [each for each in rows if each[1]]


def _clocks(case: DataRequest) -> list[tuple[str, str]]:
    clocks = clocks_of(case)
    rows = [
        (pgettext("requests", "Arrived"), exact_moment(case.receipt_at)),
        (pgettext("requests", "Due by the first clock"), day(clocks.first)),
        (pgettext("requests", "Due by the second clock"), day(clocks.second)),
        (pgettext("requests", "Extended"), moment(case.extended_at) if case.extended_at else ""),
        (pgettext("requests", "Marketing stopped at once"), exact_moment(case.blocked_at) if case.blocked_at else ""),
        (pgettext("requests", "Answered"), moment(case.replied_at) if case.replied_at else ""),
        (pgettext("requests", "Opened again"), day(case.reopened_on) if case.reopened_on else ""),
    ]
    return [each for each in rows if each[1]]


def _letters(case: DataRequest) -> list[Letter]:
    return list(case.letters.exclude(issued_at=None).order_by("issued_at", "pk"))


def _letter_line(letter: Letter) -> str:
    state = LETTER_STATES[letter.state]
    way = pgettext("requests", "by post") if letter.by_post else pgettext("requests", "by e-mail")
    assert letter.issued_at is not None
    return f"{moment(letter.issued_at)}: {LETTERS[letter.kind]}, {way}, {state}. SHA-256 {letter.pdf_hash}"


def _rows(case: DataRequest) -> list[LedgerRow]:
    rows = LedgerRow.objects.filter(subject_kind="request", subject_ref=str(case.ref))
    return list(rows.select_related("seal").order_by("pk"))


def _ledger_lines(case: DataRequest) -> list[str]:
    return [f"{exact_moment(each.at)}: {each.who}: {each.what}" for each in sentences_of(_rows(case))]


def _ledger(case: DataRequest) -> bytes:
    """Give the rows as they stand, each with its link of the chain, so that they can be held against the ledger."""
    rows = [
        {
            "number": each.pk,
            "at": each.at.isoformat(),
            "actor": each.actor,
            "verb": each.verb,
            "purpose": each.purpose,
            "reason": each.reason,
            "facts": each.facts,
            "link": bytes(each.seal.link).hex() if hasattr(each, "seal") else "",
        }
        for each in _rows(case)
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()
