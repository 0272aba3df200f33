"""A proposed refusal or fee as the desk reads it: what is proposed on the case page, what it rests on behind a look."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.rights.actions.decisions import told_of
from luvalla.rights.letters.writing import money_in
from luvalla.rights.models import DataRequest, Decision
from luvalla.rights.queries import current_decision
from luvalla.rights.rulings import Ruling, rulings_of
from luvalla.staff.formats import day, language
from luvalla.staff.requests.words import GROUNDS, OUTCOMES, RIGHTS, RULINGS, WITH_FEE

REASONING: Final = {
    "facts": pgettext_lazy("requests", "The facts"),
    "reasons": pgettext_lazy("requests", "The reasons"),
    "instead": pgettext_lazy("requests", "What was done instead"),
    "payment": pgettext_lazy("requests", "How the fee is paid"),
    "opinion": pgettext_lazy("requests", "Opinion"),
}


def proposal_of(request: DataRequest) -> list[tuple[str | Promise, str | Promise]]:
    """Say what is proposed or decided, where it isn't a plain grant; the facts and reasons are sealed."""
    decision = current_decision(request)
    if decision is None or not decision.ground:
        return []
    said: list[tuple[str | Promise, str | Promise]] = [
        (pgettext_lazy("requests", "Proposal"), OUTCOMES[decision.outcome] if decision.fee is None else WITH_FEE)
    ]
    if decision.fee is not None:
        fee = f"{money_in(decision.fee, language())}, {_how_fee_stands(decision)}"
        said.append((pgettext_lazy("requests", "Fee"), fee))
        return [*said, (pgettext_lazy("requests", "Legal ground"), GROUNDS[decision.ground])]
    return [*said, *((RIGHTS[right], _ruled(each)) for right, each in rulings_of(request, decision).items())]


def _ruled(ruling: Ruling) -> str:
    """Say how one right is decided, and on which ground."""
    return ": ".join(str(each) for each in (RULINGS[ruling.outcome], GROUNDS.get(ruling.ground, "")) if each)


def _how_fee_stands(decision: Decision) -> str:
    if decision.fee_paid_on:
        return pgettext("fee", "paid on %(day)s") % {"day": day(decision.fee_paid_on)}
    if decision.fee_let_off_at:
        return pgettext("fee", "let off")
    return pgettext("fee", "not paid")


def reasoning_of(request: DataRequest) -> list[tuple[str | Promise, str]]:
    """Give what a proposal rests on, and the opinion on it; whoever shows it has called show_request."""
    decision = current_decision(request)
    told = told_of(decision) if decision is not None else {}
    return [(word, told[name]) for name, word in REASONING.items() if told.get(name)]
