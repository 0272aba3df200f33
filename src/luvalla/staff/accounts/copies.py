"""The signer's copy of the undertaking of secrecy: a PDF document, and the mail that brings it."""

from __future__ import annotations

from importlib import resources

from django.db import transaction
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import pgettext

from luvalla.documents.pdf import make_pdf
from luvalla.mailroom.actions import post_service_message
from luvalla.mailroom.service_messages import AttachedFile
from luvalla.organisation.queries import the_controller
from luvalla.people.models import Undertaking
from luvalla.people.queries import actor_of
from luvalla.rules.address import normalise
from luvalla.staff import formats


def copy_of(undertaking: Undertaking) -> bytes:
    """Typeset what was signed, in the language it was read in, with name, time, method and the hash of the text."""
    with translation.override(undertaking.language):
        title, *paragraphs = _text(undertaking).strip().split("\n\n")
        controller = the_controller()
        document = {
            "title": title,
            "language": undertaking.language,
            "sender": [controller.name, f"{controller.street}, {controller.postcode} {controller.city}"],
            "foot": controller.name,
            "paragraphs": paragraphs,
            "signature": pgettext("copy of an undertaking", "Signature"),
            "facts": _facts(undertaking),
        }
    return make_pdf((resources.files("luvalla.staff.accounts") / "undertaking.typ").read_text("utf-8"), document)


def pdf_answer(document: bytes, name: str) -> HttpResponse:
    """Give a document to the browser, which keeps no copy of it."""
    answer = HttpResponse(document, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def send_copy(undertaking: Undertaking) -> None:
    """Send the copy to the signer's mailbox: what was signed as text, and as a document attached."""
    user, document = undertaking.user, copy_of(undertaking)
    with translation.override(undertaking.language), transaction.atomic():
        facts = "\n".join(f"{name}: {value}" for name, value in _facts(undertaking))
        opening = pgettext("copy of an undertaking", "This is your copy of what you signed. The document is attached.")
        name = pgettext("copy of an undertaking", "undertaking-of-secrecy.pdf")
        post_service_message(
            kind="undertaking_copy",
            address=normalise(user.email),
            subject=pgettext("copy of an undertaking", "Your undertaking of secrecy"),
            text=f"{opening}\n\n{facts}\n\n{_text(undertaking)}",
            html="",
            language=undertaking.language,
            attachments=[AttachedFile(name, "application/pdf", document)],
            actor=actor_of(user),
        )


def _text(undertaking: Undertaking) -> str:
    return str(getattr(undertaking.text, f"text_{undertaking.language}"))


def _facts(undertaking: Undertaking) -> list[tuple[str, str]]:
    """Name what makes the signature, in the language of the moment."""
    in_system = undertaking.method == Undertaking.IN_SYSTEM
    way = (
        pgettext("copy of an undertaking", "in Luvalla")
        if in_system
        else pgettext("copy of an undertaking", "on paper")
    )
    facts = [
        (pgettext("copy of an undertaking", "Name"), undertaking.typed_name),
        (pgettext("copy of an undertaking", "Signed"), f"{formats.exact_moment(undertaking.signed_at)}, {way}"),
        (pgettext("copy of an undertaking", "In force until"), formats.day(undertaking.valid_until)),
        (pgettext("copy of an undertaking", "Version of the text"), undertaking.text.version),
        ("SHA-256", undertaking.text_hash),
    ]
    if undertaking.countersigned_by:
        facts.append((pgettext("copy of an undertaking", "Countersigned"), undertaking.countersigned_by))
    return facts
