"""The last day in figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import npgettext, pgettext

from luvalla.ledger.models import LedgerRow
from luvalla.register.models import Batch, Stop
from luvalla.staff.formats import number
from luvalla.staff.parts import Figure


def last_day() -> list[Figure]:
    """Give the stops, the looks at addresses, the imports and the exports of the last 24 hours. Zero is shown."""
    since = timezone.now() - timedelta(days=1)
    looks = LedgerRow.objects.filter(verb="register.uncover_address", at__gte=since).count()
    imports = Batch.objects.filter(applied_at__gte=since).count()
    exports = LedgerRow.objects.filter(verb="register.export_contacts", at__gte=since).count()
    return [
        _stops(since),
        Figure(
            pgettext("last day", "Looks at addresses"),
            number(looks),
            pgettext("last day", "each has its row in the ledger") if looks else "",
        ),
        Figure(pgettext("last day", "Imports carried out"), number(imports)),
        Figure(pgettext("last day", "Exports of addresses"), number(exports), _with_reason(exports)),
    ]


def _stops(since: datetime) -> Figure:
    asked = Stop.objects.filter(requested_at__gte=since)
    waiting = asked.filter(answered_at=None).count()
    slowest = asked.aggregate(longest=Max(F("answered_at") - F("requested_at")))["longest"]
    note = ""
    if waiting:
        said = npgettext("last day", "%(count)s is being finished", "%(count)s are being finished", waiting)
        note = said % {"count": number(waiting)}
    elif slowest is not None:
        seconds = number(ceil(10 * slowest.total_seconds()) / 10)
        note = pgettext("last day", "all answered, the slowest in %(seconds)s s") % {"seconds": seconds}
    return Figure(pgettext("last day", "Stops"), number(asked.count()), note)


def _with_reason(exports: int) -> str:
    return pgettext("last day", "the reasons stand in the ledger") if exports else ""
