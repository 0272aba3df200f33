"""The checks the rights desk contributes to the claims of the notice: each looks at the running system as it is."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from luvalla.organisation.models import Controller, Disclosee
from luvalla.register.disclosee_notices import untold
from luvalla.register.models import ChangeToTell, Contact
from luvalla.rights import canary
from luvalla.rights.actions.letters import ACKNOWLEDGED_BY_POST, can_be_written_to
from luvalla.rights.copies.portability import (
    FIELDS,
    NotPortable,
    Portable,
    as_json,
    is_ours,
    portable_of,
    read_portable,
    schema,
)
from luvalla.rights.disclosees import NOTED
from luvalla.rights.errors import LetterIncomplete
from luvalla.rights.grounds import LIMITS
from luvalla.rights.letters.texts import LANGUAGES
from luvalla.rights.letters.writing import Kind, write
from luvalla.rights.models import CaseEvent, DataRequest, Decision, Hold, StoreSearch, Task
from luvalla.rules.case_states import Right, State
from luvalla.rules.due_dates import day_of_arrival, due_date, extended_due_date
from luvalla.rules.ports import Claim, Finding, Verdict, claims, intakes

UNNECESSARY: Final = ("signature", "signed", "personal_code", "identity_document")
"""What a request may never have to hold (GDPR 5(1)(c), 12(6))."""
ACKNOWLEDGED_WITHIN: Final = timedelta(hours=1)
TOLD_WITHIN: Final = timedelta(days=30)
FOUND_WITHIN: Final = timedelta(hours=24)
LOOKED_AT: Final = 20
"""How many of the newest people's documents are made to see that they come back."""
ENDED: Final = (State.REPLIED, State.CLOSED, State.COMPLAINT)


def rights_mailbox_lives() -> Finding:
    """S4: the week's message to the own mailbox has come back as a case within a day."""
    sent, arrived = canary.last_sent(), canary.last_arrived()
    now = timezone.now()
    figures = {"sent": _moment(sent), "arrived": _moment(arrived)}
    if sent is None:
        return Finding(Verdict.UNKNOWN, figures)
    if arrived is not None and arrived >= sent - timedelta(minutes=1):
        is_fresh = now - sent < canary.EVERY + canary.WITHIN
        return Finding(Verdict.HOLDS if is_fresh else Verdict.UNKNOWN, figures)
    return Finding(Verdict.BROKEN if now - sent > canary.WITHIN else Verdict.UNKNOWN, figures)


def anybody_may_ask_in_any_way() -> Finding:
    """S37: every channel opens a case with its clock, acknowledged at once, and nothing has to be signed."""
    rows = list(DataRequest.objects.filter(is_canary=False).order_by("-pk")[:2000])
    late = timezone.now() - ACKNOWLEDGED_WITHIN
    silent = [each for each in rows if _awaits_word(each) and each.receipt_at < late and not _was_answered(each)]
    return Finding.counted(
        {
            "columns_asking_too_much": len(_columns_asking_too_much()),
            "wrong_clocks": sum(_clock_is_wrong(each) for each in rows),
            "not_acknowledged": len(silent),
            "mail_not_taken": int("rights" not in intakes.names()),
        },
        {"requests": len(rows)},
    )


def data_can_be_taken_along() -> Finding:
    """S39: what is exported fits the published schema, and another instance reads the same out of it.

    Looked at are an example and what the newest people who asked for it take along, made anew from what was found.
    """
    asked = _taken_along()
    documents = [_example(), *map(portable_of, asked)]
    written = [as_json(each) for each in documents]
    published = schema()
    permission = published["properties"]["permissions"]["items"]
    return Finding.counted(
        {
            "not_read_back": sum(not _comes_back(each, made) for each, made in zip(documents, written, strict=True)),
            "fields_not_in_schema": len(set(FIELDS) ^ set(permission["required"])),
            "keys_not_in_schema": sum(len(set(published["required"]) ^ _keys_of(each)) for each in written),
        },
        {"requests": len(asked)},
    )


