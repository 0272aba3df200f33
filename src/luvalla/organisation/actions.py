"""Writing the organisation's records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.organisation.errors import NotInOrder
from luvalla.organisation.models import (
    BalancingTest,
    Controller,
    DeclaredField,
    Disclosee,
    OutgoingHost,
    Processor,
    Purpose,
    Transfer,
)
from luvalla.rules.purposes import Prohibited, is_catch_all


@transaction.atomic
def record_controller(*, details: Mapping[str, Any], actor: Actor) -> Controller:
    """Record who keeps the register, or what has changed about it.

    Raises NotInOrder when the business id's check digit, the postal code, an address or a field is not right.
    """
    controller = Controller.objects.order_by("pk").first() or Controller()
    _assign(controller, details)
    _check_business_id(controller.business_id)
    _check_postcode(controller)
    _save_checked(controller)
    record("organisation.record_controller", actor=actor, subject=Subject("controller", str(controller.pk)))
    return controller


@transaction.atomic
def declare_purpose(
    *, key: str, basis: str, is_marketing: bool, forbidden_by: list[str], texts: Mapping[str, str], actor: Actor
) -> Purpose:
    """Put a purpose on the closed list (GDPR 5(1)(b)); the texts are name_fi, description_sv and so on.

    Raises NotInOrder for a catch-all such as "other communication" (claim S7), and for texts that don't fit.
    """
    if any(is_catch_all(each) for each in (key, *texts.values())):
        message = f"Purpose: {key} could be anything; a purpose says what the letters are for"
        raise NotInOrder(message)
    bans = Prohibited.NOTHING
    for each in forbidden_by:
        bans |= _prohibition(each)
    purpose = Purpose.objects.filter(key=key).first() or Purpose(key=key)
    _assign(purpose, {"basis": basis, "is_marketing": is_marketing, "forbidden_by": int(bans), **texts})
    _save_checked(purpose)
    record("organisation.declare_purpose", actor=actor, subject=Subject("purpose", key))
    return purpose


@transaction.atomic
def approve_balancing_test(
    *,
    purpose: Purpose,
    texts: Mapping[str, str],
    confirmed_by: str,
    approved_at: datetime,
    expires_at: datetime,
    actor: Actor,
) -> BalancingTest:
    """Record the assessment behind a legitimate interest (GDPR 6(1)(f)).

    texts: interest, necessity, balance, and the officer's opinion where there is one.
    """
    test = BalancingTest(purpose=purpose, confirmed_by=confirmed_by, approved_at=approved_at, expires_at=expires_at)
    _assign(test, texts)
    _save_checked(test)
    facts = {"expires_at": expires_at.isoformat()}
    record("organisation.approve_balancing_test", actor=actor, subject=Subject("purpose", purpose.key), facts=facts)
    return test


@transaction.atomic
def record_processor(*, details: Mapping[str, Any], actor: Actor) -> Processor:
    """Record a processor and its contract (GDPR 28(3))."""
    processor = Processor.objects.filter(name=details.get("name", "")).first() or Processor()
    _assign(processor, details)
    _save_checked(processor)
    record("organisation.record_processor", actor=actor, subject=Subject("processor", str(processor.pk)))
    return processor


@transaction.atomic
def declare_host(
    *,
    host: str,
    country: str,
    what_for: str,
    actor: Actor,
    port: int = 443,
    processor: Processor | None = None,
    is_inside: bool = False,
) -> OutgoingHost:
    """Let requests go out to a host (claim S19), or change what is recorded of it; a closed one opens again.

    host is a name or an IP address. Raises NotInOrder when a field is not right.
    """
    name = host.strip().rstrip(".").lower()
    row = OutgoingHost.objects.filter(host=name, port=port).first() or OutgoingHost(host=name, port=port)
    details = {"country": country.upper(), "what_for": what_for, "processor": processor, "is_inside": is_inside}
    _assign(row, {**details, "closed_at": None})
    _save_checked(row)
    record("organisation.declare_host", actor=actor, subject=Subject("host", str(row.pk)), reason=what_for)
    return row


@transaction.atomic
def close_host(*, host: OutgoingHost, actor: Actor) -> None:
    """Let no request go out to a host any more."""
    host.closed_at = timezone.now()
    host.save(update_fields=["closed_at"])
    record("organisation.close_host", actor=actor, subject=Subject("host", str(host.pk)))


@transaction.atomic
def record_disclosee(*, details: Mapping[str, Any], actor: Actor) -> Disclosee:
    """Record to whom personal data is disclosed (GDPR 13(1)(e)); NotInOrder when a detail is missing or wrong."""
    disclosee = Disclosee.objects.filter(name=details.get("name", "")).first() or Disclosee()
    _assign(disclosee, details)
    _save_checked(disclosee)
    record("organisation.record_disclosee", actor=actor, subject=Subject("disclosee", str(disclosee.pk)))
    return disclosee


@transaction.atomic
def record_transfer(
    *,
    processor: Processor,
    country: str,
    ground: str,
    reference: str,
    checked_on: date,
    expires_on: date | None,
    actor: Actor,
) -> Transfer:
    """Record the ground of a transfer outside the EEA (GDPR 45, 46)."""
    transfer = Transfer(
        processor=processor,
        country=country,
        ground=ground,
        reference=reference,
        checked_on=checked_on,
        expires_on=expires_on,
    )
    _save_checked(transfer)
    record("organisation.record_transfer", actor=actor, subject=Subject("processor", str(processor.pk)))
    return transfer


@transaction.atomic
def declare_field(*, key: str, reason: str, names: Mapping[str, str], actor: Actor) -> DeclaredField:
    """Declare a further datum about contacts; only now can it be imported, and the notice names it."""
    field = DeclaredField(key=key, reason=reason)
    _assign(field, names)
    _save_checked(field)
    record("organisation.declare_field", actor=actor, subject=Subject("declared_field", key), reason=reason)
    return field


def _assign(row: Any, details: Mapping[str, Any]) -> None:
    known = {each.name for each in row._meta.fields} - {"id"}  # noqa: SLF001  # Django's documented model API
    for name, value in details.items():
        if name not in known:
            message = f"{type(row).__name__} has no field {name}"
            raise NotInOrder(message)
        setattr(row, name, value)


def _save_checked(row: Any) -> None:
    try:
        row.full_clean()
    except ValidationError as fault:
        message = f"{type(row).__name__}: " + "; ".join(
            f"{name}: {' '.join(texts)}" for name, texts in fault.message_dict.items()
        )
        raise NotInOrder(message) from None
    row.save()


def _check_postcode(controller: Controller) -> None:
    """Check that whoever has a Finnish business id has a postal code of five digits."""
    if _looks_finnish(controller.business_id) and not re.fullmatch(r"[0-9]{5}", controller.postcode):
        message = "Controller: the postal code is not five digits"
        raise NotInOrder(message)


def _looks_finnish(business_id: str) -> bool:
    return len(business_id) == len("0000000-0") and business_id[-2] == "-"


def _check_business_id(business_id: str) -> None:
    """Check the digit of a Finnish business id; other countries' ids are taken as they are."""
    if not _looks_finnish(business_id):
        return
    try:
        ytunnus.validate(business_id)
    except NumberError:
        message = "Controller: the check digit of the business id is wrong"
        raise NotInOrder(message) from None


def _prohibition(name: str) -> Prohibited:
    try:
        return Prohibited[name.upper()]
    except KeyError:
        message = f"Purpose: {name} is no kind of prohibition"
        raise NotInOrder(message) from None
