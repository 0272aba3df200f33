"""Whether a letter came later than the stop of the person it was for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from luvalla.campaigns.models import Campaign
from luvalla.mailroom.models import Delivery
from luvalla.mailroom.queries import letters_to
from luvalla.register.models import Contact, Prohibition, Restriction, Stop


def stops_during(campaign: Campaign) -> QuerySet[Stop]:
    """Give the stops that were asked for while the campaign was being sent."""
    began, ended = campaign.lifecycle.started_at, campaign.lifecycle.finished_at
    if began is None:
        return Stop.objects.none()
    return Stop.objects.filter(requested_at__gte=began, requested_at__lte=ended or timezone.now())


def late_letters(stops: Sequence[Stop]) -> int:
    """Count the letters that were claimed after a stop of their contact was answered, and that it was about."""
    of_contact: dict[int, list[Stop]] = defaultdict(list)
    for stop in stops:
        for contact_id in stop.contact_ids:
            of_contact[contact_id].append(stop)
    letters = letters_to(list(of_contact)).select_related("campaign__purpose")
    return sum(any(_is_breach(letter, stop) for stop in of_contact[letter.contact_id]) for letter in letters)


def _is_breach(letter: Delivery, stop: Stop) -> bool:
    if stop.answered_at is None or letter.claimed_at <= stop.answered_at:
        return False
    if stop.kind == Stop.Kind.RESTRICTION:
        lifted = Restriction.objects.filter(contact_id=letter.contact_id, lifted_at__lte=letter.claimed_at)
        return not lifted.filter(lifted_at__gte=stop.answered_at).exists()
    if stop.kind == Stop.Kind.RECTIFIED:
        return False  # what the contact gets since then goes to its right address
    if stop.kind == Stop.Kind.PROHIBITION:
        return bool(letter.campaign.purpose.forbidden_by & _forbidden(letter))
    return True


def _forbidden(letter: Delivery) -> int:
    """Give the kinds of letters that the contact had forbidden when the letter was claimed."""
    mailbox = Contact.objects.filter(pk=letter.contact_id).values("folded")
    bans = Prohibition.objects.filter(folded__in=mailbox, since__lte=letter.claimed_at)
    return bans.values_list("kinds", flat=True).first() or 0
