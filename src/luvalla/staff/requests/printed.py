"""A case as it goes on paper: what is known of it, who asks, what was said, and what happened."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext

from luvalla.ledger.actors import Actor
from luvalla.paper.printing import Part
from luvalla.rights.cases import Said
from luvalla.rights.clocks import clocks_of
from luvalla.rights.models import DataRequest
from luvalla.rights.reading import further_words, show_request
from luvalla.rules.case_states import State
from luvalla.staff.formats import day, exact_moment
from luvalla.staff.requests.history import events_of
from luvalla.staff.requests.proposals import reasoning_of
from luvalla.staff.requests.words import CHANNELS, STATES, authority_name, rights_of


def parts_of(case: DataRequest, actor: Actor) -> list[Part]:
    """Open a case for printing, in the words of its page; the look is a row in the ledger."""
    told = show_request(request=case, actor=actor)
    words = [line for text in (told.text, *further_words(case)) for line in text.splitlines()]
    parts = [
        Part(str(rights_of(case)), facts=_known(case)),
        Part(pgettext("requests", "Who asks"), facts=_asking(told)),
        Part(pgettext("requests", "What was said"), lines=words),
        Part(pgettext("requests", "Refusal or fee"), facts=[(str(name), text) for name, text in reasoning_of(case)]),
        Part(pgettext("requests", "What happened"), lines=[_line(each) for each in events_of(case)]),
    ]
    return [each for each in parts if each.facts or each.lines]


def _known(case: DataRequest) -> list[tuple[str, str]]:
    return [
        (pgettext("requests", "State"), str(STATES[State(case.state)])),
        (pgettext("requests", "How it came"), str(CHANNELS[DataRequest.Channel(case.channel)])),
        (pgettext("requests", "Arrived"), day(case.receipt_date)),
        (pgettext("requests", "Due date"), day(clocks_of(case).first)),
    ]


def _asking(told: Said) -> list[tuple[str, str]]:
    rows = [
        (pgettext("requests", "Address"), told.address),
        (pgettext("requests", "Name"), told.name),
        (pgettext("requests", "Postal address"), told.postal),
        (pgettext("requests", "Asked by"), told.representative),
        (pgettext("requests", "New address"), told.new_address),
        (pgettext("requests", "Transmit to"), told.transmit_to),
        (pgettext("requests", "Would complain to"), authority_name(told.authority)),
    ]
    return [(name, text) for name, text in rows if text]


def _line(event: dict[str, Any]) -> str:
    """Tell an event in a line: 24.11.2026 klo 9.42.10: Sorted Access (Aino Malli) A note."""
    what = " ".join(str(each) for each in (event["what"], event["about"]) if each)
    who = f"({event['who']})" if event["who"] else ""
    said = " ".join(each for each in (what, who, event["note"]) if each)
    return f"{exact_moment(event['at'])}: {said}"
