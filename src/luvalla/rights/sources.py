"""The sources of a person's data: each is told of what was carried out; its task ends once it has heard (GDPR 19)."""

from __future__ import annotations

from collections.abc import Collection

from luvalla.ledger.actors import SYSTEM
from luvalla.organisation.queries import the_controller
from luvalla.register.models import Source
from luvalla.register.source_notices import open_notices
from luvalla.rights.actions.steps import AT_ONCE
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.letters.writing import Kind
from luvalla.rights.models import DataRequest, Task
from luvalla.rules.case_states import Right


def sources_to_tell(request: DataRequest, granted: Collection[Right]) -> list[str]:
    """Name the sources for which a notice waits. An objection's are seen to with the other notices to the source."""
    return [] if set(granted) <= AT_ONCE else list(_waiting(request))


def note_sources_told(request: DataRequest) -> int:
    """Finish the tasks of sources that have fetched their notices and handled them; tell how many."""
    by_letter = request.letters.filter(kind=Kind.DISCLOSEE).values("about")
    tasks = request.tasks.filter(kind=Task.Kind.NOTICE, about__in=list(_names()), done_at=None)
    tasks = tasks.exclude(about__in=by_letter)
    if not tasks.exists():
        return 0
    heard = list(tasks.exclude(about__in=_waiting(request)))
    for task in heard:
        finish_task(task=task, result="done", actor=SYSTEM)
    return len(heard)


def _waiting(request: DataRequest) -> dict[str, None]:
    folded = bytes(request.folded)
    waiting = open_notices().filter(folded=folded) if folded else ()
    names = _names()
    return dict.fromkeys(name for each in waiting for name, source in names.items() if source == each.source_id)


def _names() -> dict[str, int]:
    """Give each source's number by its name, in the language of the house: tasks are read by all who work there."""
    language = the_controller().default_language
    return {each.name_in(language): each.pk for each in Source.objects.filter(is_sign_up=False)}
