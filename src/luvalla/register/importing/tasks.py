"""What imports leave to background work."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from luvalla.jobs.port import periodic, task
from luvalla.register.importing import background  # noqa: F401  # its task is registered too
from luvalla.register.importing.actions import discard_abandoned, discard_undecided, late_batches
from luvalla.register.importing.clearing import clear_batch, clear_leftovers, forget_lines, late_lines
from luvalla.register.importing.settling import settle_batch
from luvalla.register.models import Batch
from luvalla.register.uploads import late_uploads, purge_uploads
from luvalla.rules.ports import Keeping
from luvalla.rules.retention import UNDECIDED_IMPORT, UPLOAD


@task("register.settle_batch")
def settle(*, batch_id: int) -> None:
    """Settle an applied import."""
    settle_batch(Batch.objects.select_related("source").get(pk=batch_id))


@task("register.clear_batch")
def clear(*, batch_id: int) -> None:
    """Clear a discarded import away."""
    clear_batch(Batch.objects.get(pk=batch_id))


@periodic("register.tidy_imports", seconds=30)
def tidy_imports() -> None:
    """Discard imports whose reader died, and those that nobody has decided in time; finish what was half cleared."""
    discard_abandoned()
    discard_undecided()
    clear_leftovers()


KEEPINGS: Final = (
    Keeping(
        "uploads",
        lambda now: len(late_uploads(now.timestamp())),
        lambda now: purge_uploads(now.timestamp()),
        kept=UPLOAD,
    ),
    Keeping(
        "refused_lines",
        lambda now: late_lines(now - UPLOAD).count(),
        lambda now: forget_lines(now - UPLOAD),
        kept=UPLOAD,
    ),
    Keeping("undecided_imports", lambda now: late_batches(now).count(), discard_undecided, kept=UNDECIDED_IMPORT),
)
"""What imports leave behind for a time."""


@periodic("register.purge_uploads", seconds=3600)
def purge() -> None:
    """Delete uploads and lists of refused lines whose time is over."""
    purge_uploads()
    forget_lines(timezone.now() - UPLOAD)
