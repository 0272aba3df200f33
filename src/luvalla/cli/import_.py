"""`luvalla import FILE`: reads an export, shows what it changes, and applies it in one step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import Misconfigured, NotFound, SecondPersonNeeded, TryAgain
from luvalla.cli.language import npgettext, pgettext
from luvalla.cli.output import json_option, print_json, print_line, print_table, progress_bar, say

if TYPE_CHECKING:
    from luvalla.ledger.actors import Actor
    from luvalla.register.importing.export import Options
    from luvalla.register.importing.staging import Reading
    from luvalla.register.models import Audience, Batch, Source

KINDS: Final = ("consent", "customer", "legal_entity", "service_message")
ROLES: Final = ("address", "since", "kind", "prohibited")
PATIENCE: Final = 30
"""How many seconds an interrupted import of the same source is waited for until it is given up."""
DRY_RUN: Final = "dry_run"
Result = TypeVar("Result")


@click.command(help=pgettext("command", "Import an export of the customer information system: CSV or a workbook."))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", "source_key", required=True, help=pgettext("command", "Key of the source, such as crm."))
@click.option(
    "--permission",
    required=True,
    type=click.Choice(KINDS, case_sensitive=False),
    help=pgettext("command", "Why the addresses may be written to."),
)
@click.option("--audience", "audience_key", help=pgettext("command", "Key of the audience; default: the source's own."))
@click.option(
    "--purpose", "purposes", multiple=True, help=pgettext("command", "Key of a purpose a consent was given for.")
)
@click.option("--dry-run", is_flag=True, help=pgettext("command", "Only show the difference; leave nothing behind."))
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="ROLE=NAME",
    help=pgettext(
        "command", "Which column is address, since, kind or prohibited: by its header, or its number from 1."
    ),
)
@click.option("--sheet", default="", help=pgettext("command", "Name of the sheet; default: the one with addresses."))
@click.option("--encoding", default="", help=pgettext("command", "Encoding of the text; default: found out."))
@click.option("--delimiter", default="", help=pgettext("command", "Delimiter of the columns; default: found out."))
@click.option(
    "--released-by",
    help=pgettext("command", "User name of the second person, who releases the loss of over a tenth of the addresses."),
)
@json_option
@with_django
def command(file: Path, *, dry_run: bool, released_by: str | None, as_json: bool, **given: Any) -> None:
    """Read, compare, stage and apply; everything or nothing."""
    from luvalla.register.importing.errors import NotReadable
    from luvalla.register.importing.faults import FileFault
    from luvalla.register.importing.sentences import file_sentence

    request = _Request(file, given)
    releaser = _releaser(released_by) if released_by else None
    try:
        if dry_run:
            reading = _watched(request.compare)
            _show(reading, _document(reading, None, DRY_RUN), as_json=as_json)
            return
        batch, reading = request.stage()
    except NotReadable as refusal:
        said = [file_sentence(refusal.fault, refusal.choices), pgettext("command", "Nothing was changed.")]
        if refusal.fault in {FileFault.NO_ADDRESS_COLUMN, FileFault.SEVERAL_ADDRESS_COLUMNS}:
            said.insert(1, pgettext("command", "Name it with --column address=NAME."))
        raise Misconfigured(" ".join(said)) from None
    batch = _decide(batch, releaser)
    reading.counts["forbidden"] = batch.counts["forbidden"]  # what it came to, the flip alone knows
    _show(reading, _document(reading, batch.pk, batch.state), as_json=as_json)


class _Request:
    """What is to be imported, and how."""

    def __init__(self, file: Path, given: Mapping[str, Any]) -> None:
        """Find what the options name; NotFound for a source, audience or purpose that isn't there."""
        from luvalla.register.importing.export import Options
        from luvalla.register.models import Audience, Source
        from luvalla.rules.purposes import PermissionKind

        self.file = file
        self.source: Source = _named(Source, given["source_key"], pgettext("command", "There is no source %(name)s."))
        no_audience = pgettext("command", "There is no audience %(name)s.")
        key = given["audience_key"]
        self.audience: Audience | None = _named(Audience, key, no_audience) if key else None
        self.permission = PermissionKind(given["permission"])
        self.purposes = _purposes(given["purposes"], needed=self.permission is PermissionKind.CONSENT)
        self.options: Options = Options(
            encoding=given["encoding"],
            delimiter=given["delimiter"],
            sheet=given["sheet"],
            columns=_columns(given["columns"]),
        )

    def _open(self) -> BinaryIO:
        return self.file.open("rb")

    def compare(self, on_progress: Callable[[int], None]) -> Reading:
        """Compare only."""
        from luvalla.register.importing.actions import compare_export

        return compare_export(
            source=self.source,
            audience=self.audience,
            permission=self.permission,
            purposes=self.purposes,
            opener=self._open,
            options=self.options,
            on_progress=on_progress,
        )

    def stage(self) -> tuple[Batch, Reading]:
        """Open a batch and stage the file."""
        from luvalla.ledger.actors import OPERATOR
        from luvalla.register.importing.actions import stage_batch

        batch = self._begin(OPERATOR)

        def work(on_progress: Callable[[int], None]) -> Reading:
            return stage_batch(
                batch=batch,
                opener=self._open,
                options=self.options,
                on_progress=on_progress,
                actor=OPERATOR,
            )

        reading = _watched(work)
        return batch, reading

    def _begin(self, actor: Actor) -> Batch:
        """Open a batch; an older export of the source that nobody has decided makes room for this one."""
        from luvalla.register.importing.actions import begin_batch, open_export
        from luvalla.register.importing.errors import Undecided

        until = time.monotonic() + PATIENCE
        while True:
            try:
                return begin_batch(
                    source=self.source,
                    audience=self.audience,
                    permission=self.permission,
                    purposes=self.purposes,
                    file_name=self.file.name,
                    actor=actor,
                )
            except Undecided as waiting:
                # A file that can't be read takes nobody's place.
                open_export(self._open, self.options, permission=self.permission)
                _make_room(waiting.batch_id, actor, until)


