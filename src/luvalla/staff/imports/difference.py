"""What an import changes, as a table whose groups add up to the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.register.importing.comparing import Group, Note
from luvalla.register.models import Batch
from luvalla.rules.purposes import PermissionKind
from luvalla.staff.contacts.words import KINDS
from luvalla.staff.formats import number
from luvalla.staff.parts import Difference, DifferenceRow

DONE: Final = (Batch.State.APPLIED, Batch.State.SETTLED)
SIGNS: Final = {
    Group.NEW: ("+", "new", pgettext_lazy("imports", "New")),
    Group.UNCHANGED: ("=", "same", pgettext_lazy("imports", "Unchanged")),
    Group.CHANGED: ("≠", "changed", pgettext_lazy("imports", "Changed")),
    Group.SUPPRESSED: ("×", "same", pgettext_lazy("imports", "Suppressed")),
    Group.DUPLICATE: ("2", "same", pgettext_lazy("imports", "Duplicates")),
    Group.REFUSED: ("!", "gone", pgettext_lazy("imports", "Refused")),
}
ROWS_KEPT: Final = (Group.NEW, Group.CHANGED, Note.GONE)
"""Groups whose contacts can be looked at, masked."""


def difference_of(batch: Batch) -> Difference:
    """Say what a staged import would change, or what an applied one has changed."""
    counts, done = Counted(batch.counts), batch.state in DONE
    rows = [_row(group, counts[group], _consequence(group, counts, batch, done=done), batch) for group in Group]
    gone = DifferenceRow(
        "−", "gone", pgettext("imports", "Gone from the source"), counts[Note.GONE], _gone(counts, done=done),
        *_link(Note.GONE, counts[Note.GONE], batch),
    )  # fmt: skip
    return Difference(
        rows=rows,
        total_label=pgettext("imports", "In the file altogether"),
        total=batch.rows_read,
        total_note=pgettext("imports", "Each row of the file is in exactly one group."),
        apart_label=pgettext("imports", "In the register but no longer in the file"),
        apart=[gone],
        what=pgettext("imports", "What happened") if done else "",
    )


class Counted(dict[str, int]):
    """Counts of a batch; what isn't there is zero."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Take a batch's counts."""
        super().__init__(counts)

    def __missing__(self, name: str) -> int:
        """Count what isn't there as nothing."""
        return 0

    @property
    def before(self) -> int:
        """Permissions of the source before."""
        return self[Note.BEFORE]

    @property
    def after(self) -> int:
        """Permissions of the source afterwards."""
        return self.before + self[Group.NEW] - self[Note.GONE]

    @property
    def changes(self) -> int:
        """How much changes."""
        return self[Group.NEW] + self[Group.CHANGED] + self[Note.GONE] + self[Note.FORBIDDEN]


def changes_in_words(batch: Batch) -> str:
    """Say the changes of the last paragraph: 312 additions, 64 updates and 41 endings."""
    counts = Counted(batch.counts)
    added, updated, ended = counts[Group.NEW], counts[Group.CHANGED], counts[Note.GONE]
    said = {
        "added": npgettext("imports", "%(count)s addition", "%(count)s additions", added) % {"count": number(added)},
        "updated": npgettext("imports", "%(count)s update", "%(count)s updates", updated) % {"count": number(updated)},
        "ended": npgettext("imports", "%(count)s ending permission", "%(count)s ending permissions", ended)
        % {"count": number(ended)},
    }
    if not counts[Note.FORBIDDEN]:
        return pgettext("imports", "%(added)s, %(updated)s and %(ended)s.") % said
    said["forbidden"] = npgettext(
        "imports", "%(count)s prohibition", "%(count)s prohibitions", counts[Note.FORBIDDEN]
    ) % {"count": number(counts[Note.FORBIDDEN])}  # fmt: skip
    return pgettext("imports", "%(added)s, %(updated)s, %(ended)s and %(forbidden)s.") % said


def prohibitions_of(batch: Batch) -> list[DifferenceRow]:
    """Say what the rows that forbid marketing come to; nothing where the file has none."""
    counts, done = Counted(batch.counts), batch.state in DONE
    if not counts[Note.PROHIBITED]:
        return []
    told = pgettext("imports", "Read of the file. They get every letter that isn't marketing, such as outage notices.")
    forbidden = (
        pgettext("imports", "No marketing since this import. Only the person lifts it, whatever the file says later.")
        if done
        else pgettext("imports", "No marketing from this import on. Only the person lifts it, whatever the file says.")
    )
    subscribed = pgettext(
        "imports", "They subscribed and confirmed it themselves. What they subscribed to is not forbidden again."
    )
    rows = (
        ("×", "same", pgettext("imports", "Forbidden in the file"), Note.PROHIBITED, told),
        ("+", "new", pgettext("imports", "Forbidden from now on"), Note.FORBIDDEN, forbidden),
        ("=", "same", pgettext("imports", "Subscribed by themselves"), Note.SUBSCRIBED, subscribed),
    )
    nobody = pgettext("imports", "Nobody.")
    return [
        DifferenceRow(sign, tone, label, counts[note], said if counts[note] else nobody)
        for sign, tone, label, note, said in rows
    ]


