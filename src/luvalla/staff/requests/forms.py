"""Forms of the requests desk: one for each step that needs words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.organisation.authorities import authorities, country_names
from luvalla.paper.models import PaperItem
from luvalla.paper.queries import prints_of_case
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.paper_to_change import OF_AN_ITEM
from luvalla.rules.address import Address, NotAnAddress, normalise
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import Prohibited
from luvalla.staff.arriving import ScannedFileField
from luvalla.staff.contacts.words import FAULTS, PROHIBITIONS
from luvalla.staff.formats import language
from luvalla.staff.requests.fields import been, long_text
from luvalla.staff.requests.words import (
    CHANNELS,
    RESULTS,
    RIGHTS,
)
from luvalla.staff.words import LANGUAGE_WORDS

TIME_TO_DISAGREE: Final = timedelta(days=7)
LIFTED_AFTER: Final = timedelta(days=14)
"""What is proposed between the notice of a lifting and its day."""
BY_STAFF: Final = (
    DataRequest.Channel.LETTER,
    DataRequest.Channel.PHONE,
    DataRequest.Channel.VISIT,
    DataRequest.Channel.MAIL,
)


class SureForm(forms.Form):
    """Nothing to fill in: the button says what is done."""


class RightsForm(forms.Form):
    """What is asked for."""

    rights = forms.MultipleChoiceField(
        label=pgettext_lazy("requests", "What is asked for?"),
        choices=RIGHTS.items(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": pgettext_lazy("request fault", "Choose at least one right.")},
    )
    kinds = forms.MultipleChoiceField(
        label=pgettext_lazy("requests", "If a prohibition: of what?"),
        required=False,
        choices=[(int(kind), word) for kind, word in PROHIBITIONS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    authority = forms.ChoiceField(
        label=pgettext_lazy("requests", "If a complaint: to the authority of which state would the person turn?"),
        help_text=pgettext_lazy(
            "requests",
            "Where they live or work, or where they say it happened (GDPR 77). Our letters tell how it is reached; "
            "the complaint the person sends there themselves.",
        ),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the authorities of the EEA, Finland's first."""
        super().__init__(*args, **kwargs)
        unknown = ("", pgettext("requests", "Not said, or not known yet"))
        self.fields["authority"].choices = [unknown, *countries()]  # type: ignore[attr-defined]  # a field of choices

    def clean(self) -> dict[str, Any]:
        """Keep the authority of a complaint only."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if Right.COMPLAINT not in given.get("rights", ()):
            given["authority"] = ""
        return given

    def clean_rights(self) -> list[Right]:
        """Give the rights."""
        return [Right(each) for each in self.cleaned_data["rights"]]

    def clean_kinds(self) -> Prohibited:
        """Give the kinds as one sum."""
        return Prohibited(sum(int(each) for each in self.cleaned_data["kinds"]))


class EntryForm(RightsForm):
    """A letter, a call or a visit, written down by somebody at the desk."""

    channel = forms.ChoiceField(
        label=pgettext_lazy("requests", "How did it arrive?"),
        choices=[(each.value, CHANNELS[each]) for each in BY_STAFF],
        widget=forms.RadioSelect,
    )
    arrived = forms.DateField(
        label=pgettext_lazy("requests", "When did it arrive?"),
        help_text=pgettext_lazy("requests", "The day it reached anybody here. The time to answer runs from it."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    language = forms.ChoiceField(
        label=pgettext_lazy("requests", "In which language do we answer?"), choices=LANGUAGE_WORDS.items()
    )
    email = forms.CharField(
        label=pgettext_lazy("requests", "E-mail address, if it is known"), required=False, max_length=320
    )
    name = forms.CharField(label=pgettext_lazy("requests", "Name"), required=False, max_length=200)
    postal = long_text(
        pgettext_lazy("requests", "Postal address, if the answer goes by post"),
        help_text=pgettext_lazy("requests", "With neither address, the person fetches the answer here."),
        required=False,
        rows=3,
    )
    representative = forms.CharField(
        label=pgettext_lazy("requests", "Who asks on the person's behalf, if anybody"), required=False, max_length=300
    )
    new_email = forms.CharField(
        label=pgettext_lazy("requests", "New address, if it is to be corrected"), required=False, max_length=320
    )
    transmit_to = forms.CharField(
        label=pgettext_lazy("requests", "The other service, if the data is to go there"), required=False, max_length=300
    )
    text = long_text(pgettext_lazy("requests", "What was said or written"), required=False, rows=5)
    scan = ScannedFileField(
        label=pgettext_lazy("requests", "Scan of the letter"),
        required=False,
        help_text=pgettext_lazy("requests", "PDF, picture or document, at most 10 MB. It is sealed."),
    )
    field_order = (
        "channel", "arrived", "language", "rights", "kinds", "authority", "email", "name", "postal", "representative",
        "new_email", "transmit_to", "text", "scan",
    )  # fmt: skip

    def clean_arrived(self) -> Any:
        """Refuse a day that has not been."""
        return been(self.cleaned_data["arrived"])

    def clean_email(self) -> Address | None:
        """Give the address."""
        return _address(self.cleaned_data["email"])

    def clean_new_email(self) -> Address | None:
        """Give the corrected address."""
        return _address(self.cleaned_data["new_email"])

    def clean(self) -> dict[str, Any]:
        """Ask for something to know the person by; an address is not needed, since an answer can be handed over."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        known = any(given.get(each) for each in ("email", "postal", "name"))
        if "email" not in self.errors and not known:
            self.add_error("name", pgettext("requests", "Write a name, or an address to answer to."))
        return given


