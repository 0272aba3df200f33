"""What this room proves: the notice in force says what is so, of purposes, sources and authorities among others."""

from __future__ import annotations

import hashlib
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone

from luvalla.campaigns.claims import letters_have_a_declared_purpose
from luvalla.campaigns.models import Campaign
from luvalla.campaigns.source_claims import look_at_sources
from luvalla.ledger.reads import looks_without_purpose
from luvalla.notices.facts import HOME_COUNTRY, NAMES, differences, gather
from luvalla.notices.models import NoticeFile, NoticeVersion
from luvalla.notices.queries import MENDED_BY_PUBLISHING, current_notice
from luvalla.notices.recipients import check_contents, check_recipients
from luvalla.notices.rendering import LANGUAGES, render
from luvalla.notices.restoring import is_as_published
from luvalla.organisation.authorities import OUTDATED, Authority, authorities, authority
from luvalla.organisation.models import Purpose
from luvalla.register.claims import sources_are_declared, sources_in_use
from luvalla.rules.countries import EEA
from luvalla.rules.ports import Claim, Finding, Verdict, claims

FRESH_DAYS: Final = 180
BROKEN_AFTER_DAYS: Final = 365


def check_published_text() -> Finding:
    """Render the newest notice from the configuration of now and compare it, byte for byte, with the published one."""
    notice = current_notice()
    if notice is None:
        return Finding(Verdict.BROKEN, {"versions": 0, MENDED_BY_PUBLISHING: True})
    same = [each for each in LANGUAGES if _rendered_now(notice, each) == notice.html_in(each)]
    figures = {
        "version": notice.version,
        "languages": len(LANGUAGES),
        "same": len(same),
        "changed_settings": list(differences(notice.facts, gather())),
        "files_changed": _files_changed(),
        "digest_matches": is_as_published(notice),
    }
    is_untouched = figures["digest_matches"] and not figures["files_changed"]
    holds = len(same) == len(LANGUAGES) and is_untouched
    figures[MENDED_BY_PUBLISHING] = is_untouched and not holds
    return Finding(Verdict.HOLDS if holds else Verdict.BROKEN, figures)


def check_version_and_date() -> Finding:
    """Look whether versions are numbered without a gap and dated in order, none in the future, all as published.

    The ledger remembers the day and the text of each.
    """
    rows = list(NoticeVersion.objects.order_by("version"))
    days = [each.published_on for each in rows]
    figures = {
        "versions": len(rows),
        "newest": days[-1].isoformat() if days else "",
        "without_a_gap": [each.version for each in rows] == list(range(1, len(rows) + 1)),
        "in_order": days == sorted(days),
        "in_the_future": sum(day > timezone.localdate() for day in days),
        "as_published": sum(is_as_published(each) for each in rows),
        MENDED_BY_PUBLISHING: not rows,
    }
    holds = bool(rows) and figures["without_a_gap"] and figures["in_order"] and figures["as_published"] == len(rows)
    return Finding(Verdict.HOLDS if holds and not figures["in_the_future"] else Verdict.BROKEN, figures)


def check_purposes() -> Finding:
    """Look whether each letter, sending and look at addresses had a purpose, and the notice in force names it (S5)."""
    notice, declared = current_notice(), letters_have_a_declared_purpose()
    told = {tuple(each[name] for name in NAMES) for each in notice.facts["purposes"]} if notice else set()
    used = Purpose.objects.filter(Exists(Campaign.objects.filter(purpose=OuterRef("pk"))))
    untold = sum(names not in told for names in used.values_list(*NAMES))
    aimless = looks_without_purpose()
    is_broken = declared.verdict is Verdict.BROKEN or aimless
    figures = {**declared.figures, "looks_without_purpose": aimless, "not_in_the_notice": untold}
    figures[MENDED_BY_PUBLISHING] = bool(untold and not is_broken)
    return Finding(Verdict.BROKEN if untold or is_broken else Verdict.HOLDS, figures)


