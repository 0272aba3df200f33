"""Searching every store for one person: a row a store, so that a search that died goes on and its progress is seen."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from luvalla.ledger.actions import record, record_look
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.paper.models import PaperSearch
from luvalla.rights.actions.moving import move, note_event, subject_of
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.cases import open_json, person_of, seal_json
from luvalla.rights.columns import SEARCH
from luvalla.rights.copies.enclosures import with_files_apart
from luvalla.rights.doers import has_role
from luvalla.rights.errors import ReasonsMissing, StepRefused
from luvalla.rights.holdings import REQUESTS
from luvalla.rights.models import DataRequest, StoreSearch, Task
from luvalla.rules.case_states import State, Who
from luvalla.rules.ports import Person, holdings

OTHERS = "others"
"""Why a thing is left out of the copy: the rights of others (GDPR 15(4))."""


def collect(request: DataRequest) -> DataRequest:
    """Search the stores that have not been searched yet, then say that the request can be drafted.

    Safe to call again; a request that isn't being collected is left alone.
    """
    if request.state != State.COLLECTING:
        return request
    person = person_of(request)
    done = set(request.searches.values_list("store", flat=True))
    for holding in holdings:
        if holding.name not in done:
            _search(request, holding.name, holding.export(person) if person else [])
    return _conclude(request, person)


def progress(request: DataRequest) -> tuple[int, int, int]:
    """Tell how many stores were searched, how many there are, and how many things were found."""
    rows = list(request.searches.values_list("found", flat=True))
    return len(rows), len(holdings.names()), sum(rows)


def found_in(search: StoreSearch) -> list[dict[str, Any]]:
    """Open what was found in a store: kind, ref, at, content, and "withheld" with its reason where it is left out.

    "files" are the files among it by the names that the content has instead, in base64.
    """
    opened: list[dict[str, Any]] = open_json(bytes(search.sealed), column=SEARCH, folded=bytes(search.request.folded))
    return opened


@transaction.atomic
def withhold(*, search: StoreSearch, number: int, note: str, actor: Actor) -> StoreSearch:
    """Leave one thing out of the copy because it would harm the rights of others (GDPR 15(4)); the reason is kept."""
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    if not note.strip():
        raise ReasonsMissing
    row = StoreSearch.objects.select_for_update().select_related("request").get(pk=search.pk)
    found = found_in(row)
    found[number]["withheld"] = note
    row.withheld = sum("withheld" in each for each in found)
    row.sealed = seal_json(found, column=SEARCH, folded=bytes(row.request.folded))
    row.save(update_fields=["withheld", "sealed"])
    note_event(row.request, "withheld", after=row.store, note=note, actor=actor)
    record("rights.withhold", actor=actor, subject=subject_of(row.request), reason=OTHERS, facts={"store": row.store})
    return row


def note_paper(request: DataRequest) -> bool:
    """Take over what the custodian has answered; tell whether the paper task was finished by it."""
    task = request.tasks.filter(kind=Task.Kind.PAPER, done_at=None).first()
    answer = PaperSearch.objects.filter(case_ref=str(request.ref)).exclude(answered_at=None).order_by("-pk").first()
    if task is None or answer is None or answer.answered_at is None or answer.answered_at < task.created_at:
        return False
    items = [str(each) for each in answer.found.all()]
    finish_task(task=task, result="found" if items else "nothing", note=", ".join(items), actor=SYSTEM)
    return True


def _search(request: DataRequest, store: str, found: list[dict[str, object]]) -> None:
    folded = bytes(request.folded)
    others = [each for each in found if store != REQUESTS.name or each["ref"] != str(request.ref)]
    rows = [with_files_apart(each, f"{store.replace(' ', '-')}-{n}") for n, each in enumerate(others, start=1)]
    with transaction.atomic():
        StoreSearch.objects.create(
            request=request,
            store=store,
            found=len(rows),
            sealed=seal_json(rows, column=SEARCH, folded=folded),
        )
        facts = {"store": store, "found": len(rows)}
        record_look("rights.search_store", actor=SYSTEM, subject=subject_of(request), purpose="request", facts=facts)


@transaction.atomic
def _conclude(request: DataRequest, person: Person | None) -> DataRequest:
    found = progress(request)[2]
    after = State.DRAFTED if found and person else State.NO_DATA
    return move(request, after, code=f"found {found}", actor=SYSTEM)
