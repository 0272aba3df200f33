"""Forms of the desk of imports."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.organisation.queries import purposes
from luvalla.register.importing.columns import Role
from luvalla.register.importing.export import NAMED
from luvalla.register.models import Audience, Source
from luvalla.rules.purposes import PermissionKind
from luvalla.staff.imports.words import DELIMITERS, ENCODINGS, PERMISSIONS, ROLES, encoding_word

FIND_OUT: Final = pgettext_lazy("imports", "find out")
ACCEPTED: Final = ".csv,.txt,.tsv,.xlsx,.ods,.xls"


class UploadForm(forms.Form):
    """Which file, from where, and what permits the letters. Nothing is ticked beforehand."""

    file = forms.FileField(
        label=pgettext_lazy("imports", "File"),
        help_text=pgettext_lazy(
            "imports",
            "CSV or Excel, whole, as the source exports it. It is sealed while it arrives and kept for a week at most.",
        ),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    source = forms.ModelChoiceField(
        Source.objects.filter(is_sign_up=False).order_by("pk"),
        label=pgettext_lazy("imports", "Source"),
        help_text=pgettext_lazy("imports", "An address the source no longer has loses the permission it gave."),
        empty_label=None,
    )
    audience = forms.ModelChoiceField(
        Audience.objects.order_by("pk"),
        label=pgettext_lazy("imports", "Audience"),
        required=False,
        empty_label=pgettext_lazy("imports", "the source's own"),
    )
    permission = forms.ChoiceField(
        label=pgettext_lazy("imports", "What permits the letters?"),
        choices=[(kind.value, words) for kind, words in PERMISSIONS.items()],
        widget=forms.RadioSelect,
    )
    purposes = forms.MultipleChoiceField(
        label=pgettext_lazy("imports", "What was the consent given for?"),
        help_text=pgettext_lazy("imports", "Only for consent; otherwise left empty."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        """Offer the purposes of the notice."""
        super().__init__(*args, **kwargs)
        self._too_large = too_large
        listed = self.fields["purposes"]
        assert isinstance(listed, forms.MultipleChoiceField)
        listed.choices = [(each.key, str(each)) for each in purposes()]
        if not listed.choices:
            del self.fields["purposes"]

    def clean(self) -> dict[str, Any]:
        """Ask for the purposes of a consent, and for nothing else."""
        given: dict[str, Any] = super().clean() or {}
        if self._too_large:
            self.errors.pop("file", None)
            self.add_error("file", pgettext("imports", "The file is larger than 512 MB. Export it in parts or as CSV."))
        is_consent = given.get("permission") == PermissionKind.CONSENT
        asked = "purposes" if "purposes" in self.fields else "permission"
        if is_consent and not given.get("purposes"):
            self.add_error(asked, pgettext("imports", "A consent is given for something: choose what for."))
        if not is_consent:
            given["purposes"] = []
        return given


class ColumnsForm(forms.Form):
    """How the file is read: which column is what, and where it was found out wrongly, its signs and sheet."""

    def __init__(
        self, *args: Any, columns: list[str], sheets: list[str], is_text: bool, uses_kind: bool, **kwargs: Any
    ) -> None:
        """Offer what the file has."""
        super().__init__(*args, **kwargs)
        numbered = [(str(number), name) for number, name in enumerate(columns, 1)]
        for role in Role:
            if role is not Role.KIND or uses_kind:
                none = [] if role is Role.ADDRESS else [("", pgettext("imports", "not in the file"))]
                self.fields[role.value] = _choice(ROLES[role], [*none, *numbered], required=role is Role.ADDRESS)
        if len(sheets) > 1:
            self.fields["sheet"] = _choice(pgettext("imports", "Sheet"), [(each, each) for each in sheets])
        if is_text:
            self.fields["encoding"] = _choice(pgettext("imports", "Encoding"), _encodings())
            self.fields["delimiter"] = _choice(pgettext("imports", "Delimiter"), _delimiters())

    def chosen(self) -> dict[str, Any]:
        """Give what was chosen, as it is kept with the draft."""
        given = self.cleaned_data
        signs = {name: given.get(name, "") for name in ("encoding", "delimiter", "sheet")}
        # What a form doesn't ask for is found out: nobody has said that the file hasn't got it.
        said = (role.value for role in Role if role.value in given and role.value in self.data)
        return {**signs, "columns": {role: given[role] for role in said}}


def _encodings() -> list[tuple[str, Any]]:
    listed = [("", FIND_OUT)]
    return [*listed, *((name, encoding_word(name)) for name in ENCODINGS if name != "utf-8-sig")]


def _delimiters() -> list[tuple[str, Any]]:
    named = {sign: name for name, sign in NAMED.items() if name.isalpha()}
    return [("", FIND_OUT), *((named[sign], words) for sign, words in DELIMITERS.items())]


def _choice(label: Any, choices: list[tuple[str, Any]], *, required: bool = False) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=required)
