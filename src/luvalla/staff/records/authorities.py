"""Comparing the list of authorities with their own pages: one with what has changed, or several that still agree."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.organisation.authorities import OUTDATED, Authority, authorities, authority, country_names
from luvalla.organisation.comparing import note_comparison
from luvalla.organisation.errors import NoAuthority, NotInOrder
from luvalla.staff.formats import language
from luvalla.staff.parts import Crumb
from luvalla.staff.records.changing import Day
from luvalla.staff.records.views import COMPARES, RecordsDesk

HTTPS: Final = "https://"


class WebAddress(forms.CharField):
    """The address of a page that is read over a protected connection."""

    def clean(self, value: Any) -> str:
        """Refuse what isn't https."""
        page = str(super().clean(value))
        if page and not page.startswith(HTTPS):
            raise ValidationError(pgettext("records", "Give the whole address; it begins with https://"))
        return page


def _line(label: Any, *, required: bool = False, longest: int = 200) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=longest)


class LookedForm(forms.Form):
    """When somebody looked. No day is filled in: it is the one thing that only the person knows."""

    compared_on = Day(label=pgettext_lazy("records", "When did you look at the page?"))

    def clean_compared_on(self) -> date:
        """Refuse a day that has not come."""
        day: date = self.cleaned_data["compared_on"]
        if day > timezone.localdate():
            raise ValidationError(pgettext("records", "The day lies in the future."))
        return day


class PageForm(LookedForm):
    """What an authority's own page says; filled in with what is known."""

    page = WebAddress(label=pgettext_lazy("records", "Which page did you look at?"), max_length=200)
    street = _line(pgettext_lazy("records", "Street address"))
    postcode = _line(pgettext_lazy("records", "Postal code"), longest=20)
    city = _line(pgettext_lazy("records", "City"))
    post_address = _line(pgettext_lazy("records", "Postal address, where it is another one"))
    street_sv = _line(pgettext_lazy("records", "Street address in Swedish, where there is one"))
    city_sv = _line(pgettext_lazy("records", "City in Swedish, where it has another name"))
    post_address_sv = _line(pgettext_lazy("records", "Postal address in Swedish, where there is one"))
    phone = _line(pgettext_lazy("records", "Telephone"), longest=40)
    email = forms.EmailField(label=pgettext_lazy("records", "E-mail"), required=False)
    website = WebAddress(label=pgettext_lazy("records", "Website"), max_length=200)
    complaint_page = WebAddress(label=pgettext_lazy("records", "Page for complaints"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse an address that the authority has left."""
        given = super().clean() or {}
        for name, text in tuple(given.items()):
            if any(old in str(text) for old in OUTDATED):
                self.add_error(name, pgettext("records", "The authority has left this address. Look at the page anew."))
        return given


class ComparingDesk(RecordsDesk):
    """What both pages share."""

    any_of: ClassVar[tuple[str, ...]] = COMPARES

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        records, here = super().crumbs()
        way = Crumb(pgettext("records", "Supervisory authorities"), _list())
        return [records, way, here]


class CompareOne(ComparingDesk):
    """One authority: what is known of it, to be compared with its page and put right by it."""

    template_name = "staff/records/authority.html"
    lead = pgettext_lazy(
        "records", "Open the authority's own page and compare. Change here what it says otherwise, and note the day."
    )

    @property
    def known(self) -> Authority:
        """The authority of the address."""
        try:
            return authority(self.kwargs["country"].upper())
        except NoAuthority:
            raise Http404 from None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        known = self.known
        self.title = known.names[language()]
        initial = {**known.details(), "page": known.website}
        form = kwargs.pop("form", None) or PageForm(initial=initial)
        return super().get_context_data(known=known, state=_country(known), form=form, **kwargs)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Note it."""
        known, form = self.known, PageForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        given = {**form.cleaned_data}
        looked = {"compared_on": given.pop("compared_on"), "page": given.pop("page")}
        try:
            note_comparison(country=known.country, details=given, actor=self.actor, **looked)
        except NotInOrder:
            form.add_error("compared_on", _too_early(known))
            return self.render_to_response(self.get_context_data(form=form))
        return HttpResponseRedirect(_list())


class CompareSeveral(ComparingDesk):
    """Several authorities whose pages say what the list says. Nothing is chosen beforehand."""

    template_name = "staff/records/authorities.html"
    title = pgettext_lazy("records", "Compare several authorities")
    lead = pgettext_lazy(
        "records",
        "Choose those whose own page you have read and found to say the same. Where a page says something else, open "
        "that authority and put it right.",
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the authorities, those that were never compared first, then the oldest."""
        chosen = kwargs.pop("chosen", ())
        ordered = sorted(authorities().values(), key=lambda each: (each.verified_on or date.min, _country(each)))
        rows = [
            {"known": each, "name": each.names[language()], "country": _country(each), "chosen": each.country in chosen}
            for each in ordered
        ]
        return super().get_context_data(rows=rows, form=kwargs.pop("form", None) or LookedForm(), **kwargs)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Note all of them, or none."""
        form, chosen = LookedForm(request.POST), request.POST.getlist("country")
        if not chosen:
            return self.render_to_response(self.get_context_data(form=form, none_chosen=True))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form, chosen=chosen))
        try:
            with transaction.atomic():
                for country in chosen:
                    known = authority(country)
                    note_comparison(country=country, compared_on=form.cleaned_data["compared_on"], actor=self.actor)
        except NoAuthority:
            raise Http404 from None
        except NotInOrder:
            form.add_error("compared_on", _too_early(known))
            return self.render_to_response(self.get_context_data(form=form, chosen=chosen))
        return HttpResponseRedirect(_list())


def _country(known: Authority) -> str:
    return country_names().get(known.country, {}).get(language(), known.country)


def _too_early(known: Authority) -> str:
    said = pgettext("records", "%(country)s was compared after that day already.")
    return said % {"country": _country(known)}


def _list() -> str:
    return reverse("staff_records:record", args=["authorities"])
