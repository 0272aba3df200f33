"""A fresh link where one has expired or was used: to the registered mailbox and nowhere else, whoever asks for it.

Whoever asks on the site gets the same answer, known or unknown, and what a mailbox is sent is counted, so that nobody
can fill another's.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.urls import reverse

from luvalla.jobs.port import enqueue
from luvalla.ledger.actors import SUBJECT, Actor
from luvalla.ledger.vault import sealer
from luvalla.mailroom.actions import post_service_message
from luvalla.organisation.queries import the_controller
from luvalla.rights.actions.letters import NEW_LINK, had_enough, issue_link_letter
from luvalla.rights.cases import address_of_requester
from luvalla.rights.doers import has_role
from luvalla.rights.errors import NoLinkDue, StepRefused
from luvalla.rights.identity import needed_level
from luvalla.rights.letters.texts import texts
from luvalla.rights.links import has_copy, make_link, request_of_link
from luvalla.rights.models import DataRequest, Letter, SecureLink
from luvalla.rules.address import Address
from luvalla.rules.case_states import State, Who

UNPROVED: Final = frozenset({
    State.RECEIVED, State.TRIAGED, State.AWAITING_ID, State.AWAITING_CLARIFICATION, State.COLLECTING, State.NO_DATA,
    State.DRAFTED, State.DPO_REVIEW, State.REOPENED,
})  # fmt: skip
"""States in which the mailbox's yes still leads on."""
DELIVERED: Final = frozenset({State.REPLIED, State.CLOSED, State.COMPLAINT})
"""States in which a copy has been answered with."""


def link_due(request: DataRequest) -> SecureLink.Kind | None:
    """Tell which link a requester can be sent now: to prove the mailbox, or to fetch the copy; None for neither.

    A copy that goes by post has no link: its mailbox takes nothing, or post was asked for.
    """
    if request.by_post or address_of_requester(request) is None:
        return None
    if request.state in UNPROVED and request.identity < needed_level(request):
        return SecureLink.Kind.PROVE
    return SecureLink.Kind.DELIVER if request.state in DELIVERED and has_copy(request) else None


@transaction.atomic
def send_new_link(*, request: DataRequest, actor: Actor) -> Letter:
    """Send the registered mailbox the link it waits for; earlier ones stop working. NoLinkDue, StepRefused."""
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER, Who.SUBJECT):
        raise StepRefused
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    kind = link_due(row)
    if kind is None:
        raise NoLinkDue
    return issue_link_letter(request=row, link=make_link(row, kind, actor=actor), actor=actor)


def ask_by_link(*, token: str, kind: SecureLink.Kind) -> None:
    """Have the mailbox of a dead link's request sent a new one; nothing for a link whose request has gone."""
    request = request_of_link(token, kind)
    if request is not None:
        enqueue("rights.send_new_link", ref=request.ref)


def ask_by_address(*, address: Address, language: str) -> None:
    """Have a mailbox sent the links its requests wait for, or the word that none waits; nothing when it had enough."""
    folded = sealer().folded_token(address)
    if had_enough(folded, NEW_LINK):
        return
    due = [each for each in DataRequest.objects.filter(folded=folded, is_canary=False) if link_due(each)]
    for each in due:
        enqueue("rights.send_new_link", ref=each.ref)
    if not due:
        _tell_none(address, language)


def send_asked_link(request: DataRequest) -> None:
    """Send what was asked for on the site: the link, or the word that none waits; at most so many a day."""
    address = address_of_requester(request)
    if address is None or had_enough(bytes(request.folded), NEW_LINK):
        return
    try:
        send_new_link(request=request, actor=SUBJECT)
    except NoLinkDue:
        _tell_none(address, request.language)


def _tell_none(address: Address, language: str) -> None:
    words, controller = texts(language)["no_link"], the_controller()
    form = controller.base_url.rstrip("/") + reverse("public:request", kwargs={"language": language})
    post_service_message(
        kind=NEW_LINK,
        address=address,
        subject=words["subject"].format(sender=controller.sender_name),
        text=words["text"].lstrip().format(request=form, sender=controller.sender_name),
        html="",
        language=language,
        reply_to=controller.dpo_email,
        actor=SUBJECT,
    )
