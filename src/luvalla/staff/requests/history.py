"""What happened to a case, in the words of its page and its print."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.people.queries import user_of_ref
from luvalla.rights.actions.steps import MAILBOX
from luvalla.rights.cases import CONTACT_NOTED
from luvalla.rights.liftings import ANNOUNCED
from luvalla.rights.models import CaseEvent, DataRequest
from luvalla.rights.queries import notes_of
from luvalla.rights.reading import ASKED_AGAIN
from luvalla.staff.formats import day
from luvalla.staff.requests.words import EVENTS, LETTERS, RESULTS, RIGHTS, STATES, task_word

UNSHOWN = frozenset({"rights_chosen", ASKED_AGAIN})
"""Events whose words are codes, or the requester's own: these are read on a page of their own, with its row."""
BY_MAILBOX = pgettext_lazy("requests", "the mailbox answered")


def events_of(case: DataRequest) -> list[dict[str, Any]]:
    """Give what happened to a case, as its page tells it: when, what, about what, who, and what was noted."""
    return [
        {
            "at": each.at,
            "what": EVENTS.get(each.kind) or _step_word(each.kind, each.after),
            "about": _about(each),
            "note": "" if each.kind in UNSHOWN else BY_MAILBOX if note == MAILBOX else note,
            "who": name_of(each.actor),
        }
        for each, note in notes_of(case)
        if each.kind != CONTACT_NOTED  # a number of the register's, which says nothing to its reader
    ]


def _about(event: CaseEvent) -> str | Promise:
    """Name what an event is about: a right, a letter, or the day of a lifting."""
    if event.kind == ANNOUNCED and event.after:
        return day(date.fromisoformat(event.after))
    return RIGHTS.get(event.after) or LETTERS.get(event.after) or ""


def name_of(actor: str) -> str:
    """Name whoever did something; the data subject and the program by their kind."""
    kind, _, ref = actor.partition(":")
    user = user_of_ref(ref) if kind == "person" else None
    if user is not None:
        return str(user)
    named = {"subject": pgettext("actor", "the data subject"), "system": pgettext("actor", "Luvalla")}
    return named.get(kind, "")


def _step_word(kind: str, after: str) -> str:
    if kind.startswith("task_"):
        return f"{task_word(kind.removeprefix('task_'))}: {RESULTS.get(after, after)}"
    return str(STATES.get(after, after))
