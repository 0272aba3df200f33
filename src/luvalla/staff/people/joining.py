"""Appointing a new person, and the invitation by which they take their account into use: no password travels."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.mailroom.actions import post_service_message
from luvalla.organisation.queries import the_controller
from luvalla.people.actions import Appointment, add_user
from luvalla.people.models import User
from luvalla.rules.address import normalise
from luvalla.staff.people.forms import JoinForm, NothingForm
from luvalla.staff.people.pages import FormPage, PersonStep


class AppointPerson(FormPage):
    """Makes the account of a newly appointed person, and invites them to it."""

    title = pgettext_lazy("people", "Appoint a person")
    lead = pgettext_lazy(
        "people",
        "The person gets a link by mail, chooses a password, reads and signs the undertaking of secrecy, and takes a "
        "passkey or one-time codes into use where the work reaches addresses.",
    )
    form_class = JoinForm
    button = pgettext_lazy("people", "Make the account and invite")

    def make_form(self, given: Any = None, files: Any = None) -> forms.Form:
        """Say who appoints, unless it is somebody else."""
        if given is not None:
            return super().make_form(given, files)
        return self.form_class(initial={"appointed_by": self.user.full_name, "language": self.user.language})

    def carry_out(self, given: dict[str, Any]) -> HttpResponse:
        """Make the account and send the invitation."""
        with transaction.atomic():
            user = add_user(
                username=given["username"],
                email=given["email"],
                full_name=given["full_name"],
                roles=given["roles"],
                language=given["language"],
                employer=given["employer"],
                appointment=Appointment(given["appointed_by"], given["appointed_for"], until=given["appointed_until"]),
                actor=self.actor,
            )
            invite(self.request, user, actor=self.actor)
        return HttpResponseRedirect(reverse("staff_people:person", args=[user.ref]))


class InviteAgain(PersonStep):
    """Sends a new link to whoever lost the first, or let it grow old."""

    title = pgettext_lazy("people", "Invite again")
    lead = pgettext_lazy("people", "A new link goes to the person's mailbox. It works once, and for three days.")
    form_class = NothingForm
    button = pgettext_lazy("people", "Send the invitation")

    def carry_out(self, given: dict[str, Any]) -> None:  # noqa: ARG002  # nothing is asked
        """Send it."""
        with transaction.atomic():
            invite(self.request, self.person, actor=self.actor)


def invite(request: HttpRequest, user: User, *, actor: Actor) -> None:
    """Send the person a link to choose their password by, in their own language, within the caller's transaction."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    link = get_adapter(request).get_reset_password_from_key_url(key)
    with translation.override(user.language):
        controller = the_controller()
        opening = pgettext(
            "invitation",
            "%(name)s, you have been appointed to work with the newsletter register of %(controller)s: %(task)s.",
        )
        then = pgettext(
            "invitation",
            "Choose your password here. The link is yours alone, works once, and grows old in three days:",
        )
        after = pgettext(
            "invitation",
            "Then sign in with the user name %(username)s, read the undertaking of secrecy and sign it. "
            "Your account opens with your signature.",
        )
        facts = {
            "name": user.full_name, "controller": controller.name, "task": user.appointed_for or "–",
            "username": user.username,
        }  # fmt: skip
        post_service_message(
            kind="invitation",
            address=normalise(user.email),
            subject=pgettext("invitation", "Take your account into use"),
            text=f"{opening % facts}\n\n{then}\n{link}\n\n{after % facts}\n",
            html="",
            language=user.language,
            actor=actor,
        )
    record("people.invite", actor=actor, subject=Subject("user", str(user.ref)))
