"""Words for what is to be released."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.api.models import Token
from luvalla.people.models import Release
from luvalla.people.probing import ProgramAlarm
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


def goes_to(release: Release) -> str | Promise:
    """Say to whom the file goes; empty for prints, which stay in the ledger of paper."""
    if release.to is not None:
        return release.to.name
    if release.subject_kind == "audience":
        return pgettext_lazy("reading", "Nobody else: it stays in the organisation")
    return ""


def program_name(alarm: ProgramAlarm) -> str:
    """Give the name of the alarm's program."""
    name = Token.objects.filter(ref=alarm.ref).values_list("name", flat=True).first()
    return name or pgettext("reading", "A program whose token is gone")
