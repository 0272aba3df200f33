"""Words for what is to be released."""

from __future__ import annotations

from django.utils.translation import pgettext

from luvalla.people.models import Release
from luvalla.register.models import Audience, Source


def release_words(release: Release) -> str:
    """Say what is to be exported or printed."""
    audience = Audience.objects.filter(key=release.subject_ref).first() if release.subject_kind == "audience" else None
    if audience is not None:
        return pgettext("reading", "Export of the audience %(audience)s") % {"audience": audience}
    source = Source.objects.filter(key=release.subject_ref).first() if release.subject_kind == "source" else None
    if source is not None:
        return pgettext("reading", "Notices as a file for the source %(source)s") % {"source": source}
    if release.subject_kind == "prints":
        return pgettext("reading", "More prints of letters about people")
    return pgettext("reading", "An export")
