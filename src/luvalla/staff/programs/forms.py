"""Forms of the desk of programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.api.scopes import NEEDS, OF_A_SOURCE, OF_ANOTHER_CONTROLLER, Scope
from luvalla.organisation.models import Processor
from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.register.models import Source
from luvalla.staff.programs.words import EVENTS, SCOPES

ME: Final = "me"
ANOTHER: Final = "another"
USUAL: Final = timedelta(days=180)
LAST_DAY: Final = timedelta(days=365)


class TokenForm(forms.Form):
    """A token: whose, what for, and until when."""

    name = forms.CharField(label=pgettext_lazy("token", "Name of the program"), max_length=80)
    owner = forms.ChoiceField(label=pgettext_lazy("token", "Whose is it?"), widget=forms.RadioSelect)
    controller = forms.CharField(
        label=pgettext_lazy("token", "Name of the other controller"),
        help_text=pgettext_lazy("token", "Only for one that transmits copies to you (GDPR 20(2))."),
        max_length=120,
        required=False,
    )
    scopes = forms.MultipleChoiceField(
        label=pgettext_lazy("token", "What may it do?"),
        help_text=pgettext_lazy("token", "No more than the program needs."),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    source = forms.ModelChoiceField(
        Source.objects.filter(is_sign_up=False).order_by("pk"),
        label=pgettext_lazy("token", "Source it works on"),
        help_text=pgettext_lazy("token", "For imports, and for withdrawals on their way back."),
        required=False,
        empty_label="–",
    )
    last_day = forms.DateField(
        label=pgettext_lazy("token", "Last day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        """Offer the person at the desk and the processors as owners."""
        super().__init__(*args, **kwargs)
        self._person = person
        mine = (ME, pgettext("token", "Mine: %(name)s") % {"name": person.full_name})
        systems = [(str(each.pk), each.name) for each in Processor.objects.order_by("name")]
        self.fields["owner"].choices = [mine, *systems, (ANOTHER, pgettext("token", "Another controller's"))]  # type: ignore[attr-defined]  # a field of choices
        self.fields["last_day"].initial = timezone.localdate() + USUAL

    def clean_last_day(self) -> Any:
        """Refuse a day that is over, or more than a year away."""
        day = self.cleaned_data["last_day"]
        if not timezone.localdate() < day <= timezone.localdate() + LAST_DAY:
            raise ValidationError(pgettext("token", "Choose a day from tomorrow on, within a year."))
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for the source where a scope works on one, and for no scope that the person may not use."""
        given = super().clean() or {}
        scopes = {Scope(each) for each in given.get("scopes", ())}
        if scopes & OF_A_SOURCE and not given.get("source"):
            self.add_error("source", pgettext("token", "Choose the source."))
        is_anothers = given.get("owner") == ANOTHER
        if is_anothers and not given.get("controller"):
            self.add_error("controller", pgettext("token", "Write the other controller's name."))
        if not (scopes <= OF_ANOTHER_CONTROLLER if is_anothers else scopes.isdisjoint(OF_ANOTHER_CONTROLLER)):
            self.add_error("scopes", pgettext("token", "Another controller's token transmits copies and nothing else."))
        elif given.get("owner") == ME and not all(may(self._person, NEEDS[each]) for each in scopes):
            self.add_error("scopes", pgettext("token", "Your own token can't do more than you may."))
        return given


class WebhookForm(forms.Form):
    """Where a program is told, and of what."""

    url = forms.CharField(
        label=pgettext_lazy("webhook", "Address"),
        help_text=pgettext_lazy("webhook", "Its host is on the list of outgoing hosts."),
        max_length=300,
    )
    events = forms.MultipleChoiceField(
        label=pgettext_lazy("webhook", "What is it told of?"),
        choices=list(EVENTS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    source = forms.ModelChoiceField(
        Source.objects.filter(is_sign_up=False).order_by("pk"),
        label=pgettext_lazy("webhook", "Source"),
        required=False,
        empty_label="–",
    )
