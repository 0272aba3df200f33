"""Making an auditor's pack: notices, claims with their evidence, records, and an excerpt of the ledger, signed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.models import LedgerSeal
from luvalla.ledger.queries import verify_chain
from luvalla.notices.audit import form
from luvalla.notices.audit.signing import public_bytes, signing_key
from luvalla.notices.errors import LedgerBroken
from luvalla.notices.evidence import control_in_words, figures_in_words
from luvalla.notices.models import ClaimVerdict, NoticeVersion
from luvalla.notices.queries import ClaimState, claim_verdicts
from luvalla.notices.records.tables import as_filed, record_of
from luvalla.notices.rendering import LANGUAGES
from luvalla.organisation.queries import the_controller
from luvalla.rules.ports import Verdict, account_records

TITLES: Final = {
    "controller": pgettext_lazy("audit", "Controller"),
    "purposes": pgettext_lazy("audit", "Purposes"),
    "outgoing-hosts": pgettext_lazy("audit", "Hosts that requests may go out to"),
    "declared-fields": pgettext_lazy("audit", "Declared fields"),
    "authority-comparisons": pgettext_lazy("audit", "Comparisons of authorities with their pages"),
    "breaches": pgettext_lazy("audit", "Breaches"),
}
VERDICTS: Final = {
    Verdict.HOLDS: pgettext_lazy("audit", "holds"),
    Verdict.BROKEN: pgettext_lazy("audit", "broken"),
    Verdict.UNKNOWN: pgettext_lazy("audit", "unknown"),
    Verdict.NOT_BUILT: pgettext_lazy("audit", "not built"),
}
ROWS: Final = 2000
"""So many of the newest rows of the ledger are in a pack."""


def make_pack(*, now: datetime | None = None, language: str = "en", actor: Actor) -> bytes:
    """Make a pack and give its bytes; the ledger's row with the pack's hash is written after it.

    Raises LedgerBroken where the ledger's own chain doesn't hold: then nothing is signed. NotSetUp before there is a
    controller.
    """
    seal_rows(everything=True)
    chain = verify_chain()
    if chain.broken is not None:
        raise LedgerBroken(chain.broken.number)
    packed = form.archive(_signed(_files(now or timezone.now(), language), now or timezone.now()))
    with transaction.atomic():
        facts = {"sha256": form.sha256(packed), "bytes": len(packed)}
        record("notices.make_audit_pack", actor=actor, subject=Subject("audit pack"), facts=facts)
    return packed


def key_fingerprint() -> str:
    """Give the fingerprint of this installation's key, as it is shown on the screen."""
    return form.fingerprint(public_bytes(signing_key()))


def _signed(files: dict[str, bytes], now: datetime) -> dict[str, bytes]:
    key, lines = signing_key(), files[form.LEDGER].splitlines()
    manifest = form.readable(
        {
            "form": form.FORM,
            "made_at": now.isoformat(timespec="seconds"),
            "controller": the_controller().name,
            "public_key": base64.b64encode(public_bytes(key)).decode(),
            "files": {name: form.sha256(content) for name, content in files.items()},
            "ledger": {"rows": len(lines), "head": _head(lines)},
        }
    )
    signature = base64.b64encode(key.sign(manifest))
    return {**files, form.MANIFEST: manifest, form.SIGNATURE: signature}


def _head(lines: list[bytes]) -> str:
    return lines[-1].rpartition(b'"bound":"')[2][:64].decode() if lines else form.BEGINNING


def _files(now: datetime, language: str) -> dict[str, bytes]:
    states = claim_verdicts(now)
    records = {each.name: list(each.rows()) for each in account_records}
    notices = list(NoticeVersion.objects.order_by("version"))
    rows = list(form.chained(_excerpt()))
    return {
        form.CLAIMS: form.readable({"claims": [_claim(each) for each in states]}),
        form.HISTORY: b"".join(form.as_bytes(each) + b"\n" for each in _evidence(rows)),
        form.LEDGER: b"".join(_line(each) for each in rows),
        form.VERSIONS: form.readable({"versions": [_version(each) for each in notices]}),
        **{f"notice/{each.version}-{name}.html": each.html_in(name).encode() for each in notices for name in LANGUAGES},
        **{f"records/{name}.json": form.readable({name: listed}) for name, listed in records.items()},
        "index.html": _index(states, records, notices, rows, now=now, language=language),
    }


def _line(row: dict[str, Any]) -> bytes:
    """Spell a row with its binding at the end, where whoever reads along finds it."""
    return form.as_bytes({name: value for name, value in row.items() if name != "bound"})[:-1] + (
        f',"bound":"{row["bound"]}"}}\n'.encode()
    )


