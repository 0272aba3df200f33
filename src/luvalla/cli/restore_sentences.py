"""What `luvalla restore` says when it can't go on: what is the case, what was kept, and what leads further."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from luvalla.cli.language import pgettext

NAMED: Final = 20
"""How many lines without their effect are named; the marker of the quarantine holds all."""


def sentence_of(fault: Exception) -> tuple[str, str] | None:
    """Give the kind of a failure and its sentence; None for one that was not foreseen."""
    from luvalla.ledger import errors
    from luvalla.ledger.backups import errors as backups
    from luvalla.ledger.backups.restoring import NotProved

    if isinstance(fault, errors.ErasuresGap):
        return "refused", f"{_gap(fault.why.value)} {_way_out()}"
    if isinstance(fault, errors.ErasuresBroken):
        sentence = pgettext("command", "Line %(line)s of the ledger of erasures doesn't hold (%(fault)s).")
        return "refused", f"{sentence % {'line': fault.line, 'fault': fault.fault}} {_way_out()}"
    if isinstance(fault, NotProved):
        return "refused", _not_proved(fault.broken, fault.missed)
    if isinstance(fault, errors.KeysWrong | errors.KeysMissing | errors.KeysAhead | errors.KeyringBroken):
        return "configuration", _keys()
    if isinstance(fault, backups.DrillFailed):
        return "refused", pgettext("command", "The drill failed: %(why)s") % {"why": fault}
    return _of_backup(type(fault).__name__)


def _not_proved(broken: Sequence[str], missed: Sequence[str]) -> str:
    said = []
    if missed:
        lines = pgettext(
            "command",
            "The ledger of erasures was carried out again, but the effect of some lines is missing "
            "(%(count)s), so the backup stays closed: %(lines)s (line, operation, reference). What was done with them "
            "was taken back. `luvalla restore --resume` carries these lines out once more; "
            "where that doesn't help, restore another backup and report the fault.",
        )
        named = [*missed[:NAMED], *(["..."] if len(missed) > NAMED else [])]
        said.append(lines % {"count": len(missed), "lines": "; ".join(named)})
    if broken:
        claims = pgettext(
            "command",
            "Everything was carried out again, but a check is broken (%(claims)s), so the backup stays closed. "
            "Mend what it says, then give `luvalla restore --resume`.",
        )
        said.append(claims % {"claims": " ".join(broken)})
    return " ".join(said)


def _of_backup(name: str) -> tuple[str, str] | None:
    nothing = pgettext("command", "Nothing was changed.")
    found = {
        "CannotOpen": (
            "configuration",
            pgettext("command", "No key that was given opens this backup. Give its age identity with --identity."),
        ),
        "NotABackup": ("refused", pgettext("command", "This is no backup, or not a whole one.")),
        "NotAuthenticated": (
            "refused",
            pgettext(
                "command",
                "This backup doesn't say who made it: it is older than that, or somebody forged it who knows the key "
                "that backups are encrypted with. If you know where it has been since it was made, give "
                "--unauthenticated; otherwise take another backup.",
            ),
        ),
        "NotAuthentic": (
            "refused",
            pgettext(
                "command",
                "The keys here didn't make this backup: they are another installation's, or the file was forged or put "
                "together. Bring the keys back from the recovery kit (`luvalla keys enter FILE`) and restore again; if "
                "these are the right ones, take another backup.",
            ),
        ),
        "NewerProgram": (
            "refused",
            pgettext("command", "A newer Luvalla made this backup. Install that version, then restore."),
        ),
        "OtherEngine": (
            "configuration",
            pgettext("command", "The backup is of the other kind of database. Set LUVALLA_DATABASE_URL to such a one."),
        ),
        "DatabaseInUse": (
            "try_again",
            pgettext("command", "Another process works with the database. Stop `luvalla run` and all workers first."),
        ),
        "DatabaseNotEmpty": (
            "refused",
            pgettext("command", "There is an installation already. Give --replace to put the backup in its place."),
        ),
    }.get(name)
    return None if found is None else (found[0], f"{found[1]} {nothing}")


def _gap(why: str) -> str:
    return {
        "begins later": pgettext(
            "command", "The backup is older than the ledger of erasures goes back (35 days). It stays closed."
        ),
        "ends earlier": pgettext(
            "command",
            "The ledger of erasures ends before this backup was made: it is lost or older. It stays closed.",
        ),
        "another one": pgettext(
            "command", "The ledger of erasures is not the one this backup was made with. The backup stays closed."
        ),
        "cut": pgettext(
            "command",
            "The newest lines of the ledger of erasures are missing: the installation that was here knew of more. "
            "The backup stays closed.",
        ),
        "missing": pgettext(
            "command", "There is no ledger of erasures, so nobody can tell who was erased. The backup stays closed."
        ),
        "two stories": pgettext(
            "command",
            "The ledger of erasures and its second copy go on differently: one of them has lost something. "
            "The backup stays closed.",
        ),
        "unknown operation": pgettext(
            "command", "A newer Luvalla wrote the ledger of erasures. Install that version; the backup stays closed."
        ),
    }[why]


def _way_out() -> str:
    return pgettext(
        "command",
        "Put the ledger of erasures back from its second disk and give `luvalla restore --resume`, or restore a newer "
        "backup. Only if it is lost for good: `luvalla restore --accept-gap REASON` opens the backup without any "
        "contact, since nobody can tell who was erased, and with every account shut.",
    )


def _keys() -> str:
    return pgettext(
        "command",
        "The backup is put back but closed: the keys here are not the ones it was made with. Bring them back from the "
        "recovery kit (`luvalla keys enter FILE`), then give `luvalla restore --resume`.",
    )
