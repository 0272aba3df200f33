"""`luvalla notice adopt|render|publish|versions`: the privacy notice, and the one an organisation has had before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from luvalla.cli.django import set_up_django, with_django
from luvalla.cli.errors import Misconfigured, NotFound, Refused, SecondPersonNeeded
from luvalla.cli.groups import WholeSentences
from luvalla.cli.language import console_language, npgettext, pgettext
from luvalla.cli.output import json_option, print_json, print_line, print_table, say

if TYPE_CHECKING:
    from luvalla.notices.adoption.adopting import Adopted
    from luvalla.notices.adoption.errors import NoticeFault
    from luvalla.notices.models import NoticeVersion

LANGUAGES = ("fi", "sv", "en")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PLACE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group(cls=WholeSentences, help=pgettext("command", "Adopt, render and publish the privacy notice."))
def command() -> None:
    """Adopt, render and publish the privacy notice."""


@command.command(
    help=pgettext("command", "Read an existing privacy notice (text, HTML, DOCX or PDF) and tell what it says.")
)
@click.argument("file", type=FILE)
@click.option("--toml", type=PLACE, help=pgettext("command", "Write a first configuration for luvalla init here."))
@click.option("--html", type=PLACE, help=pgettext("command", "Write the report as a page here."))
@json_option
def adopt(file: Path, *, toml: Path | None, html: Path | None, as_json: bool) -> None:
    """Tell sentence by sentence what the notice says, what stands for it, and what has to change."""
    set_up_django()
    from luvalla.notices.adoption.configuring import as_toml
    from luvalla.notices.adoption.telling import as_document, as_page

    adopted, language = _adopted(file), console_language(os.environ)
    if toml:
        toml.write_text(as_toml(adopted), encoding="utf-8")
    if html:
        html.write_text(as_page(adopted, language), encoding="utf-8")
    if as_json:
        print_json(as_document(adopted, language))
        return
    _tell(as_document(adopted, language))
    for place in (each for each in (toml, html) if each):
        say(pgettext("command", "%(place)s was written.") % {"place": place})


@command.command(help=pgettext("command", "Print the notice as it would be published now, or write it as a PDF."))
@click.option("--language", type=click.Choice(LANGUAGES), default="fi", show_default=True)
@click.option("--pdf", type=PLACE, help=pgettext("command", "Write the PDF of the version in force here."))
@with_django
def render(*, language: str, pdf: Path | None) -> None:
    """Print the text made from the configuration of now; the PDF is that of the version in force."""
    from django.utils import timezone

    from luvalla.ledger.actors import OPERATOR
    from luvalla.notices.actions import make_file
    from luvalla.notices.queries import next_draft
    from luvalla.notices.rendering import render as rendered

    if pdf:
        made = make_file(notice=_in_force(), language=language, actor=OPERATOR)
        pdf.write_bytes(bytes(made.content))
        print_line(f"{made.digest}  {pdf}")
        return
    draft = next_draft()
    print_line(rendered(draft.facts, language, version=draft.version, published_on=timezone.localdate()))


@command.command(help=pgettext("command", "Publish the notice in the register owner's name."))
@click.option("--date", "day", required=True, help=pgettext("command", "Day of publishing, as 2026-11-29."))
@click.option("--by", "name", required=True, help=pgettext("command", "User name of the register owner."))
@click.option("--reason", default="", help=pgettext("command", "Why it is published against the officer's opinion."))
@json_option
@with_django
def publish(day: str, *, name: str, reason: str, as_json: bool) -> None:
    """Publish the next version on the data protection officer's opinion."""
    from luvalla.notices.actions import publish_notice
    from luvalla.people.queries import actor_of, may, user_named

    user = user_named(name)
    if user is None:
        raise NotFound(pgettext("command", "There is no account %(name)s.") % {"name": name})
    if not may(user, "publish_notice"):
        raise Refused(pgettext("command", "Only the register owner publishes the notice. Nothing was published."))
    with _refusals():
        notice = publish_notice(published_on=day, actor=actor_of(user), reason=reason)
    document = _version(notice)
    if as_json:
        print_json(document)
    else:
        print_line(pgettext("command", "Version %(version)s, %(published_on)s, is in force.") % document)


@command.command(help=pgettext("command", "List the published versions."))
@json_option
@with_django
def versions(*, as_json: bool) -> None:
    """List the published versions, the newest first."""
    from luvalla.notices.queries import notice_versions

    listed = [_version(each) for each in notice_versions()]
    if as_json:
        print_json({"versions": listed})
        return
    headings = (pgettext("command", "Version"), pgettext("command", "Published"), pgettext("command", "Digest"))
    print_table(headings, [(each["version"], each["published_on"], each["digest"][:16]) for each in listed])


