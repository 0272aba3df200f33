"""The periodic review of access: every account is confirmed or closed by somebody, and the record is signed."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.people.actions import close_account
from luvalla.people.errors import NotTheirName, OwnSignature, ReviewOpen
from luvalla.people.models import AccessReview, AccessReviewLine, User
from luvalla.people.queries import actor_of, roles_of

EVERY: Final = timedelta(days=182)
"""How often access is reviewed."""


@transaction.atomic
def begin_review(*, reviewer: User) -> AccessReview:
    """Begin a review, or go on with the one that isn't signed yet."""
    running = AccessReview.objects.filter(signed_at=None).first()
    if running is not None:
        return running
    review = AccessReview.objects.create(reviewer=reviewer)
    record("people.begin_review", actor=actor_of(reviewer), subject=_subject(review))
    return review


@transaction.atomic
def decide_on(*, review: AccessReview, user: User, decision: str, by: User) -> AccessReviewLine:
    """Confirm an account or close it. Nobody decides on their own: OwnSignature. ReviewOpen for a signed review."""
    if review.signed_at:
        raise ReviewOpen
    if user.pk == by.pk:
        raise OwnSignature
    line, _ = AccessReviewLine.objects.update_or_create(
        review=review,
        user=user,
        defaults={"decision": decision, "roles": ", ".join(roles_of(user)), "decided_at": timezone.now()},
    )
    facts = {"review": str(review.ref), "decision": decision}
    record("people.decide_on_account", actor=actor_of(by), subject=Subject("user", str(user.ref)), facts=facts)
    if decision == AccessReviewLine.CLOSED and not user.left_on:
        close_account(user=user, reason="review", actor=actor_of(by))
    return line


@transaction.atomic
def sign_review(*, review: AccessReview, typed_name: str, by: User) -> AccessReview:
    """Sign the record with one's own name. Raises NotTheirName, or ReviewOpen while accounts wait for a decision.

    The reviewer's own account needs no line: somebody else decides on it in the next review.
    """
    if " ".join(typed_name.split()).casefold() != by.full_name.casefold():
        raise NotTheirName
    if review.signed_at or undecided(review).exclude(pk=by.pk).exists():
        raise ReviewOpen
    review.typed_name, review.reviewer, review.signed_at = by.full_name, by, timezone.now()
    review.record_hash = hashlib.sha256(record_of(review)).hexdigest()
    review.save()
    facts = {"hash": review.record_hash, "accounts": review.lines.count()}
    record("people.sign_review", actor=actor_of(by), subject=_subject(review), facts=facts)
    return review


def undecided(review: AccessReview) -> QuerySet[User]:
    """Give the accounts that have not left and have no line in the review yet."""
    decided = review.lines.values("user")
    return User.objects.filter(left_on=None).exclude(pk__in=decided).order_by("full_name")


def record_of(review: AccessReview) -> bytes:
    """Write the record: JSON with the accounts by their refs, what was decided on each, and who signed when."""
    lines = review.lines.select_related("user").order_by("pk")
    document = {
        "review": str(review.ref),
        "reviewer": str(review.reviewer.ref),
        "name": review.typed_name,
        "signed_at": review.signed_at.isoformat(timespec="microseconds") if review.signed_at else None,
        "accounts": [{"account": str(each.user.ref), "roles": each.roles, "decision": each.decision} for each in lines],
    }
    return json.dumps(document, sort_keys=True, ensure_ascii=False).encode()


def is_as_signed(review: AccessReview) -> bool:
    """Tell whether the record is still the one that was signed."""
    return hashlib.sha256(record_of(review)).hexdigest() == review.record_hash


def reviews() -> QuerySet[AccessReview]:
    """Give the reviews, the newest first."""
    return AccessReview.objects.select_related("reviewer").prefetch_related("lines").order_by("-pk")


def is_review_due() -> bool:
    """Tell whether half a year has gone by since a review was signed, or since the first account was made."""
    last = AccessReview.objects.exclude(signed_at=None).order_by("signed_at").last()
    since = (
        last.signed_at if last else User.objects.order_by("date_joined").values_list("date_joined", flat=True).first()
    )
    return since is not None and timezone.now() - since > EVERY


def _subject(review: AccessReview) -> Subject:
    return Subject("review", str(review.ref))
