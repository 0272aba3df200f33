"""Publishing notices and checking their claims."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.notices.alarm import raise_alarm
from luvalla.notices.doors import move_doors
from luvalla.notices.errors import (
    BadDate,
    OpinionMissing,
    OpinionOutdated,
    PublishingClosed,
    ReasonMissing,
    SamePerson,
)
from luvalla.notices.facts import gather
from luvalla.notices.models import ClaimVerdict, EarlierNotice, EarlierSentence, NoticeFile, NoticeVersion, Opinion
from luvalla.notices.queries import closing_claims, current_notice, next_draft, opinion_on_draft
from luvalla.notices.registry import entries, entry
from luvalla.notices.rendering import LANGUAGES, digest, render
from luvalla.notices.typesetting import typeset
from luvalla.rules.ports import Claim, Finding, Verdict, claims

PERSON: Final = "person"


@transaction.atomic
def give_opinion(*, is_for: bool, text: str, draft: str, actor: Actor) -> Opinion:
    """Record the data protection officer's opinion on the next version (GDPR 38(1), 39(1)(a)).

    draft is the digest of the text that was read (queries.next_draft). Raises OpinionOutdated when the configuration
    gives another text by now, and ReasonMissing for an opinion without words.
    """
    said, now = " ".join(text.split()), next_draft()
    if not said:
        raise ReasonMissing
    if now.digest != draft:
        raise OpinionOutdated
    given = Opinion.objects.create(version=now.version, draft=draft, is_for=is_for, text=said, given_by=str(actor))
    facts = {"version": now.version, "draft": draft, "is_for": is_for}
    record("notices.give_opinion", actor=actor, subject=Subject("opinion", str(given.ref)), facts=facts)
    return given


@transaction.atomic
def publish_notice(*, published_on: date | str, actor: Actor, reason: str = "") -> NoticeVersion:
    """Publish the notice that the configuration gives, as the next version (GDPR 12-14).

    An account publishes on the newest opinion about this very text; against one that is against it only with a reason.
    The system itself needs none: it publishes the version that an installation begins with.
    Raises BadDate for a day that isn't one, lies in the future or before the last version's; PublishingClosed while a
    claim is broken that publishing would not mend; OpinionMissing, ReasonMissing or SamePerson where the opinion isn't
    there, is against it, or is the publisher's own; NotSetUp before there is a controller.
    """
    before = current_notice()
    day = _checked_day(published_on, before)
    _refuse_while_broken()
    version, facts = (before.version + 1 if before else 1), gather()
    texts = {language: render(facts, language, version=version, published_on=day) for language in LANGUAGES}
    notice = NoticeVersion.objects.create(
        version=version,
        published_on=day,
        published_by=str(actor),
        opinion=_opinion_for(actor, reason),
        reason=reason,
        facts=facts,
        digest=digest(texts),
        **{f"html_{language}": text for language, text in texts.items()},
    )
    _record_publishing(notice, actor)
    return notice


@transaction.atomic
def make_file(*, notice: NoticeVersion, language: str, actor: Actor) -> NoticeFile:
    """Give the PDF of a version in fi, sv or en, made when it is asked for first and kept with its hash."""
    kept = notice.files.filter(language=language).first()
    if kept:
        return kept
    content = typeset(notice, language)
    checksum = hashlib.sha256(content).hexdigest()
    made, is_new = NoticeFile.objects.get_or_create(
        notice=notice, language=language, defaults={"content": content, "digest": checksum}
    )
    if is_new:
        facts = {"language": language, "digest": checksum}
        record("notices.make_file", actor=actor, subject=Subject("notice", str(notice.version)), facts=facts)
    return made


@transaction.atomic
def keep_earlier_notice(*, details: Mapping[str, Any], actor: Actor) -> EarlierNotice:
    """Keep an organisation's earlier notice in its own words, each sentence with the reason it was changed for.

    details are `language`, `dated`, `digest` and `sentence`, as `luvalla notice adopt` writes them. The same text is
    kept once. Raises KeyError where a detail is missing.
    """
    kept, is_new = EarlierNotice.objects.get_or_create(
        digest=details["digest"],
        defaults={"language": details["language"], "dated": details.get("dated", ""), "kept_by": str(actor)},
    )
    if not is_new:
        return kept
    rows = [_earlier(kept, place, each) for place, each in enumerate(details.get("sentence", ()), start=1)]
    EarlierSentence.objects.bulk_create(rows)
    facts = {"sentences": len(rows), "digest": kept.digest}
    record("notices.keep_earlier_notice", actor=actor, subject=Subject("earlier_notice", str(kept.pk)), facts=facts)
    return kept


def check_claims(ids: Collection[str] | None = None, *, actor: Actor) -> list[ClaimVerdict]:
    """Run the registered checks, of all claims or of some, and keep what they saw: one run, one row of the ledger.

    A check that fails itself gives "unknown", never "holds". Claims without a check are left out.
    Raises NoSuchClaim for an id outside the registry.
    """
    wanted = [entry(each).id for each in ids] if ids is not None else [each.id for each in entries()]
    parts = [part for each in wanted if (part := claims.get(each))]
    run = uuid.uuid4()
    findings = {part.id: _finding(part) for part in parts}
    seen = [_verdict(claim_id, finding, run) for claim_id, finding in findings.items()]
    with transaction.atomic():
        ClaimVerdict.objects.bulk_create(seen)
        closed, opened = move_doors(findings)
        _record_run(run, seen, {"closed": closed, "opened": opened}, actor)
        raise_alarm(closed, actor=actor)
    return seen


def _checked_day(published_on: date | str, before: NoticeVersion | None) -> date:
    try:
        day = published_on if isinstance(published_on, date) else date.fromisoformat(published_on)
    except ValueError:
        raise BadDate from None
    if day > timezone.localdate() or (before and day < before.published_on):
        raise BadDate
    return day


def _refuse_while_broken() -> None:
    if ids := closing_claims():
        raise PublishingClosed(ids)


def _earlier(kept: EarlierNotice, place: int, each: Mapping[str, Any]) -> EarlierSentence:
    return EarlierSentence(
        notice=kept,
        place=place,
        heading=each.get("heading", ""),
        text=each["text"],
        claims=list(each.get("claims", ())),
        weak_points=list(each.get("weak_points", ())),
    )


def _opinion_for(actor: Actor, reason: str) -> Opinion | None:
    if actor.kind != PERSON:
        return None
    given = opinion_on_draft()
    if given is None:
        raise OpinionMissing
    if given.given_by == str(actor):
        raise SamePerson
    if not given.is_for and not reason.strip():
        raise ReasonMissing
    return given


def _record_publishing(notice: NoticeVersion, actor: Actor) -> None:
    facts: dict[str, object] = {"published_on": notice.published_on.isoformat(), "digest": notice.digest}
    if notice.opinion:
        facts |= {"opinion": str(notice.opinion.ref), "is_for": notice.opinion.is_for}
    subject = Subject("notice", str(notice.version))
    record("notices.publish_notice", actor=actor, subject=subject, reason=notice.reason, facts=facts)


def _verdict(claim_id: str, finding: Finding, run: uuid.UUID) -> ClaimVerdict:
    figures = json.loads(json.dumps(finding.figures, default=str))
    evidence = json.dumps([claim_id, finding.verdict, figures], sort_keys=True, ensure_ascii=False)
    return ClaimVerdict(
        run=run,
        claim=claim_id,
        verdict=finding.verdict,
        figures=figures,
        digest=hashlib.sha256(evidence.encode()).hexdigest(),
    )


def _finding(part: Claim) -> Finding:
    try:
        with _apart():
            return part.check()
    except Exception as fault:  # noqa: BLE001  # whatever fails in a check, its verdict is unknown
        return Finding(Verdict.UNKNOWN, {"fault": type(fault).__name__})


def _apart() -> AbstractContextManager[object]:
    """Keep a failing check from spoiling a transaction around it; none is begun for it, since stops must not wait."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _record_run(run: uuid.UUID, seen: list[ClaimVerdict], moved: Mapping[str, list[str]], actor: Actor) -> None:
    counts = {each.value: sum(row.verdict == each for row in seen) for each in Verdict if each is not Verdict.NOT_BUILT}
    joined = hashlib.sha256("".join(each.digest for each in seen).encode()).hexdigest()
    facts = {**counts, "digest": joined, **{name: ids for name, ids in moved.items() if ids}}
    record("notices.check_claims", actor=actor, subject=Subject("claims", str(run)), facts=facts)
