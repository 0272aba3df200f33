"""Addresses of sign-in. Only the doors in use are there: nobody signs up, and mailboxes are changed by others."""

from __future__ import annotations

from allauth.account import views
from allauth.socialaccount.views import login_cancelled
from django.urls import include, path, re_path
from django.views.i18n import set_language

from luvalla.staff.accounts.directory import enter
from luvalla.staff.accounts.openid import come_back
from luvalla.staff.accounts.signing import SignUndertaking
from luvalla.staff.accounts.views import AccountClosed

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("undertaking/", SignUndertaking.as_view(), name="account_sign_undertaking"),
    path("inactive/", AccountClosed.as_view(), name="account_inactive"),
    path("language/", set_language, name="account_language"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("oidc/<slug:provider_id>/login/", enter, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", come_back, name="openid_connect_callback"),
    path("oidc/cancelled/", login_cancelled, name="socialaccount_login_cancelled"),
    path("2fa/", include("allauth.mfa.urls")),
]
