"""Single sign-on through the organisation's own directory (OpenID Connect): it proves who somebody is, nothing more.

The account has to be there, made and appointed here; the undertaking, the contract and the second factor are asked as
with a password. All requests to the directory go through the one way out.
"""

from __future__ import annotations

from typing import Any

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect import views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from requests.adapters import BaseAdapter
from requests.models import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict

from luvalla.organisation.egress import reach
from luvalla.organisation.errors import EgressFailed, EgressRefused
from luvalla.people.models import User
from luvalla.staff.accounts.openid import Directory


class DirectoryAdapter(DefaultSocialAccountAdapter):
    """Signs in those who have an account already; makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002  # allauth's signature
        """Nobody gets an account by signing in."""
        return False

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Directory:
        """Give the directory, which checks what it is told."""
        return Directory(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the account by the directory's own name of the person, or at first by a mailbox it has verified.

        A mailbox passes from a leaver to a successor, a person's name in the directory doesn't: an account that knows
        its person by one is opened by no other.
        """
        sociallogin.state["process"] = AuthProcess.LOGIN  # nothing else is done here, whatever a request asks for
        sociallogin.account.extra_data = {}
        if sociallogin.is_existing:
            sociallogin.account.save(update_fields=["extra_data"])
            return
        verified = [each.email for each in sociallogin.email_addresses if each.verified]
        user = User.objects.filter(email__in=[each.lower() for each in verified]).first()
        if user is None:
            raise ImmediateHttpResponse(render(request, "socialaccount/no_account.html", status=403))
        if SocialAccount.objects.filter(user=user).exists():
            raise ImmediateHttpResponse(render(request, "socialaccount/other_person.html", status=403))
        sociallogin.connect(request, user)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> Any:  # noqa: ARG002  # the same
        """Take none of the directory's particulars of a person over."""
        return sociallogin.user

    def get_requests_session(self) -> requests.Session:
        """Give a session whose requests go through the one way out."""
        session = requests.Session()
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, ThroughEgress())
        return session


class ThroughEgress(BaseAdapter):
    """Carries requests' requests over to organisation.egress, and its answers back."""

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """Send it; ConnectionError where it may not go, or nothing usable came back."""
        body: Any = request.body or b""
        try:
            answer = reach(
                url=request.url or "",
                method=request.method or "GET",
                body=body.encode() if isinstance(body, str) else bytes(body),
                headers={str(name): str(value) for name, value in request.headers.items() if name != "Accept-Encoding"},
            )
        except (EgressRefused, EgressFailed) as fault:
            raise requests.ConnectionError(str(fault)) from None
        response = Response()
        response.status_code, response.headers = answer.status, CaseInsensitiveDict(answer.headers)
        response._content = answer.body  # noqa: SLF001  # as requests' own adapters fill it
        response.url, response.request = str(request.url), request
        return response

    def close(self) -> None:
        """Nothing is kept open."""


def enter(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the person to the directory, or say that it can't be reached."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("account_login"))
    try:
        answer: HttpResponse = views.login(request, provider_id)
    except (requests.RequestException, OAuth2Error) as fault:
        provider = DirectoryAdapter(request).get_provider(request, provider_id)
        failed: HttpResponse = render_authentication_error(request, provider, exception=fault)
        return failed
    return answer