def _row(group: Group, count: int, consequence: str, batch: Batch) -> DifferenceRow:
    sign, tone, label = SIGNS[group]
    return DifferenceRow(sign, tone, str(label), count, consequence, *_link(group, count, batch))


def _link(group: Group | Note, count: int, batch: Batch) -> tuple[str, str]:
    """Give the way to what is in a group, with its words."""
    if not count:
        return "", ""
    if group is Group.SUPPRESSED:
        return "", pgettext("imports", "can't be opened")
    if group is Group.REFUSED:
        return "#h-why", pgettext("imports", "Reasons")
    if group is Group.DUPLICATE:
        return reverse("staff_imports:lines", args=[batch.pk, group.value]), pgettext("imports", "Lines")
    if group in ROWS_KEPT and batch.state in Batch.PENDING:
        opened = pgettext("imports", "Open %(count)s") % {"count": number(count)}
        return reverse("staff_imports:rows", args=[batch.pk, group.value]), opened
    return "", ""


def _consequence(group: Group, counts: Counted, batch: Batch, *, done: bool) -> str:
    if not counts[group]:
        return pgettext("imports", "No rows.")
    if group is Group.NEW:
        return _new(batch, done=done)
    if group is Group.UNCHANGED:
        return _unchanged(counts)
    if group is Group.CHANGED:
        return _changed(counts, done=done)
    return str(_NOT_BROUGHT[group])


_NOT_BROUGHT: Final[Mapping[Group, Promise]] = {
    Group.SUPPRESSED: pgettext_lazy(
        "imports",
        "Not brought in. These people have had their addresses erased, and an export doesn't bring them back.",
    ),
    Group.DUPLICATE: pgettext_lazy("imports", "The same mailbox in another spelling. One row is enough."),
    Group.REFUSED: pgettext_lazy(
        "imports", "Not brought in. The reasons are below; the other rows don't suffer from them."
    ),
}


def _new(batch: Batch, *, done: bool) -> str:
    words = {"permission": KINDS[PermissionKind(batch.permission)], "audience": batch.audience}
    if done:
        return pgettext(
            "imports",
            "Added to %(audience)s. The permission is “%(permission)s”, and the source keeps its evidence.",
        ) % words  # fmt: skip
    return pgettext(
        "imports",
        "They are added to %(audience)s with the permission “%(permission)s”; the source keeps its evidence. "
        "Each letter tells where the address comes from.",
    ) % words  # fmt: skip


def _unchanged(counts: Counted) -> str:
    restricted = counts[Note.RESTRICTED]
    if not restricted:
        return pgettext("imports", "No change.")
    return npgettext(
        "imports",
        "No change. The processing of %(count)s is restricted, and it is left alone.",
        "No change. The processing of %(count)s is restricted, and they are left alone.",
        restricted,
    ) % {"count": number(restricted)}  # fmt: skip


def _changed(counts: Counted, *, done: bool) -> str:
    first = (
        pgettext("imports", "The evidence of the permission was brought up to date.")
        if done
        else pgettext("imports", "The evidence of the permission is brought up to date.")
    )
    listed = [
        (Note.OTHER_SINCE, pgettext("imports", "another beginning: %(count)s")),
        (Note.OTHER_KIND, pgettext("imports", "another kind of permission: %(count)s")),
        (Note.OTHER_AUDIENCE, pgettext("imports", "another audience: %(count)s")),
        (Note.OTHER_PURPOSES, pgettext("imports", "other purposes: %(count)s")),
    ]
    said = ", ".join(words % {"count": number(counts[note])} for note, words in listed if counts[note])
    return f"{first} {said[:1].upper()}{said[1:]}." if said else first


def _gone(counts: Counted, *, done: bool) -> str:
    gone, staying = counts[Note.GONE], counts[Note.GONE_STAYING]
    if not gone:
        return pgettext("imports", "Nobody is missing from the file.")
    words = {"erased": number(gone - staying), "staying": number(staying)}
    if done:
        said = pgettext(
            "imports",
            "The permission has ended. Addresses erased: %(erased)s. Staying by a permission of their own from "
            "elsewhere: %(staying)s.",
        )
    else:
        said = pgettext(
            "imports",
            "The permission ends. Addresses that are erased: %(erased)s. Staying by a permission of their own from "
            "elsewhere: %(staying)s.",
        )
    return said % words
