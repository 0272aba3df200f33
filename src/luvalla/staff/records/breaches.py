"""The pages of a breach: writing it down, judging it, telling the authority and those concerned, closing it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.actions import Subject
from luvalla.notices.records.words import BREACHES, RISKS
from luvalla.organisation.breaches import (
    Account,
    account_of,
    assess_breach,
    authority_waits,
    close_breach,
    due_of,
    note_breach_notice,
    record_breach,
    still_to_do,
)
from luvalla.organisation.errors import BreachUnfinished, NotInOrder
from luvalla.organisation.models import Breach, BreachNotice
from luvalla.rules.breach import Kind, Risk
from luvalla.rules.purposes import LookedAtFor
from luvalla.staff import formats
from luvalla.staff.parts import Clock, Crumb
from luvalla.staff.records.views import RecordsDesk

TO_DO: Final = {
    "assess": pgettext_lazy("records", "judge the risk to people"),
    "tell_authority": pgettext_lazy("records", "tell the authority everything"),
    "tell_subjects": pgettext_lazy("records", "tell those concerned, or say why not"),
    "measures": pgettext_lazy("records", "say what was done about it"),
}
WHOM: Final = (
    (BreachNotice.AUTHORITY, pgettext_lazy("records", "the authority")),
    (BreachNotice.SUBJECTS, pgettext_lazy("records", "those concerned")),
)


def _long(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, widget=widget, max_length=4000, required=required, help_text=help_text)


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, widget=widget)


class NewForm(forms.Form):
    """What is known in the first hour; the rest may follow."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("records", "What happened to the data?"),
        choices=list(BREACHES.items()),
        widget=forms.RadioSelect,
    )
    detected_at = _moment(pgettext_lazy("records", "When was it noticed?"))
    aware_at = _moment(pgettext_lazy("records", "When was it clear that personal data is concerned?"))
    what = _long(
        pgettext_lazy("records", "What happened?"),
        help_text=pgettext_lazy("records", "Kinds of people and data. Name nobody. The text is kept sealed."),
    )
    subjects = forms.IntegerField(label=pgettext_lazy("records", "About how many people?"), min_value=0, required=False)


class AssessForm(forms.Form):
    """What the breach means, and what is known by now (GDPR 33(3))."""

    risk = forms.ChoiceField(
        label=pgettext_lazy("records", "Risk to people's rights and freedoms"),
        choices=[(each.value, RISKS[each]) for each in Risk],
        widget=forms.RadioSelect,
    )
    what = _long(pgettext_lazy("records", "What happened?"))
    subjects = forms.IntegerField(label=pgettext_lazy("records", "About how many people?"), min_value=0, required=False)
    records = forms.IntegerField(label=pgettext_lazy("records", "About how many records?"), min_value=0, required=False)
    consequences = _long(pgettext_lazy("records", "What may follow from it?"), required=False)
    measures = _long(pgettext_lazy("records", "What was or will be done?"), required=False)
    why_nobody_told = _long(
        pgettext_lazy("records", "If somebody is not told: why?"),
        required=False,
        help_text=pgettext_lazy("records", "Needed where a risk is unlikely; the log must be able to show it."),
    )


class ToldForm(forms.Form):
    """Whom it was told to, and when."""

    to = forms.ChoiceField(label=pgettext_lazy("records", "Who was told?"), choices=WHOM, widget=forms.RadioSelect)
    told_at = _moment(pgettext_lazy("records", "When?"))
    reference = forms.CharField(
        label=pgettext_lazy("records", "The authority's reference, or how people were told"),
        max_length=120,
        required=False,
    )
    more_follows = forms.BooleanField(label=pgettext_lazy("records", "More will be told later"), required=False)


