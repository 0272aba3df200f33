"""Forms of what is decided: a refusal, wholly or in part, or a fee, with its ground, its opinion and its payment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.rights.actions import decisions
from luvalla.rights.grounds import EVERY, LIMITS, SECTION_34
from luvalla.rights.models import Decision, Hold
from luvalla.staff.requests.fields import REPEATED, been, long_text
from luvalla.staff.requests.words import ENDS, GROUNDS, HOLD_GROUNDS, OUTCOMES, RIGHTS, WITH_FEE

Grounds = list[tuple[str | Promise, list[tuple[str, str | Promise]]]]


def grounds_to_choose() -> list[Any]:
    """Give the grounds as a form offers them: none is chosen beforehand."""
    return [("", pgettext("look", "Choose")), *grounds_by_right()]


def grounds_by_right() -> Grounds:
    """Give the grounds in groups: those of every right first, then those of each that has its own."""
    every = [(code, word) for code, word in GROUNDS.items() if LIMITS[code] == EVERY]
    groups: Grounds = [(pgettext("requests", "Any right"), every)]
    for right, name in RIGHTS.items():
        own = [(code, word) for code, word in GROUNDS.items() if LIMITS[code] != EVERY and right in LIMITS[code]]
        seen = {code for _, rows in groups for code, _ in rows}
        if fresh := [each for each in own if each[0] not in seen]:
            groups.append((name, fresh))
    return groups


class ProposalForm(forms.Form):
    """A refusal, wholly or in part, with what the certificate must say (GDPR 12(4))."""

    outcome = forms.ChoiceField(
        label=pgettext_lazy("requests", "What do you propose?"),
        choices=[*OUTCOMES.items(), (decisions.FEE, WITH_FEE)],
        widget=forms.RadioSelect,
    )
    fee = forms.DecimalField(
        label=pgettext_lazy("requests", "Fee in euros, if one is asked"),
        help_text=pgettext_lazy(
            "requests",
            "At most what the work costs. The facts and reasons show that the request is manifestly unfounded or "
            "excessive (GDPR 12(5)).",
        ),
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(100_000),
        decimal_places=2,
        localize=True,
    )
    payment = long_text(
        pgettext_lazy("requests", "How the fee is paid, in the language of the request"),
        help_text=pgettext_lazy("requests", "Account, reference and last day. The letter says it."),
        required=False,
        rows=2,
    )
    ground = forms.ChoiceField(label=pgettext_lazy("requests", "Legal ground"), choices=grounds_to_choose)
    facts = long_text(pgettext_lazy("requests", "The facts"), help_text=REPEATED)
    reasons = long_text(pgettext_lazy("requests", "The reasons"))
    keep_reasons = forms.BooleanField(
        label=pgettext_lazy("requests", "Telling the facts and reasons would defeat the purpose of the limit"),
        help_text=pgettext_lazy(
            "requests",
            "Only for a limit of section 34 of the Data Protection Act. They stay in the case for the Data Protection "
            "Ombudsman, and the certificate says that they are not told.",
        ),
        required=False,
    )
    instead = long_text(pgettext_lazy("requests", "What was done instead"), required=False, rows=2)

    def clean(self) -> dict[str, Any]:
        """Give the outcome; a fee is named where one is proposed, on the only ground it has, and nowhere else."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        with_fee, fee = given.get("outcome") == decisions.FEE, given.get("fee")
        if with_fee and fee is None and "fee" not in self.errors:
            self.add_error("fee", pgettext("requests", "Write the fee in euros."))
        if with_fee and not given.get("payment"):
            self.add_error("payment", pgettext("requests", "Write how the fee is paid."))
        if with_fee and given.get("ground") != decisions.EXCESSIVE:
            self.add_error("ground", pgettext("requests", "A fee is asked on the ground of article 12(5) only."))
        if given.get("keep_reasons") and given.get("ground") not in SECTION_34:
            self.add_error("keep_reasons", pgettext("requests", "The reasons of this ground have to be told."))
        if fee is not None and not with_fee:
            self.add_error("fee", pgettext("requests", "A fee is for a request that is carried out for it."))
        if "outcome" in given:
            given["outcome"] = Decision.Outcome.PARTIAL if with_fee else Decision.Outcome(given["outcome"])
        return given


class PaymentForm(forms.Form):
    """A fee that was paid."""

    paid_on = forms.DateField(
        label=pgettext_lazy("requests", "When was it paid?"),
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean_paid_on(self) -> Any:
        """Refuse a day that has not been."""
        return been(self.cleaned_data["paid_on"])


class OpinionForm(forms.Form):
    """The data protection officer's opinion."""

    opinion = long_text(pgettext_lazy("requests", "Opinion"))


class ReasonsForm(forms.Form):
    """Why the time is extended."""

    reasons = long_text(
        pgettext_lazy("requests", "Why does the answer take longer? In the language of the request"),
        help_text=pgettext_lazy("requests", "The letter says it: complexity, or the number of requests (GDPR 12(3))."),
    )


class UnidentifiedForm(forms.Form):
    """Closing without knowing who asked."""

    facts = long_text(pgettext_lazy("requests", "The facts"), help_text=REPEATED)
    reasons = long_text(pgettext_lazy("requests", "The reasons"))


class HoldForm(forms.Form):
    """Another system that keeps the data for now."""

    system = forms.CharField(label=pgettext_lazy("requests", "Which system?"), max_length=80)
    ground = forms.ChoiceField(label=pgettext_lazy("requests", "Legal ground"), choices=HOLD_GROUNDS.items())
    ends = forms.ChoiceField(label=pgettext_lazy("requests", "Until when?"), choices=ENDS.items())

    def clean_ground(self) -> Hold.Ground:
        """Give the ground."""
        return Hold.Ground(self.cleaned_data["ground"])

    def clean_ends(self) -> Hold.Ends:
        """Give the end."""
        return Hold.Ends(self.cleaned_data["ends"])