class TakeInForm(forms.Form):
    """A document that another Luvalla transmitted."""

    document = ScannedFileField(
        label=pgettext_lazy("requests", "The file portable.json of the other service"),
        help_text=pgettext_lazy("requests", "The person is asked by mail, and is in the register only after a yes."),
    )


class QuestionForm(forms.Form):
    """One question about who asks, with the doubt behind it."""

    doubt = long_text(
        pgettext_lazy("requests", "What makes you doubt who asks?"),
        help_text=pgettext_lazy("requests", "Stays in the case. Without a reasonable doubt nothing may be asked."),
    )
    question = long_text(
        pgettext_lazy("requests", "The question, in the language of the request"),
        help_text=pgettext_lazy(
            "requests", "Never ask for an identity document, a personal identity code or a signature."
        ),
    )


class ClarificationForm(forms.Form):
    """Which data is meant."""

    question = long_text(pgettext_lazy("requests", "The question, in the language of the request"))


class IdentityForm(forms.Form):
    """How it was made sure who asks."""

    level = forms.TypedChoiceField(
        label=pgettext_lazy("requests", "How well is it known?"),
        coerce=int,
        choices=(
            (1, pgettext_lazy("identity", "The registered mailbox has answered")),
            (2, pgettext_lazy("identity", "The person knew something only they know, or wrote from a known address")),
            (3, pgettext_lazy("identity", "Strong identification, or in person")),
        ),
        widget=forms.RadioSelect,
    )
    how = long_text(pgettext_lazy("requests", "How did you make sure?"), rows=2)


class NoteForm(forms.Form):
    """A word on why."""

    note = long_text(pgettext_lazy("requests", "Why?"), rows=3)


class PostalForm(forms.Form):
    """Where a letter reaches the person."""

    name = forms.CharField(
        label=pgettext_lazy("requests", "Name, if another is to stand on the letter"), required=False, max_length=200
    )
    postal = long_text(pgettext_lazy("requests", "Postal address"), rows=3)


class CorrectionForm(forms.Form):
    """What is to be corrected."""

    email = forms.CharField(label=pgettext_lazy("requests", "The right address"), required=False, max_length=320)
    what = long_text(
        pgettext_lazy("requests", "If something else was corrected: what, and where?"), required=False, rows=2
    )

    def clean_email(self) -> Address | None:
        """Give the address."""
        return _address(self.cleaned_data["email"])


class WordsForm(forms.Form):
    """Words about others."""

    words = long_text(
        pgettext_lazy("requests", "Words to black out, one a line"),
        help_text=pgettext_lazy(
            "requests", "Names and other words about other people, wherever they stand in the copy."
        ),
    )

    def clean_words(self) -> list[str]:
        """Give the lines."""
        return [each for each in self.cleaned_data["words"].splitlines() if each.strip()]


