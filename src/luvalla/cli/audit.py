"""`luvalla audit`: make the auditor's pack of this installation, or verify one anywhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import Refused
from luvalla.cli.groups import WholeSentences
from luvalla.cli.language import console_language, pgettext
from luvalla.cli.output import json_option, print_json, print_line

if TYPE_CHECKING:
    from luvalla.notices.audit.verifying import Fault, Report


@click.group(cls=WholeSentences, help=pgettext("command", "Make the auditor's pack, or verify one."))
def command() -> None:
    """Make the auditor's pack, or verify one."""


@command.command(help=pgettext("command", "Write the auditor's pack to a file: notices, claims, records and ledger."))
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@json_option
@with_django
def pack(file: Path, *, as_json: bool) -> None:
    """Make the pack; an existing file is kept."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.notices.audit.form import sha256
    from luvalla.notices.audit.making import key_fingerprint, make_pack
    from luvalla.notices.errors import LedgerBroken

    try:
        packed = make_pack(language=console_language(os.environ), actor=OPERATOR)
        with file.open("xb") as into:
            into.write(packed)
    except LedgerBroken as fault:
        sentence = pgettext(
            "audit", "The ledger is broken at link %(link)s, so no pack was signed. `luvalla ledger verify` says more."
        )
        raise Refused(sentence % {"link": fault.number}) from None
    except FileExistsError:
        sentence = pgettext("audit", "%(file)s is there already and was kept. Name another file.")
        raise Refused(sentence % {"file": file.name}) from None
    if as_json:
        print_json({"file": str(file), "sha256": sha256(packed), "key": key_fingerprint()})
        return
    print_line(pgettext("audit", "Written: %(file)s.") % {"file": file})
    print_line(pgettext("audit", "Key of the signature: %(key)s") % {"key": key_fingerprint()})


@command.command(help=pgettext("command", "Verify an auditor's pack; neither the system nor its database is needed."))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default="", help=pgettext("command", "Fingerprint of the key, as the system's screen shows it."))
@json_option
def verify(file: Path, *, key: str, as_json: bool) -> int:
    """Verify the signature, the hashes, the chain and the evidence; exit code 1 where anything is wrong."""
    from luvalla.notices.audit.verifying import verify_pack

    report = verify_pack(file, expected=key)
    if as_json:
        print_json(_document(report))
    else:
        _tell(report, is_key_known=bool(key))
    return Refused.exit_code if report.faults else 0


def _document(report: Report) -> dict[str, Any]:
    return {
        "holds": not report.faults,
        "faults": [{"kind": each.kind, "what": each.what} for each in report.faults],
        "key": report.fingerprint,
        "controller": report.manifest.get("controller"),
        "made_at": report.manifest.get("made_at"),
        "files": report.files,
        "rows": report.rows,
        "claims": report.claims,
    }


def _tell(report: Report, *, is_key_known: bool) -> None:
    for each in report.faults:
        print_line(_sentence(each))
    if report.faults:
        return
    sentence = pgettext("audit", "The pack holds: %(files)d files, %(claims)d claims, %(rows)d rows of the ledger.")
    print_line(sentence % {"files": report.files, "claims": report.claims, "rows": report.rows})
    made = pgettext("audit", "Made by %(controller)s at %(at)s.")
    print_line(made % {"controller": report.manifest["controller"], "at": report.manifest["made_at"]})
    print_line(pgettext("audit", "Key of the signature: %(key)s") % {"key": report.fingerprint})
    if not is_key_known:
        print_line(pgettext("audit", "Compare the key with the one on the system's screen, or give it with --key."))


def _sentence(fault: Fault) -> str:
    said = {
        "not_a_pack": pgettext("audit", "The file is no auditor's pack, or it is damaged."),
        "signature": pgettext("audit", "The signature doesn't belong to the pack: the manifest was changed."),
        "other_key": pgettext("audit", "The pack was signed with another key: %(what)s."),
        "missing": pgettext("audit", "%(what)s is missing from the pack."),
        "surplus": pgettext("audit", "%(what)s was put into the pack."),
        "changed": pgettext("audit", "%(what)s was changed."),
        "chain": pgettext("audit", "The ledger's chain is broken at row %(what)s."),
        "evidence": pgettext("audit", "The evidence of %(what)s isn't what the check saw."),
        "run": pgettext("audit", "The evidence of the run %(what)s isn't what the ledger recorded."),
        "notice": pgettext("audit", "Version %(what)s of the notice isn't what was published."),
    }
    return said[fault.kind] % {"what": fault.what}
