"""The page of settings, and the page of accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import pgettext_lazy

from luvalla.mailroom.models import Relay
from luvalla.organisation.models import Controller, DeclaredField, Processor
from luvalla.organisation.queries import balancing_test_until, purposes
from luvalla.register.models import Audience, Source
from luvalla.rules.purposes import LegalBasis, Prohibited
from luvalla.staff.contacts.words import prohibited_words
from luvalla.staff.desk import DeskView
from luvalla.staff.settings.words import BASES


class Settings(DeskView):
    """What the organisation has declared; the notice is made from it."""

    any_of: ClassVar[tuple[str, ...]] = ("see_settings",)
    template_name = "staff/settings/settings.html"
    title = pgettext_lazy("menu", "Settings")
    lead = pgettext_lazy(
        "settings", "What the organisation has declared. The privacy notice is made from it, and the gate goes by it."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give everything that is declared."""
        return super().get_context_data(
            controller=Controller.objects.first(),
            purposes=[_purpose(each) for each in purposes()],
            sources=Source.objects.select_related("default_audience").order_by("pk"),
            audiences=Audience.objects.order_by("pk"),
            relays=Relay.objects.select_related("processor").order_by("order", "pk"),
            processors=Processor.objects.order_by("name"),
            declared=DeclaredField.objects.order_by("pk"),
            **kwargs,
        )


def _purpose(purpose: Any) -> dict[str, Any]:
    until = balancing_test_until(purpose, timezone.now())
    return {
        "purpose": purpose,
        "basis": BASES[LegalBasis(purpose.basis)],
        "needs_test": purpose.basis == LegalBasis.LEGITIMATE_INTEREST,
        "until": until,
        "is_over": until is None or until <= timezone.now(),
        "forbidden_by": prohibited_words(Prohibited(purpose.forbidden_by)),
    }
