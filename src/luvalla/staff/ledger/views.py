"""The page of the ledger."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from luvalla.ledger.models import LedgerRow, LedgerSeal
from luvalla.ledger.queries import SEALED_WITHIN, ChainReport, verify_chain
from luvalla.people.queries import accounts, actor_of
from luvalla.staff.desk import DeskView
from luvalla.staff.ledger.rows import plain_sentence, sentences_of
from luvalla.staff.ledger.sentences import ACTORS, ROOMS, SENTENCES

PAGE = 50


class LedgerPage(DeskView):
    """The newest rows, narrowed by verb and person; and how the chain stands."""

    any_of: ClassVar[tuple[str, ...]] = ("read_ledger",)
    template_name = "staff/ledger/ledger.html"
    title = pgettext_lazy("ledger", "Ledger")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give a page of rows. Reading on goes by the row's number, so a long ledger is as quick as a short one."""
        rows = list(self._rows()[: PAGE + 1])
        return super().get_context_data(**{
            "rows": sentences_of(rows[:PAGE]),
            "before": rows[PAGE - 1].pk if len(rows) > PAGE else None,
            "is_first": not self.request.GET.get("before"),
            "verb_choices": _verb_choices(),
            "actors": {**{str(actor_of(each)): str(each) for each in accounts()}, **ACTORS},
            "chosen": self.request.GET,
            "sealed": LedgerSeal.objects.count(),
            "waiting": LedgerRow.objects.filter(seal=None, at__lt=timezone.now() - SEALED_WITHIN).count(),
            "report": self._report(),
            **kwargs,
        })  # fmt: skip

    def _rows(self) -> QuerySet[LedgerRow]:
        given, rows = self.request.GET, LedgerRow.objects.order_by("-pk")
        if given.get("verb", "") in SENTENCES:
            rows = rows.filter(verb=given["verb"])
        if given.get("actor"):
            rows = rows.filter(actor=given["actor"])
        if given.get("before", "").isdecimal():
            rows = rows.filter(pk__lt=int(given["before"]))
        return rows

    def _report(self) -> ChainReport | None:
        """Walk along the chain when asked to: it takes a while where the ledger is long."""
        return verify_chain() if "verify" in self.request.GET else None


def _verb_choices() -> list[dict[str, str]]:
    """Give what can be looked for, room by room, each as its sentence without figures."""
    return [
        {"value": verb, "room": str(ROOMS[verb.partition(".")[0]]), "name": plain_sentence(verb)} for verb in SENTENCES
    ]
