"""Words for what the values of people mean."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.people import errors
from luvalla.people.models import AccessReviewLine, Employer
from luvalla.people.queries import Closed

CLOSED: Final = {
    Closed.NO_UNDERTAKING: pgettext_lazy("settings", "no undertaking yet"),
    Closed.UNDERTAKING_EXPIRED: pgettext_lazy("settings", "the undertaking has run out"),
    Closed.UNDERTAKING_REVOKED: pgettext_lazy("settings", "the undertaking is revoked"),
    Closed.CONTRACT_ENDED: pgettext_lazy("settings", "the employer's contract has ended"),
    Closed.APPOINTMENT_ENDED: pgettext_lazy("settings", "the appointment has ended"),
    Closed.LEFT: pgettext_lazy("settings", "has left"),
    Closed.SWITCHED_OFF: pgettext_lazy("settings", "switched off"),
}
EMPLOYERS: Final = {
    Employer.CONTROLLER: pgettext_lazy("employer", "the controller"),
    Employer.PROCESSOR: pgettext_lazy("employer", "a processor"),
    Employer.PARTNER: pgettext_lazy("employer", "a communications partner"),
}
MAILBOXES: Final = {
    "newsletter": pgettext_lazy("mailbox", "newsletter"),
    "replies": pgettext_lazy("mailbox", "replies to letters"),
    "rights": pgettext_lazy("mailbox", "data subjects' requests"),
    "other": pgettext_lazy("mailbox", "other"),
}
DECISIONS: Final = {
    AccessReviewLine.CONFIRMED: pgettext_lazy("review", "confirmed"),
    AccessReviewLine.CLOSED: pgettext_lazy("review", "closed"),
}
REFUSALS: Final[dict[type[errors.PeopleError], str | Promise]] = {
    errors.SharedName: pgettext_lazy(
        "people",
        "The user name or mailbox stands for an office. Each account belongs to one person. Nothing was added.",
    ),
    errors.AccountExists: pgettext_lazy(
        "people", "The user name or mailbox has an account already. Nothing was added."
    ),
    errors.NotTheirName: pgettext_lazy(
        "people", "That isn't the person's name as the account has it. Nothing was recorded."
    ),
    errors.NotPaper: pgettext_lazy(
        "people", "The file is no scan: a PDF, PNG or JPEG file of at most 10 MB. Nothing was kept."
    ),
    errors.OwnSignature: pgettext_lazy("people", "Another person has to do this: it is your own. Nothing was changed."),
    errors.TextInForce: pgettext_lazy(
        "people", "The version exists already, or its first day has passed. Nothing was published."
    ),
    errors.ReviewOpen: pgettext_lazy("people", "Some accounts wait for a decision, or the review is signed already."),
    errors.NotReleased: pgettext_lazy("people", "It was decided on already, or is too old. Nothing was changed."),
    errors.NoSuchUse: pgettext_lazy("people", "Somebody's account isn't open. Nothing was changed."),
    errors.NotAnEmployer: pgettext_lazy(
        "people", "An employer other than the controller needs a name of its own and a contract. Nothing was recorded."
    ),
    errors.HasLeft: pgettext_lazy("people", "The person has left. Nothing was recorded."),
    errors.UndertakingMissing: pgettext_lazy("people", "There is no undertaking in force. Nothing was changed."),
}


def refusal_words(fault: errors.PeopleError) -> str:
    """Say what was refused, and what was kept."""
    return str(REFUSALS.get(type(fault), fault))
