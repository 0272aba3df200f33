"""Writing the records that people keep: balancing tests, processors, disclosees and transfers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.actors import Actor
from luvalla.notices.records.words import BASES, DISCLOSEES, GROUNDS, TERMS
from luvalla.organisation.actions import (
    approve_balancing_test,
    record_disclosee,
    record_processor,
    record_transfer,
)
from luvalla.organisation.adequacy import decision_for
from luvalla.organisation.models import BalancingTest, Disclosee, Processor, Purpose, Transfer
from luvalla.rules.countries import EEA
from luvalla.rules.purposes import TransferGround
from luvalla.staff.parts import Crumb
from luvalla.staff.records.views import CHANGED_HERE, OfOneRecord

LONGEST_TEST: Final = timedelta(days=731)
"""A balancing test holds two years at most (claim S8)."""


class Day(forms.DateField):
    """A day, chosen from the browser's calendar."""

    def __init__(self, **kwargs: Any) -> None:
        """Take the widget of the browser."""
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs)


class Country(forms.CharField):
    """Two letters (ISO 3166-1)."""

    def __init__(self, **kwargs: Any) -> None:
        """Say what is asked for."""
        help_text = pgettext_lazy("records", "Two letters, such as FI.")
        super().__init__(max_length=2, min_length=2, help_text=help_text, **kwargs)

    def clean(self, value: Any) -> str:
        """Give it in capitals."""
        country = str(super().clean(value)).upper()
        if not (country.isascii() and country.isalpha()):
            raise ValidationError(pgettext("records", "A country is two letters, such as FI."))
        return country


def _long(label: Any, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, **kwargs)


