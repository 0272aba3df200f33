"""Forms of the desk of people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.organisation.models import Processor
from luvalla.people.models import AccessReviewLine, Employer, User
from luvalla.people.queries import accounts, why_closed
from luvalla.people.words import ROLES
from luvalla.staff.arriving import ScannedFileField
from luvalla.staff.people.words import EMPLOYERS, MAILBOXES
from luvalla.staff.words import LANGUAGES


def a_day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    """Make a field for a day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


class AppointmentForm(forms.Form):
    """By whom a person is appointed, for what and until when; and what they may do."""

    roles = forms.MultipleChoiceField(
        label=pgettext_lazy("people", "Roles"),
        choices=[(role.value, word) for role, word in ROLES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=pgettext_lazy("people", "No more than the work needs."),
    )
    appointed_by = forms.CharField(label=pgettext_lazy("people", "Appointed by"), max_length=120)
    appointed_for = forms.CharField(label=pgettext_lazy("people", "For what work"), max_length=200)
    appointed_until = a_day(
        pgettext_lazy("people", "Until"), help_text=pgettext_lazy("people", "Empty: until further notice.")
    )


class JoinForm(AppointmentForm):
    """A new person with an account of their own."""

    full_name = forms.CharField(label=pgettext_lazy("people", "Full name"), max_length=120)
    username = forms.SlugField(label=pgettext_lazy("people", "User name"), max_length=60)
    email = forms.EmailField(label=pgettext_lazy("people", "The person's own e-mail address at work"))
    employer = forms.ModelChoiceField(
        Employer.objects.order_by("name"), label=pgettext_lazy("people", "Employer"), empty_label=None
    )
    language = forms.ChoiceField(label=pgettext_lazy("people", "Language"), choices=LANGUAGES)
    field_order = ("full_name", "username", "email", "language", "employer")


class ReasonForm(forms.Form):
    """Why something is done: the reason stays in the ledger."""

    reason = forms.CharField(label=pgettext_lazy("people", "Why?"), max_length=400)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say why it is asked."""
        super().__init__(*args, **kwargs)
        missing = pgettext("settings", "The reason stays in the ledger, so it can't be empty.")
        self.fields["reason"].error_messages["required"] = missing


class LeaveForm(ReasonForm):
    """Somebody leaves, today or on a day to come."""

    left_on = a_day(
        pgettext_lazy("people", "First day without an account"),
        required=True,
        help_text=pgettext_lazy("people", "Today shuts it at once; a day to come lets them work until the day before."),
    )
    field_order = ("left_on", "reason")


class PaperForm(forms.Form):
    """An undertaking signed on paper: who signed, when, and the scan."""

    typed_name = forms.CharField(label=pgettext_lazy("people", "Name as it was signed"), max_length=120)
    signed_on = a_day(pgettext_lazy("people", "Day of the signature"), required=True)
    language = forms.ChoiceField(label=pgettext_lazy("people", "Language of the text"), choices=LANGUAGES)
    scan = ScannedFileField(
        label=pgettext_lazy("people", "Scan of the paper"),
        help_text=pgettext_lazy("people", "A PDF, PNG or JPEG file of at most 10 MB. It is sealed."),
    )


class NothingForm(forms.Form):
    """Nothing is asked but whether."""


class EmployerForm(forms.Form):
    """An employer and its contract."""

    name = forms.CharField(label=pgettext_lazy("people", "Name"), max_length=120)
    kind = forms.ChoiceField(
        label=pgettext_lazy("people", "Who it is to the controller"),
        choices=EMPLOYERS.items(),
        widget=forms.RadioSelect,
    )
    processor = forms.ModelChoiceField(
        Processor.objects.order_by("name"),
        required=False,
        label=pgettext_lazy("people", "Contract as a processor"),
        empty_label=pgettext_lazy("people", "none"),
        help_text=pgettext_lazy("people", "When that contract ends, the accounts of its people shut."),
    )
    contract_reference = forms.CharField(
        label=pgettext_lazy("people", "Another contract"), max_length=80, required=False
    )
    contract_until = a_day(
        pgettext_lazy("people", "Contract until"), help_text=pgettext_lazy("people", "Empty: until further notice.")
    )


class MailboxForm(forms.Form):
    """A mailbox of the organisation, and who may use it."""

    address = forms.EmailField(label=pgettext_lazy("people", "Mailbox"))
    kind = forms.ChoiceField(label=pgettext_lazy("people", "What comes there"), choices=MAILBOXES.items())
    note = forms.CharField(label=pgettext_lazy("people", "Note"), max_length=200, required=False)
    users = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=pgettext_lazy("people", "Who may use it"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the people whose accounts stand open."""
        super().__init__(*args, **kwargs)
        open_ones = [each.pk for each in accounts() if why_closed(each) is None]
        field = self.fields["users"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = User.objects.filter(pk__in=open_ones).order_by("full_name")


class TextForm(forms.Form):
    """A new version of the undertaking's text, in three languages."""

    version = forms.SlugField(label=pgettext_lazy("people", "Version"), max_length=20)
    in_force_from = a_day(pgettext_lazy("people", "In force from"), required=True)
    grace_days = forms.IntegerField(
        label=pgettext_lazy("people", "Days of grace"),
        min_value=0,
        max_value=180,
        initial=30,
        help_text=pgettext_lazy("people", "So long an earlier text still opens an account after that day."),
    )
    text_fi = forms.CharField(label="Suomi", widget=forms.Textarea(attrs={"rows": 12, "lang": "fi"}))
    text_sv = forms.CharField(label="Svenska", widget=forms.Textarea(attrs={"rows": 12, "lang": "sv"}))
    text_en = forms.CharField(label="English", widget=forms.Textarea(attrs={"rows": 12, "lang": "en"}))


class DecideForm(forms.Form):
    """What a review decides of one account."""

    user = forms.UUIDField()
    decision = forms.ChoiceField(choices=AccessReviewLine.DECISIONS)
