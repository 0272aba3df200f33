"""Forms of the desk of paper."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.vault import sealer
from luvalla.paper.destruction import METHODS
from luvalla.paper.models import PaperItem
from luvalla.paper.queries import custody_list
from luvalla.people.models import User
from luvalla.rights.models import DataRequest
from luvalla.rules.address import NotAnAddress, normalise
from luvalla.staff.contacts.words import FAULTS
from luvalla.staff.paper.words import KINDS, METHOD_WORDS, ORIGINS, PURPOSES
from luvalla.staff.reasons import ReasonField

OUTSIDE: Final = "outside"
BY_HAND = (PaperItem.Origin.RECEIVED, PaperItem.Origin.PRINTED_ELSEWHERE)


class EnterForm(forms.Form):
    """A letter that came on paper, or a print of another program."""

    origin = forms.ChoiceField(
        label=pgettext_lazy("paper", "Where is the paper from?"),
        choices=[(each, ORIGINS[each]) for each in BY_HAND],
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(label=pgettext_lazy("paper", "What is it?"), choices=list(KINDS.items()))
    pages = forms.IntegerField(label=pgettext_lazy("paper", "Pages"), min_value=1, max_value=5000, initial=1)
    arrived_on = forms.DateField(
        label=pgettext_lazy("paper", "Day it came"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    address = forms.CharField(
        label=pgettext_lazy("paper", "E-mail address of the data subject, if there is one"),
        help_text=pgettext_lazy("paper", "Only a token of it is kept, so that requests find the paper."),
        required=False,
        max_length=254,
    )
    case = forms.CharField(
        label=pgettext_lazy("paper", "Number of the request it belongs to, if there is one"),
        help_text=pgettext_lazy("paper", "Then the paper is kept as long as what was said in the request."),
        required=False,
        max_length=12,
    )
    description = forms.CharField(
        label=pgettext_lazy("paper", "Description"),
        help_text=pgettext_lazy("paper", "Sealed: it may name a person. What a custodian needs to find the paper by."),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_address(self) -> bytes:
        """Give the folded token of the address, or none."""
        text: str = self.cleaned_data["address"].strip()
        try:
            return sealer().folded_token(normalise(text)) if text else b""
        except NotAnAddress as fault:
            raise ValidationError(FAULTS[fault.fault]) from None

    def clean_case(self) -> DataRequest | None:
        """Give the request of the number, or none; a number that no open request has is a fault."""
        number: str = self.cleaned_data["case"].strip()
        if not number:
            return None
        found = DataRequest.objects.filter(number=number, is_canary=False, minimised_at=None).first()
        if found is None:
            raise ValidationError(pgettext("paper", "There is no request of this number that is still kept whole."))
        return found

    def clean_arrived_on(self) -> date:
        """Refuse a day that hasn't come yet."""
        day: date = self.cleaned_data["arrived_on"]
        if day > timezone.localdate():
            raise ValidationError(pgettext("paper", "That day hasn't come yet."))
        return day


class PrintForm(forms.Form):
    """Why something leaves the screen."""

    reason = ReasonField(label=pgettext_lazy("paper", "Why is it needed on paper?"), min_length=5, rows=2)


class DescribeForm(forms.Form):
    """Why a description is looked at. Nothing is chosen beforehand."""

    purpose = forms.ChoiceField(
        label=pgettext_lazy("paper", "What do you need the description for?"),
        choices=list(PURPOSES.items()),
        widget=forms.RadioSelect,
    )


class LostForm(forms.Form):
    """That an item can't be found, and how it was looked for."""

    reason = forms.CharField(
        label=pgettext_lazy("paper", "Where and how was it looked for?"),
        help_text=pgettext_lazy("paper", "It stays in the ledger beside your name. Name nobody in it."),
        max_length=400,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"min_length": pgettext_lazy("contacts", "Say it in a few words.")},
    )


class DestroyForm(forms.Form):
    """How paper was destroyed, and who saw it."""

    method = forms.ChoiceField(
        label=pgettext_lazy("paper", "How was it destroyed?"),
        choices=[(each, METHOD_WORDS[each]) for each in METHODS],
        widget=forms.RadioSelect,
    )
    witness = forms.ChoiceField(
        label=pgettext_lazy("paper", "Who saw it?"),
        help_text=pgettext_lazy("paper", "They confirm it themselves, signed in with their own account."),
    )
    outsider = forms.CharField(
        label=pgettext_lazy("paper", "Name of the witness from outside"),
        help_text=pgettext_lazy("paper", "Only where nobody of the custody list saw it."),
        max_length=120,
        required=False,
    )
    protocol = forms.FileField(
        label=pgettext_lazy("paper", "Scan of the protocol they signed"),
        help_text=pgettext_lazy("paper", "PDF, PNG or JPEG, at most 10 MB. It is kept sealed for three years."),
        required=False,
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        """Offer the others of the custody list as witness, or somebody from outside."""
        super().__init__(*args, **kwargs)
        others = [(str(each.pk), each.full_name) for each in custody_list() if each.pk != person.pk]
        outside = (OUTSIDE, pgettext("paper", "Somebody from outside, who signed a protocol"))
        self.fields["witness"].choices = [("", "–"), *others, outside]  # type: ignore[attr-defined]  # a field of choices


class PlaceForm(forms.Form):
    """A place to write down."""

    site = forms.CharField(label=pgettext_lazy("place", "Site"), max_length=60)
    room = forms.CharField(label=pgettext_lazy("place", "Room"), max_length=60)
    cabinet = forms.CharField(label=pgettext_lazy("place", "Cabinet"), max_length=60, required=False)
    is_locked = forms.ChoiceField(
        label=pgettext_lazy("place", "Is it locked?"),
        choices=(
            ("yes", pgettext_lazy("place", "Locked, only custodians have the key")),
            ("no", pgettext_lazy("place", "Not locked")),
        ),
        widget=forms.RadioSelect,
    )


class AnswerForm(forms.Form):
    """What a custodian found in the cabinets."""

    numbers = forms.CharField(
        label=pgettext_lazy("paper", "Numbers of the labels you found"),
        help_text=pgettext_lazy("paper", "For example 17, 23. Enter paper without a label first."),
        required=False,
        max_length=200,
    )

    def clean_numbers(self) -> list[PaperItem]:
        """Give the items; a number that no label has is a fault."""
        words = self.cleaned_data["numbers"].upper().replace("P", " ").replace(",", " ").split()
        if not all(each.isdecimal() and len(each) < 10 for each in words):  # noqa: PLR2004  # what a number holds
            raise ValidationError(pgettext("paper", "Write numbers, with commas between them."))
        found = list(PaperItem.objects.filter(pk__in=[int(each) for each in words], destroyed_at=None, posted_at=None))
        missing = {int(each) for each in words} - {each.pk for each in found}
        if missing:
            words = ", ".join(f"P {each}" for each in sorted(missing))
            raise ValidationError(pgettext("paper", "There is no such paper: %(numbers)s.") % {"numbers": words})
        return found


class ChangeForm(forms.Form):
    """Why paper can't be corrected or marked."""

    why = forms.CharField(
        label=pgettext_lazy("paper", "If it can't be done: why?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
    )
