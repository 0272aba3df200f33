"""A letter as mail and as a tagged PDF."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import Final

from luvalla.documents.pdf import make_pdf
from luvalla.organisation.models import Controller
from luvalla.organisation.queries import the_controller
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import ONLY_MAILED, Text, contact_of

P: Final = '<p style="margin:0 0 16px;">'
QUIET: Final = '<p style="margin:0 0 12px;font-size:15px;line-height:23px;">'
FOOT: Final = "margin:24px 0 0;padding-top:16px;border-top:1px solid #74838d;font-size:15px;line-height:23px;"
BODY: Final = (
    "font-family:'Segoe UI',system-ui,-apple-system,Roboto,Helvetica,Arial,sans-serif;font-size:17px;line-height:27px;"
    "overflow-wrap:anywhere;word-break:break-word"
)
"""Links break where the window ends: a phone shows them whole."""


def as_text(text: Text) -> str:
    """Give the plain text of a letter's mail."""
    controller = the_controller()
    body = [_greeting(text), *text.paragraphs]
    body += [f"{heading}:\n{said}" if "\n" in said else f"{heading}: {said}" for heading, said in text.pairs]
    body += [said for _, said in text.body_parts]
    body += text.small_print
    return "\n\n".join([*body, "\n".join(_foot(text, controller))]) + "\n"


def as_html(text: Text) -> str:
    """Give the HTML of a letter's mail. What people wrote is escaped; links of ours are made links."""
    controller = the_controller()
    body = [P + escape(_greeting(text)) + "</p>", *(P + _lines(each) + "</p>" for each in text.paragraphs)]
    body += [f"{P}<strong>{escape(heading)}</strong><br>{_lines(said)}</p>" for heading, said in text.pairs]
    body += [P + _lines(each) + "</p>" for _, said in text.body_parts for each in said.split("\n\n")]
    body += [QUIET + _lines(said) + "</p>" for said in text.small_print]
    foot = "<br>".join(escape(each) for each in _foot(text, controller))
    return (
        f'<!DOCTYPE html><html lang="{text.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(text.subject)}</title></head>'
        f'<body style="margin:0;padding:24px;"><div style="max-width:600px;margin:0 auto;{BODY}">'
        f'<h1 style="font-size:24px;line-height:30px;margin:0 0 20px;">{escape(text.title)}</h1>{"".join(body)}'
        f'<p style="{FOOT}">{foot}</p>'
        "</div></body></html>"
    )


def as_pdf(text: Text, *, to: str = "") -> bytes:
    """Typeset a letter as a tagged PDF with its case number. A link goes to the mailbox only: the PDF says so."""
    words, controller = texts(text.language)["names"], the_controller()
    is_automatic = text.signer == words["role_system"]
    data = {
        "title": text.title,
        "language": text.language,
        "sender": [
            controller.name,
            f"{controller.street}, {controller.postcode} {controller.city}",
            controller.business_id,
            contact_of(controller),
        ],
        "to": to,
        "to_word": words["to"],
        "facts": [[_case_word(text), text.case], [words["date"], text.day]],
        "greeting": _greeting(text),
        "paragraphs": list(text.paragraphs),
        "body": [words["only_mailed"] if name in ONLY_MAILED else said for name, said in text.body_parts],
        "pairs": [list(each) for each in text.pairs],
        "parts": text.small_print,
        "signer_word": words["sent_by" if is_automatic else "signer"],
        "signer": f"{controller.name}, {_small(text.signer)}" if is_automatic else text.signer,
        "foot": f"{controller.name} · {_case_word(text)} {text.case}",
    }
    template = (resources.files("luvalla.rights.letters") / "letter.typ").read_text(encoding="utf-8")
    return make_pdf(template, data)


def _foot(text: Text, controller: Controller) -> tuple[str, ...]:
    case = f"{_case_word(text)} {text.case} · {text.day}"
    return text.signer, controller.name, contact_of(controller), case


def _greeting(text: Text) -> str:
    """Greet the reader: a disclosee is an organisation, and not addressed as a friend."""
    words = texts(text.language)["names"]
    return str(words.get(f"greeting_{text.kind}", words["greeting"]))


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _case_word(text: Text) -> str:
    return str(texts(text.language)["names"]["case" if text.has_case else "reference"])


def _lines(text: str) -> str:
    """Escape a text, keep its lines, and make a line that is one of our links a link."""
    made = []
    for line in text.splitlines():
        shown = escape(line)
        is_link = line.startswith(("https://", "http://")) and " " not in line
        made.append(f'<a href="{shown}">{shown}</a>' if is_link else shown)
    return "<br>".join(made)
