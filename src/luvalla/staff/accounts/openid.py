"""What the directory says, checked before any of it is believed (OpenID Connect Core 1.0, 3.1.3.7 and 5.3.2; RFC 9700).

Its document has to name the issuer that the settings name. Its ID token has to be there, signed by one of its published
keys with an asymmetric algorithm, for us, in force, and made for this very sign-in, which the nonce shows. What the
user info adds counts only for the same person. A mailbox is verified where the directory says so by the value true.
"""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import Any, Final

import jwt
from allauth.account.models import EmailAddress
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from requests import RequestException

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Those with a key of which only one half is published: "none" and keyed hashes prove nothing here."""
NEEDED: Final = ("iss", "sub", "aud", "exp", "iat", "nonce")
LEEWAY: Final = 30
"""Seconds by which the directory's clock and ours may differ."""
DOCUMENT: Final = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
LONGEST_SUB: Final = 191
"""Characters of the directory's name of a person that an account can keep."""
WELL_KNOWN: Final = "/.well-known/"


class Why(StrEnum):
    """What can't be believed, for the log of whoever mends it."""

    INCOMPLETE = "the document is incomplete"
    OTHER_ISSUER = "the document is another issuer's"
    FORGED = "the ID token is forged, old or missing"
    OTHER_CLIENT = "the ID token is for another client"
    OTHER_SIGN_IN = "the ID token is of another sign-in"
    OTHER_PERSON = "the user info is another person's"


class Disbelieved(OAuth2Error):
    """What the directory says can't be believed. Allauth answers with the page that says so."""

    def __init__(self, why: Why) -> None:
        """Keep what is wrong; nothing of what was said."""
        super().__init__(why.value)
        self.why = why


class DirectoryCalls(OpenIDConnectOAuth2Adapter):
    """The requests of a sign-in to the directory, and what is made of the answers."""

    _nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Give the directory's document; Disbelieved for one that is of another issuer, or incomplete."""
        document: Any = super().openid_config
        named = {name: document.get(name) for name in DOCUMENT} if isinstance(document, dict) else {}
        if not named or not all(isinstance(each, str) for each in named.values()):
            raise Disbelieved(Why.INCOMPLETE)
        if str(named["issuer"]).rstrip("/") != _issuer(self.get_provider().app):
            raise Disbelieved(Why.OTHER_ISSUER)
        found: dict[str, Any] = document
        return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002  # allauth's signature
        """Give where the directory sends people back to: our own address, whatever host a request names."""
        return settings.BASE_URL.rstrip("/") + reverse("openid_connect_callback", args=[self.provider_id])

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: OAuth2Client, pkce_code_verifier: str | None = None
    ) -> Any:
        """Exchange the code, and remember for which sign-in."""
        self._nonce = nonce_of(pkce_code_verifier or "")
        return super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **given: Any) -> SocialLogin:
        """Tell who signs in; Disbelieved where anything of it can't be believed."""
        claims = self._checked(app, given["response"].get("id_token"))
        more = self._fetch_user_info(token.token) if self.openid_config.get("userinfo_endpoint") else {}
        if more and (not isinstance(more, dict) or more.get("sub") != claims["sub"]):
            raise Disbelieved(Why.OTHER_PERSON)
        login: SocialLogin = self.get_provider().sociallogin_from_response(request, {"userinfo": {**claims, **more}})
        return login

    def _checked(self, app: SocialApp, id_token: object) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                str(id_token or ""),
                key=self._key(str(id_token or "")),
                algorithms=list(ALGORITHMS),
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY,
                options={"require": list(NEEDED), "verify_signature": True},
            )
        except (jwt.PyJWTError, ValueError, KeyError, TypeError) as fault:
            raise Disbelieved(Why.FORGED) from fault
        is_for_others_too = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if is_for_others_too else app.client_id) != app.client_id:
            raise Disbelieved(Why.OTHER_CLIENT)
        if claims["nonce"] != self._nonce or not 0 < len(str(claims["sub"])) <= LONGEST_SUB:
            raise Disbelieved(Why.OTHER_SIGN_IN)
        return claims

    def _key(self, id_token: str) -> jwt.PyJWK:
        """Find the published key that a token names; of a single one a token needs not say the name."""
        kid = jwt.get_unverified_header(id_token).get("kid")
        with self.get_provider().calls() as calls:
            answer = calls.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        usable = [each for each in keys if each.key_type != "oct" and each.public_key_use in {None, "sig"}]
        fitting = [each for each in usable if each.key_id == kid or (kid is None and len(usable) == 1)]
        if not fitting:
            raise KeyError(kid)
        return fitting[0]


class Directory(OpenIDConnectProvider):
    """The directory as allauth's provider: what it is asked with is ours alone, and its word is taken strictly."""

    oauth2_adapter_class = DirectoryCalls

    def get_pkce_params(self) -> dict[str, str]:
        """Give what binds the answer to this sign-in: RFC 7636's challenge, and a nonce made of the same secret."""
        given: dict[str, str] = super().get_pkce_params()
        return {**given, "nonce": nonce_of(given["code_verifier"])}

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:  # noqa: ARG002  # allauth's signature
        """Take no parameters from the request's own address."""
        return dict(self.get_auth_params())

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:  # noqa: ARG002  # the same
        """Ask for nothing more than is needed, whatever the request's address says."""
        return list(self.get_scope())

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """Give the mailbox; the word "false" and whatever else isn't the value true verify nothing."""
        said = data["userinfo"]
        email = said.get("email")
        is_verified = said.get("email_verified") is True
        return [EmailAddress(email=email, verified=is_verified, primary=True)] if isinstance(email, str) else []

    def calls(self) -> Any:
        """Give a session for requests to the directory."""
        from allauth.socialaccount.adapter import get_adapter  # noqa: PLC0415  # the adapter imports this module

        return get_adapter(self.request).get_requests_session()


def nonce_of(code_verifier: str) -> str:
    """Make the nonce of a sign-in from its secret, which waits in the session and reaches the directory only later."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"nonce|" + code_verifier.encode()).digest()).decode().rstrip("=")


def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Answer where the directory sends people back to."""
    try:
        calls = DirectoryCalls(request, provider_id)
        provider = calls.get_provider()
    except SocialApp.DoesNotExist:
        raise Http404 from None
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(calls)(request)
    except (OAuth2Error, RequestException) as fault:  # what allauth asks for before it looks out for them
        failed: HttpResponse = render_authentication_error(request, provider, exception=fault)
        return failed
    return answer


def _issuer(app: SocialApp) -> str:
    """Give the issuer that the settings name, also where they name its document."""
    return str(app.settings["server_url"]).partition(WELL_KNOWN)[0].rstrip("/")
