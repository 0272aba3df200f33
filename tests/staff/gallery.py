"""Every component on one page, served only in tests: the page is looked at, and axe goes over it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import engines
from django.urls import path
from django.utils import timezone

from luvalla.config.urls import urlpatterns as product
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Clock, Crumb, Difference, DifferenceRow, Figure, Part

PAGE = Path(__file__).parent / "templates" / "gallery" / "components.html"


class ExampleForm(forms.Form):
    """A form with each kind of field, one of them wrong."""

    address = forms.EmailField(label="Sähköpostiosoite")
    reason = forms.CharField(label="Miksi viet osoitteet tiedostoon?", help_text="Syy jää lokiin.", required=False)
    kind = forms.ChoiceField(
        label="Mitä kielletään?",
        choices=[("a", "Suoramarkkinointi"), ("b", "Tutkimus")],
        widget=forms.RadioSelect,
        required=False,
    )
    sure = forms.BooleanField(label="Pyytäjä on sama henkilö", required=False)


class Gallery(DeskView):
    """The page of all components."""

    any_of: ClassVar[tuple[str, ...]] = ("see_promises",)
    title = "Osat"
    lead = "Pyöreä merkki on tulos, viivakuva on tila, täyttyvä ympyrä on kello. Sana on aina mukana."

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb("Ulkoasu", "/staff/"), Crumb("Osat")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give an example of each component."""
        now = timezone.now()
        rows = [
            DifferenceRow("+", "new", "Uusia", 312, "Lisätään. Lähetyslupa ASIAKAS.", "#", "Avaa 312"),
            DifferenceRow("=", "same", "Ennallaan", 47791, "Ei muutosta.", "#", "Avaa"),
            DifferenceRow("≠", "changed", "Muuttunut", 64, "Lähetysluvan näyttö päivittyy.", "#", "Avaa 64"),
            DifferenceRow("×", "same", "Estolistalla", 283, "Ei tuoda.", "", "ei avattavissa"),
        ]
        gone = [DifferenceRow("−", "gone", "Poistunut lähteestä", 41, "Lähetyslupa lakkaa.", "#", "Avaa 41")]
        return super().get_context_data(
            now=now,
            clocks=[
                Clock.until(now + timedelta(days=24), since=now - timedelta(days=6)),
                Clock.until(now + timedelta(days=8), since=now - timedelta(days=22)),
                Clock.until(now + timedelta(days=2), since=now - timedelta(days=28)),
                Clock.until(now - timedelta(days=1), since=now - timedelta(days=30)),
                Clock(0, "held", "Pysähdyksissä", "odottaa vastausta"),
                Clock(0, "done", "Vastattu ajoissa", "9 pv"),
            ],
            difference=Difference(
                rows,
                "Tiedostossa yhteensä",
                48450,
                "Jokainen rivi on yhdessä ryhmässä.",
                "Rekisterissä mutta ei enää tiedostossa",
                gone,
            ),
            figures=[Figure("Lopetuksia", "12", "kaikki heti"), Figure("Osoitteen katseluja", "0", "viime vuorokausi")],
            parts=[
                Part("accepted", 30380, "Vastaanotettu"),
                Part("deferred", 176, ""),
                Part("refused", 41, ""),
                Part("unknown", 7, ""),
                Part("withheld", 396, ""),
                Part("left", 16896, ""),
            ],
            form=ExampleForm({"address": "maija.malli@"}),
            page=Paginator(range(500), 50).page(2),
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **_: Any) -> Any:
        """Render the gallery from the folder of the tests."""
        template = engines["django"].from_string(PAGE.read_text(encoding="utf-8"))
        return HttpResponse(template.render(context, self.request))


urlpatterns = [path("staff/gallery/", Gallery.as_view()), *product]
