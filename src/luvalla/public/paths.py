"""Where each public page is in each language: /fi/tilaa/, /sv/prenumerera/, /en/subscribe/."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import pgettext_lazy

LANGUAGES: Final = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
"""The languages of the site, each by its own name."""

IN_LANGUAGE: Final = {
    "fi": pgettext_lazy("language", "in Finnish"),
    "sv": pgettext_lazy("language", "in Swedish"),
    "en": pgettext_lazy("language", "in English"),
}
"""The languages inside a sentence."""

PATHS: Final[dict[str, dict[str, str]]] = {
    "front": {"fi": "", "sv": "", "en": ""},
    "sign_up": {"fi": "tilaa/", "sv": "prenumerera/", "en": "subscribe/"},
    "confirm": {"fi": "vahvista/<str:token>", "sv": "bekrafta/<str:token>", "en": "confirm/<str:token>"},
    "ask_stop": {"fi": "lopeta/", "sv": "stoppa/", "en": "stop/"},
    "request": {"fi": "omat-tiedot/", "sv": "egna-uppgifter/", "en": "your-data/"},
    "request_by_link": {
        "fi": "omat-tiedot/<str:token>",
        "sv": "egna-uppgifter/<str:token>",
        "en": "your-data/<str:token>",
    },
    "archive": {"fi": "arkisto/", "sv": "arkiv/", "en": "archive/"},
    "feed": {"fi": "arkisto/rss.xml", "sv": "arkiv/rss.xml", "en": "archive/rss.xml"},
    "letter": {"fi": "arkisto/<uuid:ref>/", "sv": "arkiv/<uuid:ref>/", "en": "archive/<uuid:ref>/"},
    "notice": {"fi": "tietosuojaseloste/", "sv": "dataskyddsbeskrivning/", "en": "privacy-notice/"},
    "notice_versions": {
        "fi": "tietosuojaseloste/versiot/",
        "sv": "dataskyddsbeskrivning/versioner/",
        "en": "privacy-notice/versions/",
    },
    "notice_version": {
        "fi": "tietosuojaseloste/<int:number>/",
        "sv": "dataskyddsbeskrivning/<int:number>/",
        "en": "privacy-notice/<int:number>/",
    },
    "notice_difference": {
        "fi": "tietosuojaseloste/<int:number>/erot/",
        "sv": "dataskyddsbeskrivning/<int:number>/skillnader/",
        "en": "privacy-notice/<int:number>/difference/",
    },
    "notice_file": {
        "fi": "tietosuojaseloste/<int:number>.pdf",
        "sv": "dataskyddsbeskrivning/<int:number>.pdf",
        "en": "privacy-notice/<int:number>.pdf",
    },
    "notice_earlier": {
        "fi": "tietosuojaseloste/aiempi/<int:number>/",
        "sv": "dataskyddsbeskrivning/tidigare/<int:number>/",
        "en": "privacy-notice/earlier/<int:number>/",
    },
    "cookies": {"fi": "evasteet/", "sv": "kakor/", "en": "cookies/"},
    "accessibility": {"fi": "saavutettavuus/", "sv": "tillganglighet/", "en": "accessibility/"},
}
"""What follows the language of each page, by the name of its view."""

PLAIN_PAGES: Final = tuple(name for name, paths in PATHS.items() if "<" not in paths["en"])
"""Pages that need nothing but a language."""


def path_of(name: str, language: str, **parts: object) -> str:
    """Give the path of a public page in a language."""
    return reverse(f"public:{name}", kwargs={"language": language, **parts})


def every_plain_path() -> list[str]:
    """Give the paths of all pages that need nothing but a language, in every language."""
    return [path_of(name, language) for name in PLAIN_PAGES for language in LANGUAGES]
