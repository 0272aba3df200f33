"""Versions of the notice that were changed by hand: the ledger knows their day and text, their facts make it anew."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow
from luvalla.notices.errors import NotRestorable
from luvalla.notices.models import NoticeFile, NoticeVersion
from luvalla.notices.rendering import LANGUAGES, digest, render


def is_as_published(notice: NoticeVersion) -> bool:
    """Tell whether a version has the text and the day that the ledger recorded when it was published."""
    facts = _recorded(notice)
    is_its_text = digest(notice.texts()) == notice.digest == facts.get("digest")
    return is_its_text and notice.published_on.isoformat() == facts.get("published_on")


@transaction.atomic
def restore_versions(*, actor: Actor) -> tuple[int, ...]:
    """Write every version back as it was published, and tell which were changed; a changed PDF is made anew when asked.

    Raises NotRestorable for a version that its facts no longer give: it is in the backups only.
    """
    changed = [each for each in NoticeVersion.objects.order_by("version") if not is_as_published(each)]
    for each in changed:
        _write_back(each)
    files = [each for each in NoticeFile.objects.select_related("notice") if _is_changed(each)]
    NoticeFile.objects.filter(pk__in=[each.pk for each in files]).delete()
    numbers = tuple(sorted({each.version for each in changed} | {each.notice.version for each in files}))
    if numbers:
        facts = {"versions": list(numbers), "files": len(files)}
        record("notices.restore_versions", actor=actor, subject=Subject("notice"), facts=facts)
    return numbers


def _recorded(notice: NoticeVersion) -> Mapping[str, Any]:
    """Give what the ledger recorded of a version's publishing."""
    rows = LedgerRow.objects.filter(verb="notices.publish_notice", subject_ref=str(notice.version))
    return rows.order_by("-pk").values_list("facts", flat=True).first() or {}


def _write_back(notice: NoticeVersion) -> None:
    recorded = _recorded(notice)
    try:
        day = date.fromisoformat(recorded["published_on"])
        texts = {each: render(notice.facts, each, version=notice.version, published_on=day) for each in LANGUAGES}
    except (KeyError, TypeError, ValueError):
        raise NotRestorable(notice.version) from None
    if digest(texts) != recorded["digest"]:
        raise NotRestorable(notice.version)
    notice.published_on, notice.digest = day, recorded["digest"]
    for language, text in texts.items():
        setattr(notice, f"html_{language}", text)
    notice.save()


def _is_changed(file: NoticeFile) -> bool:
    return hashlib.sha256(bytes(file.content)).hexdigest() != file.digest
