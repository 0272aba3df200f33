"""The page of claims, and the auditor's pack."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.notices.actions import check_claims
from luvalla.notices.audit.making import key_fingerprint, make_pack
from luvalla.notices.errors import LedgerBroken
from luvalla.notices.queries import WORST_FIRST, claim_verdicts, current_notice
from luvalla.rules.ports import Verdict
from luvalla.staff.claims.rows import claim_rows
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import language, number


class ClaimList(DeskView):
    """Every claim, the worst first; narrowed to one verdict when asked."""

    any_of: ClassVar[tuple[str, ...]] = ("see_promises",)
    template_name = "staff/claims/list.html"
    title = pgettext_lazy("menu", "Claims and evidence")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the claims and how many stand how."""
        states = sorted(claim_verdicts(), key=lambda each: WORST_FIRST.index(each.verdict))
        tally = Counter(each.verdict for each in states)
        chosen = self.request.GET.get("verdict", "")
        shown = [each for each in states if each.verdict == chosen] if chosen in set(Verdict) else states
        return super().get_context_data(
            heading=_heading(tally[Verdict.HOLDS], len(states)),
            claims=claim_rows(shown),
            tally=[(each.value, tally[each]) for each in WORST_FIRST],
            whole=len(states),
            chosen=chosen,
            checked_at=max((each.checked_at for each in states if each.checked_at), default=None),
            notice=current_notice(),
            may_pack=self.may("read_ledger"),
            **kwargs,
        )

    def post(self, *_: Any, **__: Any) -> HttpResponse:
        """Check every claim now."""
        check_claims(actor=self.actor)
        return HttpResponseRedirect(reverse("staff_claims:list"))


class AuditPack(DeskView):
    """The auditor's pack: what it is, the key to compare, and the file."""

    any_of: ClassVar[tuple[str, ...]] = ("read_ledger",)
    template_name = "staff/claims/pack.html"
    title = pgettext_lazy("claims", "Auditor's pack")
    lead = pgettext_lazy(
        "claims",
        "One signed file: every version of the notice, each claim with its evidence, the records and an unbroken "
        "excerpt of the ledger. It can be read and verified without this system, and has no addresses of registered "
        "people in it.",
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the key's fingerprint."""
        return super().get_context_data(**{"fingerprint": key_fingerprint(), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponseBase:  # noqa: ARG002  # Django's signature
        """Give the file; where the ledger's chain is broken, nothing is signed and the page says so."""
        try:
            packed = make_pack(language=language(), actor=self.actor)
        except LedgerBroken as fault:
            said = pgettext(
                "claims", "The ledger is broken at link %(link)s, so nothing was signed. The ledger says more."
            )
            return self.render_to_response(self.get_context_data(fault=said % {"link": fault.number}))
        answer = HttpResponse(packed, content_type="application/zip")
        name = f"luvalla-audit-{timezone.localdate().isoformat()}.zip"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "no-store"
        return answer


def _heading(holding: int, whole: int) -> str:
    said = npgettext("claims", "%(holding)s of %(whole)s claims holds", "%(holding)s of %(whole)s claims hold", holding)
    return said % {"holding": number(holding), "whole": number(whole)}
