"""What the desk does by itself: searching, carrying out, following up, reminding, letting go of the old."""

from __future__ import annotations

from luvalla.jobs.port import periodic, task
from luvalla.rights import canary, collecting, finishing, keeping, reminding, telling, transmitting
from luvalla.rights.actions.intake import finish_arrival
from luvalla.rights.actions.new_links import send_asked_link
from luvalla.rights.actions.steps import begin_at_once
from luvalla.rights.models import DataRequest, Transmission
from luvalla.rights.paper_to_change import have_marks_taken_off
from luvalla.rights.queries import open_requests, shut_with_news
from luvalla.rules.case_states import DECIDED, State

HELD_UP = (*DECIDED, State.EXECUTING, State.NOTIFYING)


@task("rights.collect")
def collect(*, ref: str) -> None:
    """Search the stores for a request."""
    for request in DataRequest.objects.filter(ref=ref):
        collecting.collect(request)


@task("rights.carry_out")
def carry_out(*, ref: str) -> None:
    """Carry a decided request out, and answer it."""
    for request in DataRequest.objects.filter(ref=ref):
        finishing.carry_out(request)


@task("rights.send_new_link")
def send_new_link(*, ref: str) -> None:
    """Send the mailbox of a request the link that was asked for on the site."""
    for request in DataRequest.objects.filter(ref=ref):
        send_asked_link(request)


@task("rights.transmit")
def transmit(*, ref: str) -> None:
    """Post a confirmed copy to the other controller."""
    for transmission in Transmission.objects.select_related("request", "to").filter(ref=ref):
        transmitting.push(transmission)


@periodic("rights.follow_up", seconds=20)
def follow_up() -> int:
    """Finish what a door could not, take the custodian's answers over, go on with what was held up, close."""
    moved = have_marks_taken_off()
    for request in open_requests():
        before = request.state
        finish_arrival(request=request)
        if before == State.RECEIVED:
            begin_at_once(request=request)
        collecting.note_paper(request)
        if before == State.COLLECTING:
            request = collecting.collect(request)  # noqa: PLW2901  # as it now stands
        elif before in HELD_UP:
            request = finishing.carry_out(request)  # noqa: PLW2901  # the same
        moved += finishing.follow_up(request).state != before
    for request in shut_with_news():
        moved += finishing.follow_up(request).state != request.state
    return moved


@periodic("rights.tell_disclosees", seconds=1800)
def tell_disclosees() -> int:
    """Mail those who were given the data what has changed outside a case, gathered in one letter for each."""
    telling.note_arrived()
    return telling.tell_disclosees()


@periodic("rights.remind", seconds=900)
def remind() -> int:
    """Remind and escalate before due dates."""
    return reminding.remind()


@periodic("rights.keep", seconds=3600)
def let_go() -> int:
    """Let go of what has been kept long enough."""
    kinds = (keeping.minimise, keeping.forget, keeping.drop_canaries, keeping.let_copies_go)
    return sum(each() for each in kinds)


@periodic("rights.canary", seconds=86_400)
def send_canary() -> bool:
    """Write to the own rights mailbox once a week, to see that it lives (claim S4)."""
    return canary.send_if_due()