def _make_room(number: int, actor: Actor, until: float) -> None:
    """Discard an undecided batch that this newer export outdates; wait for one that is being read."""
    from luvalla.register.importing.actions import discard_batch
    from luvalla.register.importing.clearing import clear_batch
    from luvalla.register.models import Batch

    batch = Batch.objects.select_related("source").filter(pk=number).first()
    if batch is None:
        return
    if batch.state != Batch.State.READING:
        clear_batch(discard_batch(batch=batch, actor=actor, reason="superseded"))
        sentence = pgettext("command", "The undecided import %(number)d was discarded: this export is newer.")
        say(sentence % {"number": number})
        return
    if time.monotonic() > until:
        sentence = pgettext("command", "Another import of this source is being read (%(number)d). Nothing was changed.")
        raise TryAgain(sentence % {"number": number})
    time.sleep(0.5)


def _decide(batch: Batch, releaser: Actor | None) -> Batch:
    """Apply and settle; SecondPersonNeeded where the loss wants a release that isn't there."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.register.importing.actions import apply_batch, release_batch
    from luvalla.register.importing.settling import settle_batch

    if batch.state == batch.State.AWAITING_RELEASE:
        if releaser is None:
            raise SecondPersonNeeded(_wants_release(batch))
        batch = release_batch(batch=batch, by=releaser, actor=OPERATOR)
    batch = apply_batch(batch=batch, actor=OPERATOR)
    settle_batch(batch)
    return batch


def _wants_release(batch: Batch) -> str:
    sentence = pgettext(
        "command",
        "Of %(before)d addresses of this source %(gone)d are no longer in the file, more than a tenth. Nothing was "
        "changed. The import %(number)d waits for seven days: a second person releases it in the staff interface, or "
        "the command is given again with --released-by USER.",
    )
    return sentence % {"before": batch.counts["before"], "gone": batch.counts["gone"], "number": batch.pk}


def _releaser(name: str) -> Actor:
    from luvalla.people.queries import actor_of, may, user_named

    user = user_named(name)
    if user is None:
        raise NotFound(pgettext("command", "There is no account %(name)s.") % {"name": name})
    if not may(user, "release_import"):
        sentence = pgettext("command", "The account %(name)s may not release imports. Nothing was changed.")
        raise SecondPersonNeeded(sentence % {"name": name})
    return actor_of(user)


def _watched(work: Callable[[Callable[[int], None]], Result]) -> Result:
    """Do the work and show at a terminal how many rows have been read."""
    with progress_bar() as bar:
        task = bar.add_task(pgettext("command", "Reading"), total=None)
        return work(lambda rows: bar.update(task, completed=rows))


def _named(model: type[Any], key: str, sentence: str) -> Any:
    found = model.objects.filter(key=key).first()
    if found is None:
        raise NotFound(sentence % {"name": key})
    return found


def _purposes(keys: tuple[str, ...], *, needed: bool) -> list[str]:
    """Check the purposes of a consent; it isn't one without any (GDPR 6(1)(a))."""
    from luvalla.organisation.models import Purpose

    if needed and not keys:
        sentence = pgettext("command", "A consent is given for purposes. Name each with --purpose.")
        raise Misconfigured(sentence)
    known = set(Purpose.objects.values_list("key", flat=True))
    for key in keys:
        if key not in known:
            raise NotFound(pgettext("command", "There is no purpose %(name)s.") % {"name": key})
    return sorted(set(keys))


def _columns(given: tuple[str, ...]) -> dict[Any, str]:
    from luvalla.register.importing.columns import Role

    named = {}
    for each in given:
        role, is_named, name = each.partition("=")
        if role not in ROLES or not is_named or not name.strip():
            sentence = pgettext(
                "command", "--column is given as address=NAME, since=NAME, kind=NAME or prohibited=NAME."
            )
            raise Misconfigured(sentence)
        named[Role(role)] = name.strip()
    return named


