"""What happens to undertakings of secrecy besides signing: countersigning, scans of paper, and new texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record, record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.people.errors import NotPaper, OwnSignature, TextInForce, UndertakingMissing
from luvalla.people.models import Undertaking, UndertakingText, User
from luvalla.people.queries import actor_of
from luvalla.people.versions import current_text, end_of_grace
from luvalla.rules.purposes import LookedAtFor

SCAN: Final = "people.Undertaking.scan"
LARGEST_SCAN: Final = 10 * 1024 * 1024
BEGINNINGS: Final = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""What a scan's bytes begin with; its name says nothing."""


@transaction.atomic
def countersign(*, undertaking: Undertaking, by: User) -> None:
    """Countersign for the controller: a named person has seen the signature. OwnSignature for one's own."""
    if undertaking.user_id == by.pk:
        raise OwnSignature
    if undertaking.revoked_at:
        raise UndertakingMissing
    undertaking.countersigned_by, undertaking.countersigned_at = by.full_name, timezone.now()
    undertaking.save(update_fields=["countersigned_by", "countersigned_at"])
    record("people.countersign", actor=actor_of(by), subject=_subject(undertaking))


@transaction.atomic
def keep_scan(*, undertaking: Undertaking, scan: bytes, actor: Actor) -> None:
    """Keep the scan of an undertaking signed on paper, sealed; NotPaper for anything but a PDF, PNG or JPEG file."""
    kind = kind_of_scan(scan)
    if not kind:
        raise NotPaper
    undertaking.scan = sealer().seal(scan, column=SCAN, token=undertaking.user.ref.bytes)
    undertaking.scan_type = kind
    undertaking.save(update_fields=["scan", "scan_type"])
    record("people.keep_scan", actor=actor, subject=_subject(undertaking), facts={"bytes": len(scan)})


def kind_of_scan(scan: bytes) -> str:
    """Tell the type of a scan that can be kept, by its first bytes; empty for anything else, and for one too large."""
    kind = next((kind for beginning, kind in BEGINNINGS.items() if scan.startswith(beginning)), "")
    return kind if len(scan) <= LARGEST_SCAN else ""


@transaction.atomic
def open_scan(*, undertaking: Undertaking, actor: Actor) -> bytes:
    """Open a scan, with its row in the ledger; UndertakingMissing when there is none."""
    if not undertaking.scan:
        raise UndertakingMissing
    record_look("people.open_scan", actor=actor, purpose=LookedAtFor.SECRECY, subject=_subject(undertaking))
    return sealer().open(bytes(undertaking.scan), column=SCAN, token=undertaking.user.ref.bytes)


@transaction.atomic
def publish_text(
    *, version: str, texts: Mapping[str, str], in_force_from: date, grace_days: int, actor: Actor
) -> UndertakingText:
    """Bring a new version of the text into force: everybody signs again.

    texts has fi, sv and en. Undertakings of an earlier text stay in force for the grace period after the new one's
    first day at most, so an account that isn't signed again by then shuts of itself. Raises TextInForce for a version
    that exists already or a day that has passed.
    """
    current_text()
    if UndertakingText.objects.filter(version=version).exists() or in_force_from < timezone.localdate():
        raise TextInForce
    text = UndertakingText.objects.create(
        version=version,
        in_force_from=in_force_from,
        grace_days=grace_days,
        **{f"text_{language}": words for language, words in texts.items()},
    )
    last = end_of_grace(text)
    shortened = Undertaking.objects.filter(valid_until__gt=last, revoked_at=None).update(valid_until=last)
    facts = {"version": version, "from": in_force_from.isoformat(), "grace_days": grace_days, "shortened": shortened}
    record("people.publish_text", actor=actor, subject=Subject("undertaking_text", version), facts=facts)
    return text


def without_countersignature() -> QuerySet[Undertaking]:
    """Give the undertakings in force that nobody has countersigned yet, the oldest first."""
    waiting = Undertaking.objects.filter(countersigned_at=None, revoked_at=None, opens__isnull=False)
    return waiting.filter(opens__left_on=None).select_related("user", "text").order_by("signed_at")


def _subject(undertaking: Undertaking) -> Subject:
    return Subject("user", str(undertaking.user.ref))
