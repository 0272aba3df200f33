"""Django's settings, made from the environment of the installation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from luvalla.config.environment import read_environment, secret_key

ENVIRONMENT: Final = read_environment()
PACKAGE: Final = Path(__file__).resolve().parents[1]
ROOMS: Final = (
    "jobs",
    "ledger",
    "organisation",
    "people",
    "register",
    "campaigns",
    "paper",
    "mailroom",
    "notices",
    "rights",
    "staff",
    "public",
    "api",
)

LUVALLA_HOME: Final = ENVIRONMENT.home
LUVALLA_SMTP_URL: Final = ENVIRONMENT.smtp_url
LUVALLA_SMTP_PASSWORD_FILE: Final = ENVIRONMENT.smtp_password_file
LUVALLA_DKIM: Final = ENVIRONMENT.dkim_folder
LUVALLA_TRUSTED_PROXIES: Final = ENVIRONMENT.trusted_networks
LUVALLA_METRICS_TOKEN: Final = ENVIRONMENT.metrics_token
LUVALLA_SCANNER: Final = ENVIRONMENT.scanner_place
LUVALLA_ACKNOWLEDGEMENTS_AN_HOUR: Final = ENVIRONMENT.acknowledgements_an_hour
LUVALLA_MAIL_CHECKED_BY: Final = ENVIRONMENT.mail_checked_by
LUVALLA_ERASURES: Final = ENVIRONMENT.erasures
LUVALLA_ERASURES_COPY: Final = ENVIRONMENT.erasures_copy
LUVALLA_BACKUP_RECIPIENTS: Final = ENVIRONMENT.backup_recipients
LUVALLA_BACKUP_PASSPHRASE_FILE: Final = ENVIRONMENT.backup_passphrase_file
SECRET_KEY = secret_key(LUVALLA_HOME)
DEBUG = ENVIRONMENT.debug
BASE_URL: Final = ENVIRONMENT.base_url or "http://127.0.0.1:8000"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", urlsplit(BASE_URL).hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

ON_POSTGRESQL: Final = ENVIRONMENT.database["ENGINE"].endswith("postgresql")
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""

INSTALLED_APPS = [
    *(["procrastinate.contrib.django"] if ON_POSTGRESQL else []),
    *(f"luvalla.{room}" for room in ROOMS),
    "wagtail.snippets",
    "wagtail.images",
    "wagtail.users",
    "wagtail.admin",
    "wagtail.sites",
    "wagtail.documents",
    "wagtail.search",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
]
MIDDLEWARE = [
    "luvalla.staff.headers.guard_answers",
    "django.middleware.security.SecurityMiddleware",
    "luvalla.staff.headers.know_methods",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "luvalla.api.answers.answer_in_problems",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "luvalla.staff.accounts.middleware.staff_doors",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "luvalla.config.urls"
WSGI_APPLICATION = "luvalla.config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DATABASES = {"default": ENVIRONMENT.database}
CACHES = {"default": {"BACKEND": "luvalla.staff.accounts.counting.SharedCounts"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["luvalla.people.backends.PersonalAccounts"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "luvalla.people.passwords.HardToGuess"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
LUVALLA_SECOND_FACTOR: Final = ENVIRONMENT.second_factor
ACCOUNT_ADAPTER = "luvalla.staff.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "luvalla.staff.accounts.forms.SignIn",
    "reset_password": "luvalla.staff.accounts.resetting.AskForPassword",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# Failed attempts are counted by place, and by place and name together: nobody can shut another person out. Nobody can
# fill another's mailbox with links either; whose mailbox got five has five that work.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/300s/key", "reset_password": "20/m/ip,5/h/key"}
MFA_ADAPTER = "luvalla.staff.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Nobody signs up, so nobody can take another's mailbox: it was written down by whoever made the account, and allauth's
# own mark of a mailbox, set when a password is chosen by a mailed link, may not keep a second factor away.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "luvalla.staff.accounts.forms.AddPasskey",
    "authenticate": "luvalla.staff.accounts.forms.SecondFactor",
    "reauthenticate": "luvalla.staff.accounts.forms.SecondFactorAgain",
}
MFA_TOTP_TOLERANCE = 1
# The organisation's own directory proves who somebody is; it makes no account, and nothing it tells is kept.
SOCIALACCOUNT_ADAPTER = "luvalla.staff.accounts.directory.DirectoryAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [client for client in [ENVIRONMENT.oidc_client()] if client]}}

LANGUAGE_CODE = "fi"
LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [
    *(PACKAGE / room / "locale" for room in ("rules", "cli", "config")),
    # What Wagtail leaves in English on our screens.
    PACKAGE / "staff" / "wagtail_locale",
]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Helsinki"
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES

# What a form brings stays in memory; an export is sealed while it arrives (staff/imports/uploads.py).
FILE_UPLOAD_HANDLERS = ["luvalla.staff.arriving.InMemory"]

STATIC_URL = "/static/"
STATIC_ROOT = LUVALLA_HOME / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = LUVALLA_HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

WAGTAIL_SITE_NAME = "Luvalla"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILIMAGES_IMAGE_MODEL = "campaigns.Picture"
WAGTAILIMAGES_IMAGE_FORM_BASE = "luvalla.campaigns.forms.PictureForm"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "gif"]
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAIL_WORKFLOW_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILADMIN_LOGIN_URL = "/accounts/login/"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "modelsearch.backends.database"}}

LANGUAGE_COOKIE_PATH = "/accounts/"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_AGE = 12 * 3600
SESSION_ENGINE = "luvalla.people.sessions"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = BASE_URL.startswith("https://")
# A cookie of this name is taken only from this very host, and only over https.
SESSION_COOKIE_NAME = "__Host-sessionid" if SESSION_COOKIE_SECURE else "sessionid"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_COOKIE_NAME = "__Host-csrftoken" if SESSION_COOKIE_SECURE else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "luvalla.public.failing.not_our_form"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

# No part of a request goes to a log: it might hold an address.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