class TestForm(forms.Form):
    """A balancing test: three questions, a named person, and until when the answers hold (GDPR 6(1)(f))."""

    purpose = forms.ModelChoiceField(
        Purpose.objects.none(),
        label=pgettext_lazy("records", "Purpose"),
        empty_label=pgettext_lazy("records", "Choose"),
    )
    interest = _long(pgettext_lazy("records", "What is the interest? It must be lawful, precise and real."))
    necessity = _long(pgettext_lazy("records", "Why is this needed, and why is nothing less enough?"))
    balance = _long(pgettext_lazy("records", "What do people expect, what does it mean to them, what protects them?"))
    confirmed_by = forms.CharField(label=pgettext_lazy("records", "Who confirms it?"), max_length=120)
    opinion = _long(pgettext_lazy("records", "What does the data protection officer say?"), required=False)
    expires_on = Day(label=pgettext_lazy("records", "Until when does it hold?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the declared purposes."""
        super().__init__(*args, **kwargs)
        self.fields["purpose"].queryset = Purpose.objects.order_by("pk")  # type: ignore[attr-defined]  # a choice of models

    def clean_expires_on(self) -> Any:
        """Refuse a day that is over, or more than two years away."""
        day, today = self.cleaned_data["expires_on"], timezone.localdate()
        if not today < day <= today + LONGEST_TEST:
            raise ValidationError(pgettext("records", "Choose a day within the next two years."))
        return day


class ProcessorForm(forms.Form):
    """A processor and its contract (GDPR 28(3))."""

    name = forms.CharField(label=pgettext_lazy("records", "Processor"), max_length=120)
    role = forms.CharField(label=pgettext_lazy("records", "Task"), max_length=120)
    country = Country(label=pgettext_lazy("records", "Country"))
    contract_reference = forms.CharField(label=pgettext_lazy("records", "Contract"), max_length=80)
    contract_from = Day(label=pgettext_lazy("records", "From"))
    contract_until = Day(label=pgettext_lazy("records", "Until"), required=False)
    terms = forms.MultipleChoiceField(
        label=pgettext_lazy("records", "What does the contract say? All of it is needed (GDPR 28(3))."),
        choices=[(letter, format_lazy("({}) {}", letter, word)) for letter, word in TERMS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    subprocessors = forms.CharField(
        label=pgettext_lazy("records", "Its own processors"),
        help_text=pgettext_lazy("records", "Name and country, one a line."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        required=False,
    )
    audited_on = Day(
        label=pgettext_lazy("records", "When did it last show that it keeps the contract?"), required=False
    )
    cleared_on = Day(
        label=pgettext_lazy("records", "When had it shown, after the end, that everything is deleted or given back?"),
        required=False,
    )

    def clean_terms(self) -> str:
        """Give the points as their letters in order."""
        return "".join(sorted(self.cleaned_data["terms"]))

    def clean(self) -> dict[str, Any]:
        """Refuse a contract that ends before it begins."""
        given = super().clean() or {}
        start, end = given.get("contract_from"), given.get("contract_until")
        if start and end and end < start:
            self.add_error("contract_until", pgettext("records", "The end lies before the beginning."))
        return given


class DiscloseeForm(forms.Form):
    """To whom data is disclosed (GDPR 13(1)(e)); the notice prints it."""

    name = forms.CharField(label=pgettext_lazy("records", "Recipient"), max_length=120)
    kind = forms.ChoiceField(label=pgettext_lazy("records", "Kind"), choices=list(DISCLOSEES.items()))
    country = Country(label=pgettext_lazy("records", "Country"))
    purpose_fi = forms.CharField(label=pgettext_lazy("records", "What for, in Finnish"), max_length=200)
    purpose_sv = forms.CharField(label=pgettext_lazy("records", "What for, in Swedish"), max_length=200)
    purpose_en = forms.CharField(label=pgettext_lazy("records", "What for, in English"), max_length=200)
    basis = forms.ChoiceField(label=pgettext_lazy("records", "Legal basis"), choices=list(BASES.items()))
    notice_email = forms.EmailField(
        label=pgettext_lazy("records", "E-mail address for notices of changed data"),
        help_text=pgettext_lazy(
            "records",
            "Luvalla sends them there by itself when data is rectified, erased or restricted (GDPR 19). Without one, "
            "people send them by post.",
        ),
        required=False,
    )
    postal = forms.CharField(
        label=pgettext_lazy("records", "Postal address"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=240,
        required=False,
    )
    is_noted_singly = forms.BooleanField(
        label=pgettext_lazy("records", "It has only what is exported for it or noted of single people"),
        help_text=pgettext_lazy(
            "records",
            "Otherwise, as long as nothing has been exported for it, it is taken to have everybody's data, and "
            "everybody is told so.",
        ),
        required=False,
    )
    disclosed_from = Day(label=pgettext_lazy("records", "From"))
    disclosed_until = Day(label=pgettext_lazy("records", "Until"), required=False)


class TransferForm(forms.Form):
    """The ground of a transfer outside the EEA (GDPR 44-49)."""

    processor = forms.ModelChoiceField(
        Processor.objects.none(),
        label=pgettext_lazy("records", "Processor"),
        empty_label=pgettext_lazy("records", "Choose"),
    )
    country = Country(label=pgettext_lazy("records", "Country"))
    ground = forms.ChoiceField(label=pgettext_lazy("records", "Ground"), choices=list(GROUNDS.items()))
    reference = forms.CharField(
        label=pgettext_lazy("records", "Reference"),
        help_text=pgettext_lazy("records", "The decision's number, or the clauses' date and place."),
        max_length=120,
    )
    checked_on = Day(label=pgettext_lazy("records", "Checked"))
    expires_on = Day(label=pgettext_lazy("records", "Runs out"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the recorded processors."""
        super().__init__(*args, **kwargs)
        self.fields["processor"].queryset = Processor.objects.order_by("name")  # type: ignore[attr-defined]  # a choice of models

    def clean(self) -> dict[str, Any]:
        """Refuse a transfer within the EEA, and adequacy where no decision is in force."""
        given = super().clean() or {}
        country = given.get("country", "")
        if country in EEA:
            self.add_error("country", pgettext("records", "Within the EEA no ground of transfer is needed."))
        elif (
            given.get("ground") == TransferGround.ADEQUACY
            and country
            and not decision_for(country, timezone.localdate())
        ):
            self.add_error("ground", pgettext("records", "No adequacy decision is in force for this country."))
        return given


def _save_test(given: dict[str, Any], actor: Actor) -> None:
    end = datetime.combine(given["expires_on"], time(23, 59), tzinfo=timezone.get_current_timezone())
    texts = {name: given[name] for name in ("interest", "necessity", "balance", "opinion")}
    approve_balancing_test(
        purpose=given["purpose"],
        texts=texts,
        confirmed_by=given["confirmed_by"],
        approved_at=timezone.now(),
        expires_at=end,
        actor=actor,
    )


def _save_processor(given: dict[str, Any], actor: Actor) -> None:
    record_processor(details=given, actor=actor)


def _save_disclosee(given: dict[str, Any], actor: Actor) -> None:
    record_disclosee(details=given, actor=actor)


def _save_transfer(given: dict[str, Any], actor: Actor) -> None:
    record_transfer(**given, actor=actor)


Save = Callable[[dict[str, Any], Actor], None]
KINDS: Final[Mapping[str, tuple[type[models.Model], type[forms.Form], Save]]] = {
    "balancing-tests": (BalancingTest, TestForm, _save_test),
    "processors": (Processor, ProcessorForm, _save_processor),
    "disclosees": (Disclosee, DiscloseeForm, _save_disclosee),
    "transfers": (Transfer, TransferForm, _save_transfer),
}
MADE_ANEW: Final = frozenset({"balancing-tests", "transfers"})
"""An old one of these stays as it was; the form makes a new one from it."""


class Change(OfOneRecord):
    """The form of one row: a new one, or what is recorded of an old one."""

    any_of: ClassVar[tuple[str, ...]] = ("change_settings",)
    template_name = "staff/records/change.html"

    def crumbs(self) -> list[Crumb]:
        """Give the way, through the record that the row stands in."""
        records, here = super().crumbs()
        return [records, Crumb(str(self.record.title), reverse("staff_records:record", args=[self.record.key])), here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        key = self.record.key
        if key not in KINDS:
            raise Http404
        self.title = CHANGED_HERE[key]
        return super().get_context_data(record=self.record, form=kwargs.pop("form", None) or self._form(), **kwargs)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Record it."""
        key = self.record.key
        if key not in KINDS:
            raise Http404
        form = KINDS[key][1](request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        if "row" in self.kwargs and key not in MADE_ANEW:
            form.cleaned_data["name"] = getattr(self._row(), "name", "")
        KINDS[key][2](form.cleaned_data, self.actor)
        return HttpResponseRedirect(reverse("staff_records:record", args=[key]))

    def _row(self) -> models.Model:
        rows = KINDS[self.record.key][0]._default_manager  # noqa: SLF001  # Django's documented name
        found = rows.filter(pk=self.kwargs["row"]).first()
        if found is None:
            raise Http404
        return found

    def _form(self) -> forms.Form:
        form = KINDS[self.record.key][1]
        if "row" not in self.kwargs:
            return form()
        row = self._row()
        initial = {name: getattr(row, name, None) for name in form.base_fields}
        if "terms" in initial:
            initial["terms"] = list(initial["terms"] or "")
        made = form(initial=initial)
        if "name" in made.fields:
            made.fields["name"].widget.attrs["readonly"] = True
        return made
