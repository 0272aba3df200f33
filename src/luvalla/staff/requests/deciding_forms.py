"""Forms of what is decided: a refusal, wholly or in part, or a fee, with its ground, its opinion and its payment."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.rights.actions import decisions
from luvalla.rights.grounds import ABSOLUTE, EVERY, LIMITS, SECTION_34
from luvalla.rights.models import Decision, Hold
from luvalla.rights.rulings import Ruling
from luvalla.rules.case_states import Right
from luvalla.staff.requests.fields import REPEATED, been, long_text
from luvalla.staff.requests.words import ENDS, GROUNDS, HOLD_GROUNDS, RIGHTS, RULINGS, WITH_FEE

GRANT: Final = Decision.Outcome.GRANT
RULED: Final = "ruled"
"""Chosen where rights are refused, not where a fee is asked."""


def rulings_to_choose(right: Right) -> list[tuple[str, str | Promise]]:
    """Give what can become of a right: what stops direct marketing is never refused as a whole (GDPR 21(3))."""
    return [
        (code, word) for code, word in RULINGS.items() if not (code == Decision.Outcome.REFUSE and right in ABSOLUTE)
    ]


def grounds_of(right: Right) -> list[tuple[str, str | Promise]]:
    """Give the grounds that limit a right, its own first."""
    own = [(code, word) for code, word in GROUNDS.items() if right in LIMITS[code] and LIMITS[code] != EVERY]
    return own + [(code, word) for code, word in GROUNDS.items() if LIMITS[code] == EVERY]


class ProposalForm(forms.Form):
    """A refusal, wholly or in part, right by right, with what the certificate must say (GDPR 12(4)); or a fee."""

    outcome = forms.ChoiceField(
        label=pgettext_lazy("requests", "What do you propose?"),
        choices=[(RULED, pgettext_lazy("requests", "Refuse, wholly or in part")), (decisions.FEE, WITH_FEE)],
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

    def __init__(self, *args: Any, rights: Sequence[Right] = (), **kwargs: Any) -> None:
        """Ask of each right that is asked for what becomes of it, and on which of the grounds that limit it."""
        super().__init__(*args, **kwargs)
        self.rights, if_limited = tuple(rights), pgettext("requests", "legal ground, if not granted")
        for each in self.rights:
            self.fields[f"ruling_{each}"] = forms.ChoiceField(
                label=str(RIGHTS[each]),
                choices=rulings_to_choose(each),
                initial=GRANT,
                widget=forms.RadioSelect,
                required=False,
            )
            self.fields[f"ground_{each}"] = forms.ChoiceField(
                label=f"{RIGHTS[each]}: {if_limited}",
                choices=[("", pgettext("look", "Choose")), *grounds_of(each)],
                required=False,
            )
        of_rights = [name for each in self.rights for name in (f"ruling_{each}", f"ground_{each}")]
        self.order_fields(["outcome", *of_rights, "fee", "payment", "facts", "reasons", "keep_reasons", "instead"])

    def clean(self) -> dict[str, Any]:
        """Give the rulings; a fee is named where one is proposed, for a request that is granted, and nowhere else."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        with_fee, fee = given.get("outcome") == decisions.FEE, given.get("fee")
        given["rulings"] = {} if with_fee else self._rulings(given)
        if with_fee and fee is None and "fee" not in self.errors:
            self.add_error("fee", pgettext("requests", "Write the fee in euros."))
        if with_fee and not given.get("payment"):
            self.add_error("payment", pgettext("requests", "Write how the fee is paid."))
        if fee is not None and not with_fee:
            self.add_error("fee", pgettext("requests", "A fee is for a request that is carried out for it."))
        grounds = {each.ground for each in given["rulings"].values() if each.ground}
        if given.get("keep_reasons") and (with_fee or not grounds <= SECTION_34):
            self.add_error("keep_reasons", pgettext("requests", "The reasons of this ground have to be told."))
        outcomes = {each.outcome for each in given["rulings"].values()}
        given["outcome"] = (
            Decision.Outcome.REFUSE if outcomes == {Decision.Outcome.REFUSE} else Decision.Outcome.PARTIAL
        )
        given["ground"] = decisions.EXCESSIVE if with_fee else next(iter(sorted(grounds)), "")
        return given

    def _rulings(self, given: dict[str, Any]) -> dict[Right, Ruling]:
        """Read what is proposed of each right; what isn't granted has its ground, and something isn't granted."""
        rulings = {}
        for each in self.rights:
            outcome = Decision.Outcome(given.get(f"ruling_{each}") or GRANT)
            ground = "" if outcome == GRANT else given.get(f"ground_{each}", "")
            if outcome != GRANT and not ground and f"ground_{each}" not in self.errors:
                self.add_error(f"ground_{each}", pgettext("requests", "Choose the ground on which it is refused."))
            rulings[each] = Ruling(outcome, ground)
        if self.rights and all(each.outcome == GRANT for each in rulings.values()):
            sentence = pgettext("requests", "Everything is granted here. Choose what is refused, or grant the request.")
            self.add_error(f"ruling_{self.rights[0]}", sentence)
        return rulings


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