def _document(reading: Reading, batch: int | None, state: str) -> dict[str, Any]:
    """Give what the file was and what became of it as the one JSON document."""
    from luvalla.register.importing.actions import loses_many
    from luvalla.register.importing.columns import like_permissions, like_prohibitions
    from luvalla.register.importing.comparing import Group, Note

    counts, form = reading.counts, reading.export.form
    refused = sorted(reading.faults.items(), key=lambda each: (-each[1][0], each[1][1]))
    return {
        "batch": batch,
        "state": state,
        "rows": reading.rows,
        "groups": {each.value: counts[each] for each in Group},
        "gone": counts[Note.GONE],
        "gone_staying": counts[Note.GONE_STAYING],
        "before": counts[Note.BEFORE],
        "needs_release": loses_many(counts[Note.GONE], counts[Note.BEFORE]),
        "prohibitions": {
            "rows": counts[Note.PROHIBITED],
            "forbidden": counts[Note.FORBIDDEN],
            "subscribed": counts[Note.SUBSCRIBED],
        },
        "refused": [{"fault": str(fault), "rows": rows, "first_line": line} for fault, (rows, line) in refused],
        "columns": {"kept": form.columns.kept, "dropped": form.columns.dropped},
        "unread": {
            "permissions": like_permissions(form.columns.dropped),
            "prohibitions": like_prohibitions(form.columns.dropped),
        },
        "format": form.format,
        "encoding": form.encoding,
        "delimiter": form.delimiter,
        "sheet": form.sheet,
    }


def _show(reading: Reading, document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    from luvalla.register.importing.sentences import row_sentence

    is_dry = document["state"] == DRY_RUN
    headings = (
        pgettext("import", "Group"),
        pgettext("import", "Rows"),
        pgettext("import", "What would happen") if is_dry else pgettext("import", "What happened"),
    )
    words = _words()
    rows = [(words[name][0], number, words[name][1]) for name, number in document["groups"].items()]
    rows.append((pgettext("import", "In the file"), document["rows"], ""))
    rows.append((words["gone"][0], document["gone"], words["gone"][1]))
    print_table(headings, rows)
    _show_prohibitions(document["prohibitions"], headings)
    if document["refused"]:
        lines = [(row_sentence(each["fault"]), each["rows"], each["first_line"]) for each in document["refused"]]
        print_table((pgettext("import", "Refused because"), headings[1], pgettext("import", "First line")), lines)
    _show_columns(document["columns"])
    _warn_of_unread(document["unread"])
    if is_dry:
        say(pgettext("import", "Nothing was changed: this was a dry run."))
    elif not any(reading.counts[each] for each in ("new", "changed", "gone", "forbidden")):
        say(pgettext("import", "The register has everything in this file already."))


def _show_columns(columns: dict[str, list[str]]) -> None:
    print_line(pgettext("import", "Kept of the file: %(columns)s.") % {"columns": ", ".join(columns["kept"])})
    if columns["dropped"]:
        sentence = npgettext(
            "import",
            "%(count)d other column was read and not kept: %(columns)s.",
            "%(count)d other columns were read and not kept: %(columns)s.",
            len(columns["dropped"]),
        )
        print_line(sentence % {"count": len(columns["dropped"]), "columns": ", ".join(columns["dropped"])})


def _show_prohibitions(counts: dict[str, int], headings: tuple[str, str, str]) -> None:
    """Show what the file forbids, where it forbids anything."""
    if not counts["rows"]:
        return
    print_table(
        (pgettext("import", "Marketing forbidden"), *headings[1:]),
        [
            (pgettext("import", "Forbidden in the file"), counts["rows"], ""),
            (
                pgettext("import", "Forbidden from now on"),
                counts["forbidden"],
                pgettext("import", "no marketing; only the person lifts it"),
            ),
            (
                pgettext("import", "Subscribed by themselves"),
                counts["subscribed"],
                pgettext("import", "what they subscribed to is not forbidden"),
            ),
        ],
    )


def _warn_of_unread(unread: dict[str, list[str]]) -> None:
    """Name the columns that were not read and sound as if letters depended on them."""
    from luvalla.register.importing.sentences import unread_sentence

    for kind, names in unread.items():
        if names:
            say(unread_sentence(kind, names))
    if unread["prohibitions"]:
        say(pgettext("command", "Name it with --column prohibited=NAME."))


def _words() -> dict[str, tuple[str, str]]:
    return {
        "new": (pgettext("import", "New"), pgettext("import", "added, with a permission")),
        "unchanged": (pgettext("import", "Unchanged"), pgettext("import", "no change")),
        "changed": (pgettext("import", "Changed"), pgettext("import", "the evidence of the permission is renewed")),
        "suppressed": (pgettext("import", "Suppressed"), pgettext("import", "not taken: they stopped the letters")),
        "duplicate": (pgettext("import", "Duplicates"), pgettext("import", "the same mailbox, written again")),
        "refused": (pgettext("import", "Refused"), pgettext("import", "not taken; the other rows don't suffer")),
        "gone": (pgettext("import", "Gone from the source"), pgettext("import", "the relationship ends")),
    }