class LetterForm(forms.Form):
    """The part of a letter that is ours to write."""

    paragraphs = long_text(
        pgettext_lazy("requests", "The letter, in the language of the request; an empty line between paragraphs"),
        rows=10,
    )

    def clean_paragraphs(self) -> list[str]:
        """Give the paragraphs."""
        return [
            each.strip() for each in self.cleaned_data["paragraphs"].replace("\r", "").split("\n\n") if each.strip()
        ]


class LiftingForm(LetterForm):
    """From which day a restriction is lifted, and why."""

    lift_on = forms.DateField(
        label=pgettext_lazy("requests", "On which day is it lifted?"),
        help_text=pgettext_lazy("requests", "At least a week from now, so that the person can disagree before it."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    field_order = ("lift_on", "paragraphs")

    def clean_lift_on(self) -> date:
        """Leave the person time to disagree."""
        day: date = self.cleaned_data["lift_on"]
        if day < timezone.localdate() + TIME_TO_DISAGREE:
            raise ValidationError(pgettext("requests", "Choose a day that is at least a week away."))
        return day


class TaskForm(forms.Form):
    """What came of a task."""

    result = forms.ChoiceField(
        label=pgettext_lazy("requests", "What came of it?"),
        choices=[(key, word) for key, word in RESULTS.items() if key != "not_needed"],
        widget=forms.RadioSelect,
    )
    note = long_text(pgettext_lazy("requests", "A word on it"), required=False, rows=2)

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        """Offer every result; of a task that is done elsewhere, or in an unknown way, some, with a word on it."""
        super().__init__(*args, **kwargs)
        if kind in OF_AN_ITEM:
            self._ask(["impossible"], pgettext("requests", "Why can't it be done?"))
        elif kind == Task.Kind.TRANSMISSION:
            words = pgettext("requests", "How was the copy given to them, or why can't it be?")
            self._ask(["done", "impossible"], words)

    def _ask(self, results: list[str], question: str) -> None:
        result, note = self.fields["result"], self.fields["note"]
        assert isinstance(result, forms.ChoiceField)
        result.choices = [(each, RESULTS[each]) for each in results]
        note.required, note.label = True, question


class PostForm(forms.Form):
    """What was posted, when, and which prints went into the envelope."""

    result = forms.ChoiceField(
        label=pgettext_lazy("requests", "What came of it?"),
        choices=(
            ("done", pgettext_lazy("task result", "Posted, or handed over")),
            ("impossible", RESULTS["impossible"]),
        ),
        widget=forms.RadioSelect,
    )
    posted_on = forms.DateField(
        label=pgettext_lazy("requests", "On which day?"),
        help_text=pgettext_lazy("requests", "The answer counts as given on this day."),
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    prints = forms.ModelMultipleChoiceField(
        PaperItem.objects.none(),
        label=pgettext_lazy("requests", "Which prints went into the envelope?"),
        help_text=pgettext_lazy(
            "requests", "They leave the ledger of paper. Others of this case still have to be locked away."
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = long_text(pgettext_lazy("requests", "A word on it"), required=False, rows=2)

    def __init__(self, *args: Any, case: DataRequest, **kwargs: Any) -> None:
        """Offer the prints of the case that are still in the house."""
        super().__init__(*args, **kwargs)
        prints = prints_of_case(str(case.ref))
        if not prints:
            del self.fields["prints"]
            return
        self.fields["prints"].queryset = prints  # type: ignore[attr-defined]  # a choice of models

    def clean_posted_on(self) -> Any:
        """Refuse a day that has not been."""
        return been(self.cleaned_data["posted_on"])


def countries() -> list[tuple[str, str]]:
    """Give the states whose authorities are known, by code and name in the reader's language, Finland first."""
    names = {code: country_names().get(code, {}).get(language(), code) for code in authorities()}
    return sorted(names.items(), key=lambda each: (each[0] != "FI", each[1]))


def _address(text: str) -> Address | None:
    try:
        return normalise(text) if text.strip() else None
    except NotAnAddress as fault:
        raise ValidationError(FAULTS[fault.fault]) from None