class BreachDesk(RecordsDesk):
    """What the pages of a breach share."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        records, here = super().crumbs()
        way = Crumb(pgettext("records", "Breaches"), reverse("staff_records:record", args=["breaches"]))
        return [records, way, here]


class NewBreach(BreachDesk):
    """Writes a breach down; its clock starts."""

    template_name = "staff/records/new_breach.html"
    title = pgettext_lazy("records", "Write down a breach")
    lead = pgettext_lazy(
        "records",
        "The clock runs from the moment it was clear that personal data is concerned. What isn't known can follow.",
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        return super().get_context_data(**{"form": NewForm(), **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Write it down."""
        form = NewForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        given = form.cleaned_data
        try:
            breach = record_breach(
                kind=Kind(given["kind"]),
                detected_at=given["detected_at"],
                aware_at=given["aware_at"],
                account=Account(given["what"]),
                subjects=given["subjects"],
                actor=self.actor,
            )
        except NotInOrder:
            form.add_error("aware_at", pgettext("records", "Not before it was noticed, and not in the future."))
            return self.render_to_response(self.get_context_data(form=form))
        return HttpResponseRedirect(reverse("staff_records:breach", args=[breach.ref]))


class BreachPage(BreachDesk):
    """One breach: its clock, what is known, and what is to be done now."""

    template_name = "staff/records/breach.html"

    @property
    def breach(self) -> Breach:
        """The breach of the address."""
        found = Breach.objects.filter(ref=self.kwargs["ref"]).first()
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open it, with a row in the ledger: its words are sealed."""
        subject = Subject("breach", str(self.breach.ref))
        self.record_read("organisation.open_breach", purpose=LookedAtFor.BREACH, subject=subject)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Do one step: assess, tell or close."""
        steps = {"assess": self._assess, "told": self._told, "close": self._close}
        step = steps.get(request.POST.get("act", ""))
        if step is None:
            raise Http404
        return step(request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the breach and the forms of what can be done."""
        breach = self.breach
        account, due = account_of(breach), due_of(breach)
        self.title = pgettext("records", "Breach %(number)s") % {"number": breach.pk}
        now = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
        known = {
            "risk": breach.risk, "what": account.what, "subjects": breach.subjects, "records": breach.records,
            "consequences": account.consequences, "measures": account.measures,
            "why_nobody_told": account.why_nobody_told,
        }  # fmt: skip
        return super().get_context_data(**{
            "breach": breach,
            "kind": BREACHES[breach.kind],
            "risk": RISKS[breach.risk],
            "clock": Clock.until(due, since=breach.aware_at, note=formats.moment(due)),
            "due": due,
            "is_late": authority_waits(breach) and timezone.now() > due,
            "waits": authority_waits(breach),
            "notices": [_told_words(each) for each in breach.notices.order_by("told_at", "pk")],
            "missing": [TO_DO[each] for each in still_to_do(breach)],
            "assess_form": AssessForm(initial=known),
            "told_form": ToldForm(initial={"told_at": now}),
            **kwargs,
        })  # fmt: skip

    def _assess(self, request: HttpRequest) -> HttpResponse:
        form = AssessForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(assess_form=form))
        given = form.cleaned_data
        words = {name: given[name] for name in ("what", "consequences", "measures", "why_nobody_told")}
        try:
            assess_breach(
                breach=self.breach,
                risk=Risk(given["risk"]),
                account=Account(**words),
                subjects=given["subjects"],
                records=given["records"],
                actor=self.actor,
            )
        except NotInOrder:
            form.add_error("why_nobody_told", pgettext("records", "Say why a risk is unlikely."))
            return self.render_to_response(self.get_context_data(assess_form=form))
        return self._back()

    def _told(self, request: HttpRequest) -> HttpResponse:
        form = ToldForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(told_form=form))
        given = form.cleaned_data
        told_at: datetime = given["told_at"]
        try:
            note_breach_notice(
                breach=self.breach,
                to=given["to"],
                told_at=told_at,
                reference=given["reference"],
                is_last=not given["more_follows"],
                actor=self.actor,
            )
        except NotInOrder:
            form.add_error("told_at", pgettext("records", "Not before it was known, and not in the future."))
            return self.render_to_response(self.get_context_data(told_form=form))
        return self._back()

    def _close(self, request: HttpRequest) -> HttpResponse:
        del request
        try:
            close_breach(breach=self.breach, actor=self.actor)
        except BreachUnfinished:
            return self.render_to_response(self.get_context_data(is_unfinished=True))
        return self._back()

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("staff_records:breach", args=[self.kwargs["ref"]]))


def _told_words(each: BreachNotice) -> dict[str, Any]:
    return {"whom": dict(WHOM)[each.to], "when": each.told_at, "reference": each.reference, "is_last": each.is_last}
