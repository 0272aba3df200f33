"""The documents for an authority that asks about a request: one ZIP with the case, its letters, files and ledger rows.

Everything that is opened for it is a look with its own row in the ledger.
"""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import timezone, translation
from django.utils.translation import pgettext

from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.authorities import authority
from luvalla.organisation.queries import the_controller
from luvalla.paper.printing import Part, typeset_parts
from luvalla.rights.actions.complaints import keep_pack
from luvalla.rights.clocks import clocks_of
from luvalla.rights.errors import FileRefused
from luvalla.rights.files import ending_of
from luvalla.rights.letters.writing import contact_of
from luvalla.rights.models import Complaint, DataRequest, Letter
from luvalla.rights.reading import show_file, show_letter
from luvalla.staff.formats import day, exact_moment, language
from luvalla.staff.ledger.rows import sentences_of
from luvalla.staff.requests.printed import parts_of
from luvalla.staff.requests.words import LETTER_STATES, LETTERS, sentence_of


def make_pack(complaint: Complaint, actor: Actor) -> Complaint:
    """Gather the documents in the controller's own language, and keep them sealed with the complaint."""
    with translation.override(the_controller().default_language):
        came, left_out = _files(complaint.request, actor)
        document = _document(complaint, left_out, actor)
        files = {f"{complaint.request.number}.pdf": document, **_enclosures(complaint.request, actor), **came}
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return keep_pack(complaint=complaint, content=made.getvalue(), actor=actor)


def _document(complaint: Complaint, left_out: list[str], actor: Actor) -> bytes:
    case, controller = complaint.request, the_controller()
    parts = [
        Part(pgettext("requests", "Complaint"), facts=_about(complaint)),
        *parts_of(case, actor),
        Part(pgettext("requests", "Due dates"), facts=_clocks(case)),
        Part(pgettext("requests", "Letters"), lines=_letter_lines(case)),
        Part(pgettext("requests", "Files that came with it"), lines=_file_lines(case)),
        Part(pgettext("requests", "Files that are not enclosed"), lines=left_out),
        Part(pgettext("requests", "From the ledger"), lines=_ledger_lines(case)),
    ]
    return typeset_parts(
        title=pgettext("requests", "Request %(number)s, for the authority") % {"number": case.number},
        parts=[each for each in parts if each.facts or each.lines],
        language=language(),
        sender=[controller.name, controller.business_id, contact_of(controller)],
        foot=f"{controller.name} · {case.number}",
    )


def _enclosures(case: DataRequest, actor: Actor) -> dict[str, bytes]:
    """Give the letters and the request's rows of the ledger; names say nothing."""
    letters = {
        f"letters/{number:02}-{each.kind}.pdf": show_letter(letter=each, actor=actor)
        for number, each in enumerate(_letters(case), start=1)
    }
    return {**{name: pdf for name, pdf in letters.items() if pdf}, "ledger.json": _ledger(case)}


def _files(case: DataRequest, actor: Actor) -> tuple[dict[str, bytes], list[str]]:
    """Give the files that came with the request, and a sentence for each that the virus scanner keeps shut."""
    files, left_out = {}, []
    for number, each in enumerate(case.attachments.order_by("pk"), start=1):
        try:
            content = show_file(file=each, actor=actor).content
        except FileRefused as fault:
            left_out.append(f"{number:02}: {sentence_of(fault)}")
        else:
            files[f"files/{number:02}.{ending_of(content)}"] = content
    return files, left_out


def _about(complaint: Complaint) -> list[tuple[str, str]]:
    rows = [
        (pgettext("requests", "Authority"), authority(complaint.authority).names[language()]),
        (pgettext("requests", "Its reference"), complaint.reference),
        (pgettext("requests", "Reached us"), day(complaint.received_on)),
        (pgettext("requests", "To be answered by"), day(complaint.answer_by) if complaint.answer_by else ""),
        (pgettext("requests", "Documents made"), exact_moment(timezone.now())),
    ]
    return [each for each in rows if each[1]]


def _clocks(case: DataRequest) -> list[tuple[str, str]]:
    """Give the days as an outsider understands them; what our questions have put off is told only where they did."""
    clocks = clocks_of(case)
    put_off = day(clocks.second) if clocks.second != clocks.first else ""
    rows = [
        (pgettext("requests", "Arrived"), exact_moment(case.receipt_at)),
        (pgettext("requests", "Due date"), day(clocks.first)),
        (pgettext("requests", "Due without the days we waited for the person's answer"), put_off),
        (pgettext("requests", "Extended"), exact_moment(case.extended_at) if case.extended_at else ""),
        (pgettext("requests", "Marketing stopped at once"), exact_moment(case.blocked_at) if case.blocked_at else ""),
        (pgettext("requests", "Answered"), exact_moment(case.replied_at) if case.replied_at else ""),
        (pgettext("requests", "Opened again"), day(case.reopened_on) if case.reopened_on else ""),
    ]
    return [each for each in rows if each[1]]


def _letters(case: DataRequest) -> list[Letter]:
    return list(case.letters.exclude(issued_at=None).order_by("issued_at", "pk"))


def _letter_lines(case: DataRequest) -> list[str]:
    return [_letter_line(number, each) for number, each in enumerate(_letters(case), start=1)]


def _letter_line(number: int, letter: Letter) -> str:
    """Tell a letter in a line; its number is that of its file."""
    state = str(LETTER_STATES[letter.state]).lower()
    way = pgettext("requests", "by post") if letter.by_post else pgettext("requests", "by e-mail")
    assert letter.issued_at is not None
    at = exact_moment(letter.issued_at)
    return f"{number:02} · {at}: {LETTERS[letter.kind]}, {way}, {state}. SHA-256 {letter.pdf_hash}"


def _file_lines(case: DataRequest) -> list[str]:
    rows = enumerate(case.attachments.order_by("pk"), start=1)
    return [f"{number:02} · {exact_moment(each.came_at)}: {each.media_type}" for number, each in rows]


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
