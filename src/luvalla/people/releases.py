"""The second person of large exports and prints: one asks with a reason, another releases, and it is used once.

What was released is bound to what it is about, what it is for and to whom it goes: another recipient is asked for anew.

The reason is free text and may speak of people: it is sealed, and the ledger has none of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.vault import sealer
from luvalla.organisation.models import Disclosee
from luvalla.people.errors import NotReleased, OwnSignature
from luvalla.people.models import Release, User
from luvalla.people.queries import actor_of

ALONE_AT_MOST: Final = 100
"""Addresses that one person may export or print at once; more needs a second person."""
REASON: Final = "people.Release.reason_sealed"
HOLDS: Final = timedelta(days=7)
"""How long a release can be used after it was given, and a question waits for an answer."""


def needs_second_person(count: int) -> bool:
    """Tell whether an export or print of so many addresses needs a second person."""
    return count > ALONE_AT_MOST


@transaction.atomic
def ask_for_release(
    *,
    verb: str,
    subject: Subject,
    count: int,
    purpose: str,
    reason: str,
    to: Disclosee | None = None,
    by: User,
) -> Release:
    """Ask for the release of a large export or print, in the asker's own words.

    The same question that waits already is given back; for another purpose or recipient it is another question.
    """
    same = _alike(verb, subject, to, by).filter(purpose=purpose)
    waiting = same.filter(decided_at=None, asked_at__gt=timezone.now() - HOLDS).first()
    if waiting is not None:
        return waiting
    release = Release(
        verb=verb, subject_kind=subject.kind, subject_ref=subject.ref, count=count, purpose=purpose, to=to, asked_by=by
    )
    release.reason_sealed = sealer().seal(reason.encode(), column=REASON, token=release.ref.bytes)
    release.save()
    facts = {"verb": verb, "addresses": count, "disclosee": to.pk if to else None}
    about = Subject("release", str(release.ref))
    record("people.ask_for_release", actor=actor_of(by), subject=about, purpose=purpose, facts=facts)
    return release


def reason_of(release: Release) -> str:
    """Open why somebody asks, for whoever decides."""
    return sealer().open(bytes(release.reason_sealed), column=REASON, token=release.ref.bytes).decode()


@transaction.atomic
def release_or_ask(
    *,
    verb: str,
    subject: Subject,
    count: int,
    purpose: str,
    reason: str,
    to: Disclosee | None = None,
    by: User,
) -> str | None:
    """Give the reference of the release by which so many addresses may leave now; empty where it needs none.

    None where it needs a second person, who is asked then. A release that another person has given is used up by it.
    """
    if not needs_second_person(count):
        return ""
    release = release_to_use(verb=verb, subject=subject, purpose=purpose, to=to, by=by)
    if release is None:
        ask_for_release(verb=verb, subject=subject, count=count, purpose=purpose, reason=reason, to=to, by=by)
        return None
    return str(use_release(release=release, by=by, count=count).ref)


@transaction.atomic
def decide_release(*, release: Release, is_released: bool, by: User) -> Release:
    """Release it or refuse it. OwnSignature for one's own question; NotReleased when it was decided or is too old."""
    row = Release.objects.select_for_update().get(pk=release.pk)
    if row.asked_by_id == by.pk:
        raise OwnSignature
    if row.decided_at or row.asked_at < timezone.now() - HOLDS:
        raise NotReleased
    row.decided_by, row.decided_at, row.is_released = by, timezone.now(), is_released
    row.save(update_fields=["decided_by", "decided_at", "is_released"])
    verb = "people.release" if is_released else "people.refuse_release"
    facts = {"verb": row.verb, "addresses": row.count, "disclosee": row.to_id}
    record(verb, actor=actor_of(by), subject=Subject("release", str(row.ref)), purpose=row.purpose, facts=facts)
    return row


@transaction.atomic
def use_release(*, release: Release, by: User, count: int) -> Release:
    """Use a release for what it was asked for, once, and for hardly more addresses than were told; else NotReleased."""
    row = Release.objects.select_for_update().get(pk=release.pk)
    is_fresh = row.decided_at is not None and row.decided_at > timezone.now() - HOLDS
    is_theirs = row.asked_by_id == by.pk and count <= row.count + ALONE_AT_MOST
    if not (row.is_released and is_fresh and is_theirs) or row.used_at:
        raise NotReleased
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    return row


def release_to_use(
    *, verb: str, subject: Subject, purpose: str, to: Disclosee | None = None, by: User
) -> Release | None:
    """Find a release that the person can use for this now, the newest; None when there is none."""
    fresh = _alike(verb, subject, to, by).filter(
        purpose=purpose, is_released=True, used_at=None, decided_at__gt=timezone.now() - HOLDS
    )
    return fresh.order_by("-pk").first()


def _alike(verb: str, subject: Subject, to: Disclosee | None, by: User) -> QuerySet[Release]:
    return Release.objects.filter(verb=verb, subject_kind=subject.kind, subject_ref=subject.ref, to=to, asked_by=by)


def releases_waiting(user: User) -> QuerySet[Release]:
    """Give the questions of others that wait for this person's decision."""
    waiting = Release.objects.filter(decided_at=None, asked_at__gt=timezone.now() - HOLDS).exclude(asked_by=user)
    return waiting.select_related("asked_by", "to").order_by("asked_at")


def own_releases(user: User) -> QuerySet[Release]:
    """Give the person's own questions that wait or can be used, the newest first."""
    fresh = Release.objects.filter(asked_by=user, used_at=None, asked_at__gt=timezone.now() - HOLDS * 2)
    return fresh.select_related("decided_by", "to").order_by("-pk")
