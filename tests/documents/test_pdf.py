from __future__ import annotations

import subprocess
from io import BytesIO

import pytest
from pypdf import PdfReader

from luvalla.documents.errors import NotTypeset
from luvalla.documents.pdf import make_pdf

TEMPLATE = """#import "house.typ": *
#let data = json("data.json")
#show: house.with(title: data.title, language: "fi", sender: ("Esimerkki Oy", "Helsinki"), foot: data.foot)
= #data.title
#data.text
#facts((("Asia", data.text),))
"""
DATA = {"title": "Päätös", "foot": "Asia 2026-0001", "text": "Ääkköset, Łódź ja Šiauliai"}


def test_a_document_is_tagged_titled_and_says_its_language() -> None:
    made = PdfReader(BytesIO(make_pdf(TEMPLATE, DATA)))
    root = made.trailer["/Root"].get_object()
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  # pypdf's own kind of boolean
    assert root["/Lang"] == "fi"
    assert made.metadata is not None
    assert made.metadata.title == "Päätös"


def test_its_text_can_be_read_and_what_data_says_is_never_a_command() -> None:
    hostile = '#panic("x") *ei lihavaa* $x$ @viite <a> \\ `raw`'
    text = PdfReader(BytesIO(make_pdf(TEMPLATE, {**DATA, "text": hostile}))).pages[0].extract_text()
    assert '#panic("x") *ei lihavaa* $x$ @viite <a> \\ `raw`' in text
    assert "Asia 2026-0001" in text


@pytest.mark.needs_pdf_tools
def test_every_font_is_in_the_file() -> None:
    listed = subprocess.run(["pdffonts", "-"], input=make_pdf(TEMPLATE, DATA), capture_output=True, check=True)  # noqa: S607  # poppler's program, wherever it is installed
    fonts = listed.stdout.decode().splitlines()[2:]
    assert fonts
    assert all(font.split()[-5] == "yes" and "SourceSans3" in font for font in fonts)


def test_a_fault_doesn_t_repeat_the_data() -> None:
    with pytest.raises(NotTypeset) as fault:
        make_pdf('#let data = json("data.json")\n#panic(data.text)', DATA)
    assert "Łódź" not in str(fault.value)
    assert fault.value.__cause__ is None
