"""The form of an auditor's pack: what is in it and how it is bound together. Knows neither Django nor a database.

A pack is a zip archive. `manifest.json` names every other file with its SHA-256 and the head of the ledger's excerpt;
`manifest.sig` is an Ed25519 signature over the manifest's bytes (RFC 8032), whose public key stands in the manifest.
`ledger.jsonl` is an unbroken run of ledger rows, each bound to the one before it by SHA-256, so that no key is needed
to see that none was changed, taken out or put in. Equal contents give equal bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

FORM: Final = "luvalla auditor's pack 1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
LEDGER, CLAIMS, HISTORY, VERSIONS = "ledger.jsonl", "claims.json", "evidence.jsonl", "notice/versions.json"
BEGINNING: Final = "0" * 64
"""What stands before the first row of an excerpt."""
ALWAYS: Final = (1980, 1, 1, 0, 0, 0)
LARGEST: Final = 512 << 20
"""Bytes all files of a pack may have together once unpacked; a larger one isn't read."""


def as_bytes(value: object) -> bytes:
    """Spell a value of JSON in one way only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def readable(value: object) -> bytes:
    """Spell a value of JSON for people to read, in one way only."""
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def sha256(content: bytes) -> str:
    """Give the SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def bound(before: str, row: Mapping[str, Any]) -> str:
    """Bind a row to the one before it; the row is taken without its own binding."""
    bare = {name: value for name, value in row.items() if name != "bound"}
    return sha256(before.encode() + as_bytes(bare))


def chained(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the rows with their bindings."""
    before = BEGINNING
    for row in rows:
        before = bound(before, row)
        yield {**row, "bound": before}


def evidence_digest(claim: str, verdict: str, figures: object) -> str:
    """Hash what a check saw, as notices.actions keeps it."""
    return sha256(json.dumps([claim, verdict, figures], sort_keys=True, ensure_ascii=False).encode())


def fingerprint(public_key: bytes) -> str:
    """Give a key's fingerprint for people to compare: the first 32 hex digits of its SHA-256, in fours."""
    digits = sha256(public_key)[:32]
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def archive(files: Mapping[str, bytes]) -> bytes:
    """Put files into a zip archive, sorted, with one and the same date, so that equal contents are equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for name in sorted(files):
            about = zipfile.ZipInfo(name, ALWAYS)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            into.writestr(about, files[name])
    return packed.getvalue()
