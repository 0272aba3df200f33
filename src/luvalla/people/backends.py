"""Sign-in: the one place where a session becomes a person. A shut account is nobody, at every door."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Q
from django.http import HttpRequest

from luvalla.people.models import User
from luvalla.people.queries import accounts, why_closed
from luvalla.people.roles import EVERYBODY


class PersonalAccounts(AuthenticationBackend):
    """Allauth's backend that knows only accounts that stand open.

    Django asks get_user in every request that looks at its user, so an undertaking that is revoked or runs out in the
    middle of a session ends it at the next request, whatever view answers.
    """

    def get_user(self, user_id: Any) -> User | None:
        """Give the account of a session, or None when it doesn't stand open now."""
        user = User.objects.select_related("undertaking", "employer__processor").filter(pk=user_id).first()
        return user if user is not None and why_closed(user) is None else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Let nobody in whose account is shut, even with the right password."""
        return isinstance(user, User) and why_closed(user) is None

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # noqa: ARG002  # allauth's signature
        """Find the account by name or mailbox and compare the password once.

        A wrong password takes as long for a mailbox as for a name and for nobody's: an answer's time tells nothing.
        """
        login = str(credentials.get("username") or credentials.get("email") or "")
        user = accounts().filter(Q(username__iexact=login) | Q(email__iexact=login)).first()
        checked: User | None = self._check_password(user, credentials["password"])
        return checked

    def _get_permissions(self, user_obj: Any, obj: Any, from_name: str) -> set[str]:
        """Give no permission to an account that is shut, and the staff's front door to every other one."""
        if not isinstance(user_obj, User) or why_closed(user_obj) is not None:
            return set()
        permissions: set[str] = super()._get_permissions(user_obj, obj, from_name)
        return permissions | EVERYBODY