def _claim(state: ClaimState) -> dict[str, Any]:
    return {
        "id": state.id,
        "verdict": state.verdict.value,
        "verdict_seen": state.seen.value if state.seen else "",
        "says": {name: state.entry.text_in(name) for name in LANGUAGES},
        "kind": state.entry.kind.value,
        "room": state.entry.room,
        "closes": list(state.entry.closes),
        "evidence": dict(state.figures),
        "digest": state.digest,
        "checked_at": state.checked_at.isoformat() if state.checked_at else None,
        "fresh_hours": round(state.entry.fresh / timedelta(hours=1)),
        "negative_control": state.negative_control,
    }


def _evidence(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give what the checks saw in every run the excerpt tells of, in the order of the run's hash."""
    runs = [each["subject_ref"] for each in rows if each["verb"] == "notices.check_claims"]
    for each in ClaimVerdict.objects.filter(run__in=runs).order_by("pk").iterator():
        yield {
            "run": str(each.run),
            "id": each.claim,
            "verdict_seen": each.verdict,
            "evidence": each.figures,
            "digest": each.digest,
            "checked_at": each.checked_at.isoformat(),
        }


def _excerpt() -> Iterator[dict[str, Any]]:
    """Give the newest rows in the chain's order. A reason is somebody's own words: the pack has only its hash."""
    newest = LedgerSeal.objects.exclude(row=None).order_by("-pk").select_related("row")[:ROWS]
    for seal in reversed(newest):
        row = seal.row
        assert row is not None
        yield {
            "number": seal.pk,
            "link": bytes(seal.link).hex(),
            "at": row.at.isoformat(),
            "actor": row.actor,
            "verb": row.verb,
            "subject_kind": row.subject_kind,
            "subject_ref": row.subject_ref,
            "purpose": row.purpose,
            "reason_sha256": hashlib.sha256(row.reason.encode()).hexdigest() if row.reason else "",
            "facts": row.facts,
        }


def _version(notice: NoticeVersion) -> dict[str, Any]:
    return {
        "version": notice.version,
        "published_on": notice.published_on.isoformat(),
        "published_by": notice.published_by,
        "digest": notice.digest,
    }


def _index(
    states: list[ClaimState],
    records: dict[str, list[Any]],
    notices: list[NoticeVersion],
    rows: list[dict[str, Any]],
    *,
    now: datetime,
    language: str,
) -> bytes:
    """Give the page that a person reads first."""
    words = {
        "language": language,
        "controller": the_controller(),
        "now": now,
        "fingerprint": key_fingerprint(),
        "holding": sum(each.verdict.value == "holds" for each in states),
        "notices": notices,
        "rows": rows,
    }
    with translation.override(language):
        words["claims"] = [_line_of(each, language) for each in states]
        words["records"] = [_part(name, listed) for name, listed in records.items()]
        return render_to_string("notices/audit/index.html", words).encode()


def _line_of(state: ClaimState, language: str) -> dict[str, Any]:
    """Give a claim as it is read: its promise, what the check saw, and what its negative control does."""
    seen = figures_in_words(state.id, state.figures, language)
    return {
        "state": state,
        "verdict": VERDICTS[state.verdict],
        "says": state.entry.text_in(language),
        "seen": "; ".join(f"{name}: {_plain(value)}" for name, value in seen),
        "control": control_in_words(state.id, language),
    }


def _plain(value: object) -> str:
    """Write a figure's value; days and times are ISO 8601."""
    if isinstance(value, bool):
        return pgettext("audit", "yes") if value else pgettext("audit", "no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "\u2013"
    return "\u2013" if value in (None, "") else str(value)


def _part(name: str, listed: list[Any]) -> dict[str, Any]:
    """Give a record as it is read: the table of the screen where there is one, else the file's own columns.

    Breaches are told by their figures: what happened is sealed and doesn't leave the system.
    """
    found = record_of(name) if name != "breaches" else None
    if found is not None:
        table = found.table()
        rows = [_pairs(table.columns, map(as_filed, row)) for row in table.rows]
        return {"name": name, "title": table.title, "columns": table.columns, "rows": rows, "common": table.common}
    columns = [column for column in listed[0] if column != "id"] if listed else []
    cells = [["" if row.get(column) is None else str(row[column]) for column in columns] for row in listed]
    rows = [_pairs(columns, row) for row in cells]
    return {"name": name, "title": TITLES.get(name, name), "columns": columns, "rows": rows}


def _pairs(columns: Iterable[str], cells: Iterable[str]) -> list[tuple[str, str]]:
    """Put each cell beside the name of its column, for a page on which there is no room for columns."""
    return list(zip(columns, cells, strict=True))
