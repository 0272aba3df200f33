"""Reading the organisation's records."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q, QuerySet

from luvalla.organisation.adequacy import decision_for
from luvalla.organisation.errors import NotSetUp
from luvalla.organisation.models import BalancingTest, Controller, Disclosee, OutgoingHost, Processor, Purpose, Transfer
from luvalla.rules.countries import EEA
from luvalla.rules.purposes import Prohibited, TransferGround


def the_controller() -> Controller:
    """Give the controller; NotSetUp before `luvalla init`."""
    controller = Controller.objects.order_by("pk").first()
    if controller is None:
        raise NotSetUp
    return controller


def purpose(key: str) -> Purpose | None:
    """Give the purpose of that key, if the closed list has it."""
    return Purpose.objects.filter(key=key).first()


def purposes() -> list[Purpose]:
    """Give the closed list of purposes in the order they were declared."""
    return list(Purpose.objects.order_by("pk"))


def kinds_stopping(keys: Collection[str]) -> Prohibited:
    """Tell which prohibitions stop letters for these purposes."""
    kinds = Prohibited.NOTHING
    for bans in Purpose.objects.filter(key__in=keys).values_list("forbidden_by", flat=True):
        kinds |= Prohibited(bans)
    return kinds


def disclosees(today: date) -> list[Disclosee]:
    """Give those to whom personal data is disclosed now, in the order they were recorded."""
    lives = Q(disclosed_until=None) | Q(disclosed_until__gte=today)
    return list(Disclosee.objects.filter(lives, disclosed_from__lte=today).order_by("pk"))


def past_and_present_disclosees(today: date) -> list[Disclosee]:
    """Give those to whom personal data is or was disclosed, as recorded: they still have it."""
    return list(Disclosee.objects.filter(disclosed_from__lte=today).order_by("pk"))


def balancing_test_until(of: Purpose, now: datetime) -> datetime | None:
    """Tell until when the newest approved balancing test of a purpose lives; None when there is none."""
    tests = BalancingTest.objects.filter(purpose=of, approved_at__lte=now)
    return tests.order_by("-expires_at").values_list("expires_at", flat=True).first()


def egress_allowed(country: str, processor: Processor | None, today: date) -> bool:
    """Tell whether personal data may go there (GDPR 28, 44): a live contract, and outside the EEA a live transfer."""
    if processor is None or not _contract_lives(processor, today):
        return False
    return country.upper() in EEA or _transfers(processor, country, today).exists()


def _contract_lives(processor: Processor, today: date) -> bool:
    return processor.contract_from <= today and (processor.contract_until is None or processor.contract_until >= today)


def _transfers(processor: Processor, country: str, today: date) -> QuerySet[Transfer]:
    """Give the recorded grounds that open a way on a day: derogations never do, adequacy while the decision stands."""
    alive = Q(expires_on=None) | Q(expires_on__gte=today)
    found = Transfer.objects.filter(alive, processor=processor, country=country.upper())
    found = found.exclude(ground=TransferGround.DEROGATION)
    return found if decision_for(country, today) else found.exclude(ground=TransferGround.ADEQUACY)


def outgoing_hosts() -> QuerySet[OutgoingHost]:
    """Give the hosts that requests may go out to."""
    return OutgoingHost.objects.filter(closed_at=None).select_related("processor").order_by("host", "port")
