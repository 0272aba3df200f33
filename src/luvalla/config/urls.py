"""Addresses of the pages: the public site, sign-in, and the staff interface."""

from __future__ import annotations

from allauth.account.views import logout
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from luvalla.api.metrics import metrics
from luvalla.public.missing import not_there
from luvalla.staff.accounts.presence import Presence
from luvalla.staff.accounts.views import ChangeLanguage, MyAccount, OwnLog, UndertakingCopy
from luvalla.staff.dashboard.views import Dashboard

NO_PART_OF_LUVALLA = (
    r"^staff/(?:pages|documents|workflows|reports|users|groups|sites|collections|snippets|bulk|password_reset|choose-page"
    r"|test404|failwhale|api/main/(?:pages|documents))/"
)
"""Wagtail's places for sites of pages: their addresses lead nowhere, whoever asks."""
urlpatterns = [
    re_path(NO_PART_OF_LUVALLA, not_there),
    path("accounts/", include("luvalla.staff.accounts.urls")),
    # These stand before Wagtail's own doors of the same address, which would sign in, out and on in another way.
    path("staff/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("staff/logout/", logout),
    path("staff/account/", MyAccount.as_view()),
    path("staff/account/log/", OwnLog.as_view(), name="staff_own_log"),
    path("staff/account/undertaking.pdf", UndertakingCopy.as_view(), name="staff_undertaking_copy"),
    path("staff/session/", Presence.as_view(), name="staff_session"),
    path("staff/language/", ChangeLanguage.as_view(), name="staff_language"),
    path("staff/", Dashboard.as_view()),
    path("staff/", include("wagtail.admin.urls")),
    path("api/", include("luvalla.api.urls")),
    path("metrics", metrics),
    path("", include("luvalla.public.urls")),
]
handler400 = "luvalla.public.failing.not_readable"
handler403 = "luvalla.public.failing.not_allowed"
handler404 = "luvalla.public.missing.not_found"
handler500 = "luvalla.public.failing.failed"
