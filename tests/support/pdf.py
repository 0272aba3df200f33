"""Reading the PDF files the program makes, as their reader would."""

from __future__ import annotations

import subprocess
from io import BytesIO

from PIL import Image
from pypdf import PdfReader


def text_of(pdf: bytes) -> str:
    """Give the words of a PDF, its lines joined by single spaces."""
    pages = PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def is_tagged(pdf: bytes) -> bool:
    """Tell whether a PDF has the structure that programs for reading aloud need."""
    root = PdfReader(BytesIO(pdf)).trailer["/Root"]
    return bool(root["/MarkInfo"]["/Marked"]) and "/StructTreeRoot" in root


def drawn(raw: bytes, dots: int = 150) -> Image.Image:
    """Draw a document's first page as paper would show it, in grey, at so many dots an inch (needs_pdf_tools)."""
    command = ["pdftoppm", "-f", "1", "-l", "1", "-gray", "-r", str(dots), "-"]
    made = subprocess.run(command, input=raw, capture_output=True, check=True, timeout=30)
    return Image.open(BytesIO(made.stdout))
