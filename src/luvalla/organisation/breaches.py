"""The breach log: every personal data breach with its clock, whoever had to be told (GDPR 33 and 34).

What happened is written by staff in their own words and kept sealed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.organisation.errors import BreachUnfinished, NotInOrder
from luvalla.organisation.models import Breach, BreachNotice, Controller
from luvalla.rules.breach import HOURS, Kind, Risk, authority_is_told, notify_by, subjects_are_told

ACCOUNT: Final = "organisation.Breach.account"
"""What the sealed account is bound to, besides the breach's reference."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a breach (GDPR 33(3)); any part may come later (33(4)), but for what happened."""

    what: str
    """Its nature, with the categories of people and records."""
    consequences: str = ""
    measures: str = ""
    """Taken or proposed, also against its effects."""
    why_nobody_told: str = ""
    """Why a risk is unlikely, where the authority isn't told; or why those concerned need not be (34(3))."""


@transaction.atomic
def record_breach(
    *,
    kind: Kind,
    detected_at: datetime,
    aware_at: datetime,
    account: Account,
    actor: Actor,
    subjects: int | None = None,
    records: int | None = None,
) -> Breach:
    """Write a breach into the log; its clock runs from the moment the controller became aware.

    Raises NotInOrder without words on what happened, or for times that lie in the future or in the wrong order.
    """
    if not account.what.strip():
        message = "Breach: say what happened"
        raise NotInOrder(message)
    if not detected_at <= aware_at <= timezone.now() + timedelta(minutes=1):
        message = "Breach: it was noticed before the controller became aware, and neither lies in the future"
        raise NotInOrder(message)
    breach = Breach(kind=kind, detected_at=detected_at, aware_at=aware_at, subjects=subjects, records=records)
    breach.recorded_by, breach.account = str(actor), _sealed(breach, account)
    breach.save()
    record("organisation.record_breach", actor=actor, subject=_subject(breach), facts={"kind": kind.value})
    return breach


@transaction.atomic
def assess_breach(
    *,
    breach: Breach,
    risk: Risk,
    account: Account,
    actor: Actor,
    subjects: int | None = None,
    records: int | None = None,
) -> None:
    """Record what the breach means for people, and what is known of it by now.

    Raises NotInOrder where the risk is said to be unlikely without a reason: the log has to show it (GDPR 33(1), (5)).
    """
    if risk is Risk.UNLIKELY and not account.why_nobody_told.strip():
        message = "Breach: say why a risk is unlikely"
        raise NotInOrder(message)
    breach.risk, breach.account = risk, _sealed(breach, account)
    breach.subjects, breach.records = subjects, records
    breach.save(update_fields=["risk", "account", "subjects", "records"])
    record("organisation.assess_breach", actor=actor, subject=_subject(breach), facts={"risk": risk.value})


@transaction.atomic
def note_breach_notice(
    *, breach: Breach, to: str, told_at: datetime, actor: Actor, reference: str = "", is_last: bool = True
) -> BreachNotice:
    """Note that the authority, or those concerned, were told; the authority may be told in phases (GDPR 33(4))."""
    if to not in {BreachNotice.AUTHORITY, BreachNotice.SUBJECTS} or not breach.aware_at <= told_at <= timezone.now():
        message = "Breach: it was told to the authority or to those concerned, after it was known and not in the future"
        raise NotInOrder(message)
    notice = BreachNotice.objects.create(
        breach=breach, to=to, told_at=told_at, reference=reference[:120], is_last=is_last
    )
    facts = {"to": to, "told_at": told_at.isoformat(), "is_last": is_last, "in_time": told_at <= due_of(breach)}
    record("organisation.note_breach_notice", actor=actor, subject=_subject(breach), facts=facts)
    return notice


@transaction.atomic
def close_breach(*, breach: Breach, actor: Actor) -> None:
    """Close the entry. Raises BreachUnfinished with what is still to be done."""
    missing = still_to_do(breach)
    if missing:
        raise BreachUnfinished(missing)
    breach.closed_at = timezone.now()
    breach.save(update_fields=["closed_at"])
    record("organisation.close_breach", actor=actor, subject=_subject(breach))


def still_to_do(breach: Breach) -> tuple[str, ...]:
    """Name what is open: assess, tell_authority, tell_subjects, measures; nothing when the entry can be closed."""
    if not breach.risk:
        return ("assess",)
    account, risk = account_of(breach), Risk(breach.risk)
    told = set(breach.notices.filter(is_last=True).values_list("to", flat=True))
    is_excused = bool(account.why_nobody_told.strip())
    wanted = (
        ("tell_authority", authority_is_told(risk) and BreachNotice.AUTHORITY not in told),
        ("tell_subjects", subjects_are_told(risk) and BreachNotice.SUBJECTS not in told and not is_excused),
        ("measures", not account.measures.strip()),
    )
    return tuple(name for name, is_open in wanted if is_open)


def account_of(breach: Breach) -> Account:
    """Open what is known of a breach."""
    said = json.loads(sealer().open(bytes(breach.account), column=ACCOUNT, token=breach.ref.bytes))
    return Account(**{each.name: said.get(each.name, "") for each in fields(Account)})


def due_of(breach: Breach) -> datetime:
    """Tell until when the authority has to be told (GDPR 33(1))."""
    hours = Controller.objects.order_by("pk").values_list("breach_hours", flat=True).first()
    return notify_by(breach.aware_at, hours or HOURS)


def authority_waits(breach: Breach) -> bool:
    """Tell whether the authority may still have to be told: nothing said yet, and a risk not found unlikely."""
    if breach.risk and not authority_is_told(Risk(breach.risk)):
        return False
    return not breach.notices.filter(to=BreachNotice.AUTHORITY).exists()


def breaches() -> QuerySet[Breach]:
    """Give the log, the newest first."""
    return Breach.objects.order_by("-aware_at", "-pk").prefetch_related("notices")


def open_breaches() -> QuerySet[Breach]:
    """Give the entries that aren't closed, the most pressing first."""
    return Breach.objects.filter(closed_at=None).order_by("aware_at", "pk")


def _sealed(breach: Breach, account: Account) -> bytes:
    text = json.dumps(asdict(account), ensure_ascii=False).encode()
    return sealer().seal(text, column=ACCOUNT, token=breach.ref.bytes)


def _subject(breach: Breach) -> Subject:
    return Subject("breach", str(breach.ref))
