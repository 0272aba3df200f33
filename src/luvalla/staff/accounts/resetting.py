"""A new password by mail: the answer and the time it takes are the same whoever's mailbox was given.

Writing the mail takes time that would tell who has an account. So the page only asks for the work, for somebody or for
nobody, and the background does it.
"""

from __future__ import annotations

from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm, default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from luvalla.jobs.port import enqueue, task
from luvalla.people.models import User

TASK: Final = "staff.mail_new_password"
NOBODY: Final = 0


class AskForPassword(ResetPasswordForm):
    """The mailbox of whoever wants a new password."""

    def save(self, request: HttpRequest, **_: Any) -> str:  # noqa: ARG002  # allauth's signature
        """Ask for the mail, or for nothing, and give the mailbox back."""
        enqueue(TASK, user=self.users[0].pk if self.users else NOBODY)
        mailbox: str = self.cleaned_data["email"]
        return mailbox


@task(TASK)
def mail_new_password(user: int) -> None:
    """Send a person the link by which they choose a new password; nobody, and a shut account, gets none."""
    found = User.objects.filter(pk=user, is_active=True).first()
    if found is not None:
        key = {"uidb36": user_pk_to_url_str(found), "key": default_token_generator.make_token(found)}
        link = settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=key)
        get_adapter().send_mail(
            "account/email/password_reset_key", found.email, {"user": found, "password_reset_url": link}
        )