def check_sources() -> Finding:
    """Look whether every source in use is declared and in the notice in force, and told by each letter (GDPR 14, S16).

    A breach of some letters alone closes the purposes of these alone.
    """
    notice, declared, letters = current_notice(), sources_are_declared(), look_at_sources()
    told = {tuple(each[name] for name in NAMES) for each in notice.facts["sources"]} if notice else set()
    untold = sum(names not in told for names in sources_in_use().values_list(*NAMES))
    silent = letters.silent + letters.silent_on_trial
    is_broken = declared.verdict is Verdict.BROKEN or silent
    figures = {**declared.figures, "not_in_the_notice": untold, "letters_without_source": silent}
    figures |= {"letters": letters.letters, "made_on_trial": letters.tried}
    figures[MENDED_BY_PUBLISHING] = bool(untold and not is_broken)
    is_about_some = not letters.silent_on_trial and not untold and declared.verdict is Verdict.HOLDS
    about = letters.purposes if is_about_some else ()
    return Finding(Verdict.BROKEN if untold or is_broken else Verdict.HOLDS, figures, about)


def check_authorities() -> Finding:
    """Look when each EEA state's authority was verified: broken after a year, unknown after 180 days or never (S45)."""
    ages = [_age(authorities()[each]) for each in sorted(EEA) if each in authorities()]
    return _freshness(ages, {"states": len(EEA), "listed": len(ages)}, is_whole=len(ages) == len(EEA))


def check_named_authority() -> Finding:
    """Look at the authority the notice in force names: as on the list, verified, at no outdated address (S46)."""
    notice, named = current_notice(), authority(HOME_COUNTRY)
    texts = notice.texts().values() if notice else ()
    outdated = sum(each in text for text in texts for each in OUTDATED)
    is_named = bool(notice) and all(named.email in text and named.postcode in text for text in texts)
    return _freshness([_age(named)], {"outdated": outdated}, is_whole=is_named and not outdated)


def register_claims() -> None:
    """Take part in the port."""
    recipients = "tests/notices/test_recipients.py::"
    for claim in (
        Claim("S5", check_purposes, "tests/notices/test_claims.py::test_a_purpose_the_notice_does_not_name_breaks_s5"),
        Claim("S16", check_sources, "tests/notices/test_claims.py::test_a_source_the_notice_does_not_name_breaks_s16"),
        Claim("S45", check_authorities, "tests/notices/test_claims.py::test_authorities_verified_long_ago_break_s45"),
        Claim("S46", check_named_authority, "tests/notices/test_claims.py::test_an_outdated_address_breaks_s46"),
        Claim("S13", check_recipients, recipients + "test_a_relay_nobody_is_told_of_breaks_s13"),
        Claim("S15", check_contents, recipients + "test_a_field_the_notice_does_not_name_breaks_s15"),
    ):
        claims.register(claim.id, claim)


def _age(of: Authority) -> int | None:
    return None if of.verified_on is None else (timezone.localdate() - of.verified_on).days


def _freshness(ages: list[int | None], figures: dict[str, object], *, is_whole: bool) -> Finding:
    known = [each for each in ages if each is not None]
    figures |= {"never_verified": len(ages) - len(known), "oldest_days": max(known, default=None)}
    if not is_whole or max(known, default=0) > BROKEN_AFTER_DAYS:
        return Finding(Verdict.BROKEN, figures)
    is_fresh = len(known) == len(ages) and max(known, default=0) <= FRESH_DAYS
    return Finding(Verdict.HOLDS if is_fresh else Verdict.UNKNOWN, figures)


def _rendered_now(notice: NoticeVersion, language: str) -> str:
    return render(gather(), language, version=notice.version, published_on=notice.published_on)


def _files_changed() -> int:
    """Count the PDF files whose bytes are no longer those that were made."""
    files = NoticeFile.objects.values_list("content", "digest")
    return sum(hashlib.sha256(bytes(content)).hexdigest() != digest for content, digest in files)