@command.command(help=pgettext("command", "Put versions that were changed by hand back as they were published."))
@json_option
@with_django
def restore(*, as_json: bool) -> None:
    """Write every version back as the ledger knows it; nothing where one isn't to be had from its facts any more."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.notices.errors import NotRestorable
    from luvalla.notices.restoring import restore_versions

    try:
        restored = restore_versions(actor=OPERATOR)
    except NotRestorable as lost:
        message = pgettext(
            "command",
            "Version %(version)s can't be made anew: an older program published it. Nothing was changed. "
            "Take the version from a backup.",
        )
        raise Refused(message % {"version": lost.version}) from None
    if as_json:
        print_json({"versions": list(restored)})
    elif restored:
        numbers = ", ".join(map(str, restored))
        print_line(
            pgettext("command", "Versions put back as they were published: %(versions)s.") % {"versions": numbers}
        )
    else:
        print_line(pgettext("command", "Every version is as it was published."))


def _adopted(file: Path) -> Adopted:
    from luvalla.notices.adoption.adopting import adopt as read
    from luvalla.notices.adoption.errors import NotANotice
    from luvalla.notices.adoption.reading import read_file

    try:
        return read(read_file(file))
    except NotANotice as refused:
        raise Misconfigured(_fault(refused.fault)) from None


def _fault(fault: NoticeFault) -> str:
    sentences = {
        "too_large": pgettext("command", "The file is larger than any privacy notice. Nothing was read."),
        "broken": pgettext("command", "The file is damaged and can't be read."),
        "encrypted": pgettext("command", "The file is protected by a password. Save it without one and try again."),
        "no_text": pgettext(
            "command", "The file holds no text. A scanned picture has to be typed or recognised first."
        ),
        "unknown_format": pgettext("command", "The file is none of text, HTML, DOCX and PDF. Save it as one of them."),
        "unknown_language": pgettext("command", "The text is in none of Finnish, Swedish and English."),
    }
    return sentences[fault.value]


def _in_force() -> NoticeVersion:
    from luvalla.notices.queries import current_notice

    notice = current_notice()
    if notice is None:
        raise NotFound(pgettext("command", "No version of the notice has been published yet."))
    return notice


@contextmanager
def _refusals() -> Iterator[None]:
    """Say in a sentence why a notice isn't published."""
    from luvalla.notices import errors

    try:
        yield
    except errors.BadDate:
        message = pgettext(
            "command",
            "The date is none, lies in the future or before the last version's day. Nothing was published. "
            "Give a day as YEAR-MONTH-DAY.",
        )
        raise Misconfigured(message) from None
    except errors.PublishingClosed as closed:
        message = pgettext("command", "Publishing is closed while a promise is broken: %(ids)s. Nothing was published.")
        raise Refused(message % {"ids": closed}) from None
    except (errors.OpinionMissing, errors.SamePerson):
        message = pgettext(
            "command", "The data protection officer has to give an opinion on this text first. Nothing was published."
        )
        raise SecondPersonNeeded(message) from None
    except errors.ReasonMissing:
        message = pgettext(
            "command", "The opinion is against it. Give the reason for publishing all the same with --reason."
        )
        raise Refused(message) from None


def _version(notice: NoticeVersion) -> dict[str, Any]:
    side = {True: "for", False: "against"}
    return {
        "version": notice.version,
        "published_on": notice.published_on.isoformat(),
        "digest": notice.digest,
        "opinion": side[notice.opinion.is_for] if notice.opinion else None,
    }


def _tell(document: dict[str, Any]) -> None:
    """Print the report: the sentences with their claims, what is weak, what is missing."""
    headings = ("", pgettext("command", "Sentence"), pgettext("command", "Claims"), pgettext("command", "Weak points"))
    rows = [
        (each["place"], each["text"], " ".join(each["claims"]) or "–", " ".join(each["weak_points"]))
        for each in document["sentences"]
    ]
    print_table(headings, rows)
    for point in document["weak_points"]:
        print_line(f"{point['id']}  {point['why']} ({point['law']})\n     → {point['now']}")
    if document["missing"]:
        missing = ", ".join(document["missing"])
        print_line(
            pgettext("command", "Not told, though the law asks for it (GDPR): %(articles)s.") % {"articles": missing}
        )
    whole, lost = len(document["sentences"]), len(document["not_placed"])
    placed = npgettext(
        "command",
        "%(placed)d of %(whole)d sentence was placed.",
        "%(placed)d of %(whole)d sentences were placed.",
        whole,
    )
    print_line(placed % {"placed": whole - lost, "whole": whole})
