"""Notices that wait for their source: withdrawals and prohibitions that its own system must hear of (GDPR 19)."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.register.models import Source, SourceNotice
from luvalla.register.source_notices import handle_notices, open_notices
from luvalla.rules.purposes import Prohibited
from luvalla.staff.contacts.words import NOTICE_KINDS, prohibited_words
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb

AT_ONCE = 500
"""How many notices a page shows and marks at once."""


class SourceNotices(DeskView):
    """What waits for each source, and what has been fetched for it but not yet done there."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_source_notices",)
    template_name = "staff/contacts/notices.html"
    title = pgettext_lazy("source notice", "Notices for the sources")
    lead = pgettext_lazy(
        "source notice",
        "Who stops the letters or forbids them here must not come back with the source's next export. "
        "Fetch the notices, carry them out in the source's own system, and mark them as handled.",
    )

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Contacts"), reverse("staff_contacts:list")), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the sources with their notices."""
        waiting = Q(sourcenotice__handled_at=None, sourcenotice__isnull=False)
        sources = Source.objects.filter(is_sign_up=False).annotate(
            waiting=Count("sourcenotice", filter=waiting),
            fetched=Count("sourcenotice", filter=waiting & Q(sourcenotice__fetched_at__isnull=False)),
            oldest=Min("sourcenotice__created_at", filter=waiting),
            last_handled=Max("sourcenotice__handled_at"),
        )
        parts = [
            {
                "source": each,
                "anchor": f"h-source-{each.pk}",
                "rows": [_row(one) for one in open_notices(each)[:AT_ONCE]],
            }
            for each in sources.order_by("pk")
        ]
        return super().get_context_data(**{"parts": parts, "at_once": AT_ONCE, **kwargs})


class HandleNotices(SourceNotices):
    """Marks fetched notices as handled; their addresses go."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_: Any, **kwargs: Any) -> HttpResponse:
        """Mark those that were chosen."""
        source = get_object_or_404(Source, key=kwargs["source"])
        refs = {UUID(each) for each in request.POST.getlist("ref") if _is_ref(each)}
        handle_notices(source=source, refs=refs, actor=self.actor)
        return HttpResponseRedirect(reverse("staff_contacts:notices"))


def notices_waiting() -> int:
    """Tell how many notices wait for a source."""
    return open_notices().count()


def _row(notice: SourceNotice) -> dict[str, Any]:
    return {
        "notice": notice,
        "kind": NOTICE_KINDS.get(notice.kind, notice.kind),
        "prohibited": prohibited_words(Prohibited(notice.prohibited)),
    }


def _is_ref(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
