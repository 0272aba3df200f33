"""What the running configuration says that a privacy notice has to tell (GDPR 13 and 14), as plain values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from luvalla.organisation.authorities import authority
from luvalla.organisation.models import DeclaredField, Processor, Transfer
from luvalla.organisation.queries import disclosees, purposes, the_controller
from luvalla.register.models import Source
from luvalla.rules import retention

Facts = dict[str, Any]

HOME_COUNTRY: Final = "FI"
CONTROLLER: Final = (
    "name",
    "business_id",
    "street",
    "postcode",
    "city",
    "email",
    "phone",
    "website",
    "base_url",
    "dpo_name",
    "dpo_email",
)
NAMES: Final = ("name_fi", "name_sv", "name_en")
DISCLOSEE: Final = ("name", "kind", "country", "purpose_fi", "purpose_sv", "purpose_en")


def gather() -> Facts:
    """Read everything of the configuration that the notice speaks of; NotSetUp before there is a controller.

    The result is JSON: it is kept with the published version, so that a later difference can be named.
    """
    return {
        "controller": _values(the_controller(), CONTROLLER),
        "purposes": [_purpose(each) for each in purposes()],
        "sources": [{**_values(each, NAMES), "is_sign_up": each.is_sign_up} for each in Source.objects.order_by("pk")],
        "processors": [_values(each, ("name", "country")) for each in Processor.objects.order_by("pk")],
        "disclosees": [_values(each, DISCLOSEE) for each in disclosees(timezone.localdate())],
        "transfers": [_transfer(each) for each in Transfer.objects.select_related("processor").order_by("pk")],
        "fields": [_values(each, (*NAMES, "reason")) for each in DeclaredField.objects.order_by("pk")],
        "days_kept": {name: period.days for name, period in periods().items()},
        "authority": authority(HOME_COUNTRY).as_facts(),
    }


def periods() -> dict[str, timedelta]:
    """Give every period of rules.retention by the name of its constant: what the deletion goes by, the notice says."""
    return {name: period for name, period in vars(retention).items() if isinstance(period, timedelta)}


def differences(before: Facts, now: Facts) -> tuple[str, ...]:
    """Name the parts of the configuration that are no longer as they were."""
    return tuple(sorted(name for name in {*before, *now} if before.get(name) != now.get(name)))


def _purpose(each: object) -> Facts:
    descriptions = ("description_fi", "description_sv", "description_en")
    return _values(each, (*NAMES, *descriptions, "basis", "is_marketing"))


def _transfer(each: Transfer) -> Facts:
    return {"processor": each.processor.name, **_values(each, ("country", "ground", "reference"))}


def _values(row: object, names: tuple[str, ...]) -> Facts:
    return {name: getattr(row, name) for name in names}
