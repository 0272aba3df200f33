"""Sending a person's copy to another controller at their wish (GDPR 20(2)): to whom it can go, and somebody's yes."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from luvalla.jobs.port import enqueue
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.organisation.actions import declare_host
from luvalla.organisation.egress import PORTS, find_way
from luvalla.organisation.errors import EgressFailed, EgressRefused, NotInOrder
from luvalla.organisation.models import OutgoingHost
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.columns import RECEIVING_KEY
from luvalla.rights.doers import has_role
from luvalla.rights.errors import NothingToTransmit, ReceiverRefused, StepRefused
from luvalla.rights.models import DataRequest, ReceivingController, Transmission
from luvalla.rights.queries import may_be_transmitted
from luvalla.rules.case_states import Who

WHAT_FOR = "copies at their data subjects' wish (GDPR 20(2))"


@transaction.atomic
def record_receiver(*, name: str, url: str, country: str, key: str, actor: Actor) -> ReceivingController:
    """Record another controller with the token it gave us; its host comes onto the list of outgoing hosts.

    url is where its Luvalla answers. The register owner's. Raises StepRefused, and ReceiverRefused where no data may
    go: not by https, outside the EEA, into an inner network, or to a name that leads nowhere.
    """
    if not has_role(actor, Who.REGISTER_OWNER):
        raise StepRefused
    place = url.strip().rstrip("/")
    _open_way(place, country, actor)
    row = ReceivingController(name=" ".join(name.split()), url=place, added_by=str(actor))
    row.sealed_key = sealer().seal(key.strip().encode(), column=RECEIVING_KEY, token=row.ref.bytes)
    row.save()
    record("rights.record_receiver", actor=actor, subject=_subject(row))
    return row


@transaction.atomic
def close_receiver(*, receiver: ReceivingController, actor: Actor) -> None:
    """Send nothing more to a controller; its token is forgotten, its host stays to be closed by hand."""
    if not has_role(actor, Who.REGISTER_OWNER):
        raise StepRefused
    rows = ReceivingController.objects.filter(pk=receiver.pk, closed_at=None)
    if rows.update(closed_at=timezone.now(), sealed_key=b""):
        record("rights.close_receiver", actor=actor, subject=_subject(receiver))


@transaction.atomic
def transmit(*, request: DataRequest, to: ReceivingController, actor: Actor) -> Transmission:
    """Confirm that a person's copy goes to another controller; it leaves at once, and again where nobody answers.

    Raises StepRefused, and NothingToTransmit where nobody waits for it, or one is under way.
    """
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER) or to.closed_at is not None:
        raise StepRefused
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    if not may_be_transmitted(row):
        raise NothingToTransmit
    transmission = Transmission.objects.create(request=row, to=to, confirmed_by=str(actor))
    note_event(row, "transmission_confirmed", note=to.name, actor=actor)
    record("rights.transmit", actor=actor, subject=subject_of(row), facts={"to": str(to.ref)})
    enqueue("rights.transmit", ref=transmission.ref)
    return transmission


def _open_way(place: str, country: str, actor: Actor) -> None:
    """Have the host on the list, and see that a request could go there."""
    try:
        parts = urlsplit(place)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        if not OutgoingHost.objects.filter(host=host, port=port, closed_at=None).exists():
            declare_host(host=host, port=port, country=country, what_for=WHAT_FOR, actor=actor)
        find_way(place)
    except EgressRefused as fault:
        raise ReceiverRefused(fault.reason) from None
    except EgressFailed:
        raise ReceiverRefused("no_such_name") from None  # noqa: EM101  # a code, not a sentence
    except (NotInOrder, ValueError):
        raise ReceiverRefused("unknown_host") from None  # noqa: EM101  # the same


def _subject(receiver: ReceivingController) -> Subject:
    return Subject("receiving_controller", str(receiver.ref))
