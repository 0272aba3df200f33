"""The relays at the desk: where each stands, whether it may be used, its limits, and the form that records one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.mailroom.actions import record_relay, rest_relay
from luvalla.mailroom.errors import RelayFault
from luvalla.mailroom.models import Relay
from luvalla.mailroom.pace import letters_today, today_utc
from luvalla.mailroom.relays import Standing, check_url, plan_of, standings
from luvalla.mailroom.sentences import relay_sentence
from luvalla.organisation.models import Processor
from luvalla.people.roles import Capability
from luvalla.staff import formats
from luvalla.staff.deliveries.live import soon
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Crumb

TONES: Final = {
    "sending": ("send", "go"),
    "waiting": ("pause", "wait"),
    "shut": ("lock", "shut"),
    "idle": ("clock", ""),
}


GROUPS: Final = (
    (pgettext_lazy("relay form", "The server"), ("name", "url", "country", "processor", "order", "in_use")),
    (
        pgettext_lazy("relay form", "Limits"),
        ("connections", "letters_a_second", "letters_a_connection", "domain_letters_a_minute", "domain_at_once"),
    ),
    (pgettext_lazy("relay form", "Warm-up"), ("warm_up_from", "warm_up_letters", "warm_up_growth")),
)
"""The fields of a relay under their headings."""


def relay_rows() -> list[dict[str, Any]]:
    """Give every relay with its state, its place and limits, and what is wrong with it."""
    return [_row(each) for each in standings()]


class Relays(DeskView):
    """All relays, in the order in which they are tried."""

    any_of: ClassVar[tuple[str, ...]] = (Capability.SEE_DELIVERIES, Capability.SEE_SETTINGS)
    template_name = "staff/deliveries/relays.html"
    title = pgettext_lazy("deliveries", "Servers for outgoing mail")
    lead = pgettext_lazy(
        "deliveries",
        "Letters leave through the first that may be used. A server elsewhere needs its country, its processor with a "
        "contract, and outside the EEA a ground of transfer.",
    )

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Deliveries"), reverse("staff_deliveries:list")), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the relays."""
        return super().get_context_data(relays=relay_rows(), **kwargs)


class RelayForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's forms are generic only in its stubs
    """A relay as it is recorded; its password is never written here."""

    class Meta:
        """The fields in the order in which they are asked for."""

        model = Relay
        fields = (
            "name", "url", "country", "processor", "order", "in_use",
            "connections", "letters_a_second", "letters_a_connection", "domain_letters_a_minute", "domain_at_once",
            "warm_up_from", "warm_up_letters", "warm_up_growth",
        )  # fmt: skip
        widgets: ClassVar = {"warm_up_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        labels: ClassVar = {
            "name": pgettext_lazy("relay form", "Name"),
            "url": pgettext_lazy("relay form", "Address"),
            "country": pgettext_lazy("relay form", "Country"),
            "processor": pgettext_lazy("relay form", "Whose it is"),
            "connections": pgettext_lazy("relay form", "Connections at once"),
            "letters_a_second": pgettext_lazy("relay form", "Letters a second at most"),
            "letters_a_connection": pgettext_lazy("relay form", "Letters a connection at most"),
            "domain_letters_a_minute": pgettext_lazy("relay form", "Letters a minute to one domain"),
            "domain_at_once": pgettext_lazy("relay form", "Letters on their way to one domain"),
            "warm_up_from": pgettext_lazy("relay form", "First day"),
            "warm_up_letters": pgettext_lazy("relay form", "Letters on the first day"),
            "warm_up_growth": pgettext_lazy("relay form", "More each day, per cent"),
            "order": pgettext_lazy("relay form", "Place in the order"),
            "in_use": pgettext_lazy("relay form", "In use"),
        }
        help_texts: ClassVar = {
            "url": pgettext_lazy(
                "relay form",
                "smtp+starttls://USER@HOST:587?password_file=PATH, "
                "or anymail+postmark:?secrets_file=PATH for a mail API. "
                "The password stands in the file, never here.",
            ),
            "country": pgettext_lazy("relay form", "Two letters, such as FI. Empty for a server on this machine."),
            "processor": pgettext_lazy("relay form", "A processor of the settings. Empty for a server of your own."),
            "connections": pgettext_lazy("relay form", "From all workers together."),
            "letters_a_second": pgettext_lazy("relay form", "From all workers together. Empty for no limit."),
            "letters_a_connection": pgettext_lazy(
                "relay form", "Then it is closed and opened anew. Empty for no limit."
            ),
            "domain_letters_a_minute": pgettext_lazy(
                "relay form", "Such as 60 for a letter a second to each receiving domain. Empty for no limit."
            ),
            "domain_at_once": pgettext_lazy("relay form", "At the same time. Empty for no limit."),
            "warm_up_from": pgettext_lazy("relay form", "Empty for no plan. The days are counted in UTC."),
            "warm_up_growth": pgettext_lazy("relay form", "50 means: 200, 300, 450, 675 letters."),
            "order": pgettext_lazy("relay form", "The smallest is tried first."),
        }

    def clean_url(self) -> str:
        """Give the address, or say why it can't be one."""
        url = str(self.cleaned_data["url"]).strip()
        fault = check_url(url)
        if fault is RelayFault.WRONG_CREDENTIALS:
            raise ValidationError(
                pgettext(
                    "relay form", "The password doesn't belong here: put it into a file and name it in the address."
                )
            )
        if fault is not None:
            raise ValidationError(pgettext("relay form", "This is not the address of a mail server."))
        return url

    def clean(self) -> dict[str, Any]:
        """Want a plan's first day and its letters together."""
        cleaned = super().clean() or {}
        if bool(cleaned.get("warm_up_from")) is not bool(cleaned.get("warm_up_letters")):
            sentence = pgettext("relay form", "A plan has both: the first day, and its letters.")
            self.add_error("warm_up_letters", ValidationError(sentence))
        return cleaned

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Give the fields under their headings."""
        return [(str(heading), [self[name] for name in names]) for heading, names in GROUPS]

    def clean_country(self) -> str:
        """Give the country in capitals."""
        country = str(self.cleaned_data["country"]).strip().upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):  # noqa: PLR2004  # ISO 3166
            raise ValidationError(pgettext("relay form", "A country is two letters, such as FI."))
        return country


class EditRelay(DeskView):
    """Records a relay, or changes what is recorded."""

    any_of: ClassVar[tuple[str, ...]] = (Capability.CHANGE_SETTINGS,)
    template_name = "staff/deliveries/relay.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the relay; 404 when there is none of that number."""
        super().setup(request, *args, **kwargs)
        number = kwargs.get("relay")
        self.relay = None if number is None else Relay.objects.filter(pk=number).first()
        if number is not None and self.relay is None:
            raise Http404
        self.title = self.relay.name if self.relay else pgettext("deliveries", "A new server")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        servers = pgettext("deliveries", "Servers for outgoing mail")
        return [
            Crumb(pgettext("menu", "Deliveries"), reverse("staff_deliveries:list")),
            Crumb(servers, reverse("staff_deliveries:relays")),
            Crumb(str(self.title)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the form."""
        kwargs.pop("relay", None)
        form = kwargs.pop("form", None) or self._form()
        processor = cast("forms.ModelChoiceField[Processor]", form.fields["processor"])
        processor.queryset = Processor.objects.order_by("name")
        processor.empty_label = pgettext("relay form", "our own")
        return super().get_context_data(**{**kwargs, "form": form, "relay": self.relay})  # the address has a relay too

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponseBase:
        """Record it and go back to the list, or show what is wrong."""
        if self.relay and request.POST.get("rest"):
            rest_relay(relay=self.relay, rests=request.POST["rest"] == "on", actor=self.actor)
            return HttpResponseRedirect(reverse("staff_deliveries:relays"))
        form = RelayForm(request.POST, instance=self.relay)
        if not form.is_valid():
            answer: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
            return answer
        record_relay(relay=form.save(commit=False), actor=self.actor)
        return HttpResponseRedirect(reverse("staff_deliveries:relays"))

    def _form(self) -> RelayForm:
        return RelayForm(instance=self.relay or Relay())


def _row(each: Standing) -> dict[str, Any]:
    state, word = _state(each)
    icon, tone = TONES[state]
    fault = relay_sentence(each.fault, each.row.name) if each.fault else ""
    return {
        "relay": each.row,
        "word": word,
        "icon": icon,
        "tone": tone,
        "about": " · ".join(_about(each)),
        "fault": fault[:1].upper() + fault[1:],
    }


def _state(each: Standing) -> tuple[str, str]:
    if each.fault is not None and not each.is_held and each.row.rested_at is None:
        return "shut", pgettext("relay", "Not used")
    if not each.is_chosen and each.row.rested_at is None:
        return "idle", pgettext("relay", "Not in use")
    if each.is_held or each.row.rested_at:
        return "waiting", pgettext("relay", "Rests")
    return "sending", pgettext("relay", "Takes letters")


def _about(each: Standing) -> list[str]:
    """Say where it is, whose it is, and its limits."""
    row = each.row
    said = [pgettext("relay", "on this machine") if each.is_own else row.country or pgettext("relay", "place unknown")]
    if row.processor and row.processor.contract_until:
        until = pgettext("relay", "contract until %(day)s")
        said.append(until % {"day": formats.day(row.processor.contract_until)})
    elif row.processor:
        said.append(pgettext("relay", "contract in force"))
    if row.letters_a_second:
        limit = npgettext(
            "relay", "at most %(letters)s letter/s", "at most %(letters)s letters/s", row.letters_a_second
        )
        said.append(limit % {"letters": formats.number(row.letters_a_second)})
    connections = npgettext("relay", "%(number)d connection", "%(number)d connections", row.connections)
    said.append(connections % {"number": row.connections})
    said += _further_limits(row)
    if row.rested_at:
        said.append(pgettext("relay", "left alone by the staff since %(at)s") % {"at": formats.moment(row.rested_at)})
    elif each.is_held and row.held_until and row.held_until > timezone.now():
        said.append(_until(row, row.held_until))
    return said


def _until(row: Relay, moment: datetime) -> str:
    """Say when a relay that is left alone is tried again."""
    if row.last_fault == RelayFault.DAY_FULL:
        return pgettext("relay", "goes on %(at)s") % {"at": formats.moment(moment)}
    return pgettext("relay", "goes on in %(seconds)d s") % {"seconds": soon(moment)}


def _further_limits(row: Relay) -> list[str]:
    """Say the limits that few relays have."""
    said = []
    if row.letters_a_connection:
        said.append(pgettext("relay", "%(letters)d letters a connection") % {"letters": row.letters_a_connection})
    if row.domain_letters_a_minute:
        limit = pgettext("relay", "%(letters)s letters a minute to one domain")
        said.append(limit % {"letters": formats.number(row.domain_letters_a_minute)})
    if row.domain_at_once:
        said.append(pgettext("relay", "%(letters)d at once to one domain") % {"letters": row.domain_at_once})
    plan = plan_of(row)
    if plan is not None:
        words = {"sent": formats.number(letters_today(row.pk)), "most": formats.number(plan.most_on(today_utc()))}
        said.append(pgettext("relay", "warm-up: %(sent)s of today's %(most)s letters") % words)
    return said