def corrections_are_told() -> Finding:
    """S40: each correction was told to everybody who has the data: acknowledged, or impossible for a reason.

    So was what has changed outside a case: nothing waits for its disclosees to be found, or for any of these too long.
    """
    late = timezone.now() - TOLD_WITHIN
    corrected = DataRequest.objects.filter(events__kind="carried_out", events__after=Right.RECTIFICATION).distinct()
    notices = Task.objects.filter(request__in=corrected, kind=Task.Kind.NOTICE)
    waiting = notices.filter(done_at=None, created_at__lt=late).count()
    unexplained = notices.filter(result="impossible", sealed=b"", request__minimised_at=None).count()
    return Finding.counted(
        {
            "waiting_too_long": waiting,
            "untold_outside_cases": untold().filter(created_at__lt=late).count(),
            "disclosees_not_found": ChangeToTell.objects.filter(at__lt=timezone.now() - FOUND_WITHIN).count(),
            "impossible_without_reason": unexplained,
            "not_told": _not_told(),
            "without_notice": sum(not _has_notice(each) for each in notices.select_related("request")),
        },
        {"corrections": corrected.count(), "told": notices.exclude(done_at=None).count()},
    )


def refusals_have_their_certificate() -> Finding:
    """S41: a certificate can be issued only with its reasons and remedies, and every refusal has one."""
    refused = Decision.objects.exclude(outcome=Decision.Outcome.GRANT).exclude(decided_at=None)
    answered = refused.filter(request__state__in=ENDED).exclude(request__folded=b"")
    without = [each for each in answered.select_related("request") if not _has_certificate(each)]
    return Finding.counted(
        {
            "incomplete_texts": sum(not _is_complete(language, ground) for language in LANGUAGES for ground in LIMITS),
            "without": len(without),
        },
        {"refusals": refused.count()},
    )


def holds_have_ground_and_end() -> Finding:
    """S44: what another system keeps has a ground and an end, and holds nothing in this register."""
    open_ones = Hold.objects.filter(ended_at=None).select_related("request")
    groundless = open_ones.filter(ground="").count()
    endless = open_ones.filter(ends="", ends_on=None).count()
    erased = [each for each in open_ones if Right.ERASURE in each.request.chosen and each.request.identity > 0]
    kept = sum(Contact.objects.filter(folded=bytes(each.request.folded)).exists() for each in erased)
    return Finding.counted(
        {"without_ground": groundless, "without_end": endless, "kept_here": kept}, {"holds": open_ones.count()}
    )


