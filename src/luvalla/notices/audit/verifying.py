"""Verifying an auditor's pack anywhere: with nothing but the file and, better, the key's fingerprint from elsewhere."""

from __future__ import annotations

import base64
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from luvalla.notices.audit.form import (
    BEGINNING,
    CLAIMS,
    FORM,
    HISTORY,
    LARGEST,
    LEDGER,
    MANIFEST,
    SIGNATURE,
    VERSIONS,
    bound,
    evidence_digest,
    fingerprint,
    sha256,
)

LANGUAGES: Final = ("fi", "sv", "en")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: not_a_pack, signature, other_key, missing, surplus, changed, chain, evidence, run or notice.

    what: the file, row, claim or version it is about.
    """

    kind: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What verifying found: the manifest as it is signed, and every fault."""

    manifest: dict[str, Any]
    faults: tuple[Fault, ...]
    fingerprint: str = ""
    files: int = 0
    rows: int = 0
    claims: int = 0


def verify_pack(place: Path, *, expected: str = "") -> Report:
    """Verify a pack: signature, every file's hash, the ledger's chain, the evidence and the notices within it.

    expected is the fingerprint of the key as it was learnt elsewhere, blanks or not; without it any key will do, and
    the report's fingerprint is to be compared by whoever reads it. A file that is no pack gives a Report that says so.
    """
    try:
        files = _unpacked(place)
        manifest = json.loads(files[MANIFEST])
        key = base64.b64decode(manifest["public_key"], validate=True)
        signature = base64.b64decode(files[SIGNATURE], validate=True)
        is_signed = manifest["form"] == FORM and _is_signed(files[MANIFEST], signature, key)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError):
        return Report({}, (Fault("not_a_pack"),))
    if not is_signed:
        return Report(manifest, (Fault("signature"),), fingerprint(key))
    faults = [*_wrong_key(key, expected), *_changed_files(files, manifest)]
    if not faults:
        faults = _inside(files, manifest)
    rows = files.get(LEDGER, b"").count(b"\n")
    claims = len(json.loads(files[CLAIMS])["claims"]) if not faults else 0
    return Report(manifest, tuple(faults), fingerprint(key), len(files), rows, claims)


def _unpacked(place: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(place) as packed:
        listed = packed.infolist()
        if len({each.filename for each in listed}) != len(listed) or sum(each.file_size for each in listed) > LARGEST:
            raise zipfile.BadZipFile
        return {each.filename: packed.read(each) for each in listed}


def _is_signed(manifest: bytes, signature: bytes, key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, manifest)
    except InvalidSignature:
        return False
    return True


def _wrong_key(key: bytes, expected: str) -> list[Fault]:
    given = "".join(expected.split()).lower()
    return [Fault("other_key", fingerprint(key))] if given and given != fingerprint(key).replace(" ", "") else []


def _changed_files(files: dict[str, bytes], manifest: dict[str, Any]) -> list[Fault]:
    told: dict[str, str] = manifest["files"]
    there = set(files) - {MANIFEST, SIGNATURE}
    changed = sorted(name for name in there & set(told) if sha256(files[name]) != told[name])
    return [
        *(Fault("missing", name) for name in sorted(set(told) - there)),
        *(Fault("surplus", name) for name in sorted(there - set(told))),
        *(Fault("changed", name) for name in changed),
    ]


def _inside(files: dict[str, bytes], manifest: dict[str, Any]) -> list[Fault]:
    """Look whether what is in the pack belongs together."""
    rows = [json.loads(line) for line in files[LEDGER].splitlines()]
    seen = [json.loads(line) for line in files[HISTORY].splitlines()]
    return [
        *_broken_chain(rows, manifest["ledger"]),
        *_changed_evidence(json.loads(files[CLAIMS])["claims"] + seen),
        *_changed_runs(rows, seen),
        *_changed_notices(files, rows),
    ]


def _broken_chain(rows: list[dict[str, Any]], told: dict[str, Any]) -> Iterator[Fault]:
    before, number = BEGINNING, None
    for row in rows:
        follows = number is None or row["number"] == number + 1
        before, number = bound(before, row), row["number"]
        if before != row["bound"] or not follows:
            yield Fault("chain", str(number))
            return
    if before != told["head"] or len(rows) != told["rows"]:
        yield Fault("chain", "head")


def _changed_evidence(seen: list[dict[str, Any]]) -> Iterator[Fault]:
    for each in seen:
        if each["digest"] and evidence_digest(each["id"], each["verdict_seen"], each["evidence"]) != each["digest"]:
            yield Fault("evidence", each["id"])


def _changed_runs(rows: list[dict[str, Any]], seen: list[dict[str, Any]]) -> Iterator[Fault]:
    """Compare each run's hash in the ledger with the evidence of that run, where the pack has all of it."""
    digests: dict[str, list[str]] = defaultdict(list)
    for each in seen:
        digests[each["run"]].append(each["digest"])
    for row in rows:
        found = digests.get(row["subject_ref"]) if row["verb"] == "notices.check_claims" else None
        if found and sha256("".join(found).encode()) != row["facts"]["digest"]:
            yield Fault("run", row["subject_ref"])


def _changed_notices(files: dict[str, bytes], rows: list[dict[str, Any]]) -> Iterator[Fault]:
    recorded = {row["subject_ref"]: row["facts"]["digest"] for row in rows if row["verb"] == "notices.publish_notice"}
    for each in json.loads(files[VERSIONS])["versions"]:
        number = str(each["version"])
        texts = [files[f"notice/{number}-{language}.html"] for language in LANGUAGES]
        if not sha256(b"\0".join(texts)) == each["digest"] == recorded.get(number, each["digest"]):
            yield Fault("notice", number)
