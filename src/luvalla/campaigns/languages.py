"""The languages that campaigns are written in, as the editor knows them."""

from __future__ import annotations

from django.conf import settings
from wagtail.models import Locale


def make_languages() -> None:
    """Make the editor's record of each language of the settings; those that are there stay."""
    for code, _ in settings.LANGUAGES:
        Locale.objects.get_or_create(language_code=code)