TESTS: Final = "tests/rights/test_claims.py::"
CLAIMS: Final = (
    Claim("S4", rights_mailbox_lives, TESTS + "test_a_mailbox_that_died_breaks_s4"),
    Claim("S37", anybody_may_ask_in_any_way, TESTS + "test_a_signature_that_is_required_breaks_s37"),
    Claim("S39", data_can_be_taken_along, TESTS + "test_a_broken_schema_breaks_s39"),
    Claim("S40", corrections_are_told, TESTS + "test_a_correction_nobody_was_told_of_breaks_s40"),
    Claim("S41", refusals_have_their_certificate, TESTS + "test_a_certificate_without_its_remedy_breaks_s41"),
    Claim("S44", holds_have_ground_and_end, TESTS + "test_a_hold_that_keeps_the_row_here_breaks_s44"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="minutes") if at else ""


def _columns_asking_too_much() -> list[str]:
    look = connection.introspection
    with connection.cursor() as cursor:
        tables = [each for each in look.table_names(cursor) if each.startswith("rights_")]
        names = [column.name for table in tables for column in look.get_table_description(cursor, table)]
    return [name for name in names if any(word in name for word in UNNECESSARY)]


def _clock_is_wrong(request: DataRequest) -> bool:
    day = day_of_arrival(request.receipt_at)
    expected = (day, due_date(day), extended_due_date(day))
    return (request.receipt_date, request.due_on, request.extended_due_on) != expected


def _awaits_word(request: DataRequest) -> bool:
    """Tell whether there is a mailbox or a letter to acknowledge a request by; of an old case that isn't known."""
    return bool(request.folded) or (request.minimised_at is None and can_be_written_to(request))


def _was_answered(request: DataRequest) -> bool:
    """Tell whether anything went out; a mailbox that had three acknowledgements that day gets no more.

    One that was held in a flood waits for people for as many days as a letter may take; one they dropped is settled.
    """
    if (
        request.acknowledgement == DataRequest.Acknowledgement.DROPPED
        or request.letters.exclude(issued_at=None).exists()
    ):
        return True
    is_held = request.acknowledgement == DataRequest.Acknowledgement.HELD
    if is_held and request.receipt_at > timezone.now() - ACKNOWLEDGED_BY_POST:
        return True
    if not request.folded:
        return False
    others = DataRequest.objects.filter(folded=request.folded, receipt_date=request.receipt_date)
    return others.filter(letters__kind=Kind.ACKNOWLEDGEMENT).exists()


def _example() -> Portable:
    """Make a copy of nobody's data."""
    return Portable(
        controller="Esimerkki",
        made_at=timezone.now().isoformat(),
        address="joku@example.com",
        language="fi",
        permissions=({**dict.fromkeys(FIELDS, "x"), "kind": "consent", "purposes": ["news"], "since": None},),
        prohibitions=("research",),
    )


def _taken_along() -> list[DataRequest]:
    """Give the newest requests to take data along whose finds are still kept."""
    found = StoreSearch.objects.filter(store="register", request=OuterRef("pk"))
    asked = DataRequest.objects.filter(Exists(found), rights__contains=Right.PORTABILITY, minimised_at=None)
    return list(asked.order_by("-pk")[:LOOKED_AT])


def _comes_back(portable: Portable, document: bytes) -> bool:
    try:
        return is_ours(document) and read_portable(document) == portable
    except NotPortable:
        return False


def _keys_of(document: bytes) -> set[str]:
    return set(json.loads(document))


def _not_told() -> int:
    """Count the corrections that were answered although fewer were told than have the data."""
    events = CaseEvent.objects.filter(kind="others_told", request__state__in=ENDED).select_related("request")
    return sum(
        each.request.tasks.filter(kind=Task.Kind.NOTICE).count() < int(each.after or 0) or _misses_a_disclosee(each)
        for each in events
        if Right.RECTIFICATION in each.request.chosen
    )


def _misses_a_disclosee(told: CaseEvent) -> bool:
    """Tell whether fewer notices were written than there are disclosees to whom the data was disclosed."""
    request = told.request
    noted = request.events.filter(kind=NOTED, pk__lt=told.pk).order_by("-pk").first()
    wanted = int(noted.after) if noted is not None else 0
    return request.letters.filter(kind=Kind.DISCLOSEE).count() < wanted


def _has_notice(task: Task) -> bool:
    """Tell whether a disclosee's task has its letter; a source is told by its own notice."""
    if not Disclosee.objects.filter(name=task.about).exists():
        return True
    return task.request.letters.filter(kind=Kind.DISCLOSEE, about=task.about).exclude(pdf_hash="").exists()


def _has_certificate(decision: Decision) -> bool:
    kinds = (Kind.CERTIFICATE, Kind.PARTIAL)
    return decision.request.letters.filter(kind__in=kinds).exclude(pdf_hash="").exists()


def _is_complete(language: str, ground: str) -> bool:
    """Try to write a certificate of a ground in a language; one that lacks a part can't be written."""
    if not Controller.objects.exists():
        return True
    day = timezone.localdate()
    request = DataRequest(
        number="0", language=language, rights=Right.ACCESS.value, receipt_date=day, due_on=day, extended_due_on=day
    )
    decision = Decision(outcome=Decision.Outcome.REFUSE, ground=ground)
    told = {"facts": "…", "reasons": "…"}
    try:
        text = write(Kind.CERTIFICATE, request, paragraphs=["…"], decision=(decision, told))
    except (LetterIncomplete, KeyError):
        return False
    said = dict(text.parts)
    return "77" in said["complaint"] and "79" in said["remedy"]
