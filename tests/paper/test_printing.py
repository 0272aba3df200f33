from __future__ import annotations

import zlib
from io import BytesIO
from uuid import uuid4

import pytest
import qrcode
import qrcode.constants
from PIL import Image
from pypdf import PdfReader

from luvalla.documents.errors import NotTypeset
from luvalla.documents.pdf import make_pdf
from luvalla.ledger.actions import Subject
from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.verbs import is_reading
from luvalla.organisation.queries import the_controller
from luvalla.paper import pictures
from luvalla.paper.errors import NotPrintable
from luvalla.paper.labels import label_of
from luvalla.paper.models import PaperItem
from luvalla.paper.printing import joined, label_pdf, print_document, print_file, print_pdf, print_text
from tests.paper.conftest import EnterItem
from tests.support.pdf import drawn

pytestmark = pytest.mark.django_db
LETTER = Subject("campaign", "5c2c9a0e")
WHY = {"purpose": "newsletter", "reason": "Ilmoitustaululle."}


def scan(kind: str, pages: int = 1, size: tuple[int, int] = (600, 900)) -> bytes:
    """Draw a scan of so many pages, each with a black corner."""
    drawn = [Image.new("RGB", size, "white") for _ in range(pages)]
    for each in drawn:
        each.paste("black", (0, 0, 60, 60))
    out = BytesIO()
    drawn[0].save(out, kind, **({"save_all": True, "append_images": drawn[1:]} if pages > 1 else {}))
    return out.getvalue()


def print_scan(raw: bytes, media_type: str, liisa: Actor) -> tuple[PaperItem, bytes]:
    return print_file(
        raw=raw, media_type=media_type, title="2026-0001", language="fi", kind=PaperItem.Kind.ATTACHMENT,
        about=Subject("request", "1"), actor=liisa, **WHY,
    )  # fmt: skip


def first_page(pdf: bytes) -> str:
    """Give the text of a file's first page."""
    return PdfReader(BytesIO(pdf)).pages[0].extract_text()


def test_a_printed_letter_carries_its_label_and_is_counted(liisa: Actor) -> None:
    text = "\n".join(["Hei!", "= ei otsikkoa", *["Rivi."] * 120])
    item, pdf = print_text(
        title="Marraskuun kirje", text=text, language="fi", kind=PaperItem.Kind.LETTER, about=LETTER, actor=liisa, **WHY
    )
    assert f"P {item.pk}" in first_page(pdf)
    assert "= ei otsikkoa" in first_page(pdf)
    assert item.pages == len(PdfReader(BytesIO(pdf)).pages) > 1
    assert str(item.ref) in label_of(item).url
    row = LedgerRow.objects.get(verb="paper.record_print")
    assert (row.subject_ref, row.purpose, row.reason) == (str(item.ref), "newsletter", "Ilmoitustaululle.")
    assert is_reading(row.verb)


def test_an_attachment_gets_its_label_stamped_whatever_its_size(liisa: Actor) -> None:
    raw = make_pdf(
        '#import "house.typ": *\n#set document(title: "x")\n#set page(paper: "a3", flipped: true)\nLasku', {}
    )
    item, pdf = print_pdf(raw=raw, kind=PaperItem.Kind.ATTACHMENT, about=Subject("attachment", "1"), actor=liisa, **WHY)
    assert "Lasku" in first_page(pdf)
    assert f"P {item.pk}" in first_page(pdf)


@pytest.mark.parametrize(
    ("kind", "media_type", "pages"), [("PNG", "image/png", 1), ("JPEG", "image/jpeg", 1), ("TIFF", "image/tiff", 3)]
)
def test_a_scan_is_printed_page_by_page_with_its_label(liisa: Actor, kind: str, media_type: str, pages: int) -> None:
    item, pdf = print_scan(scan(kind, pages), media_type, liisa)
    printed = PdfReader(BytesIO(pdf)).pages
    assert (item.pages, len(printed)) == (pages, pages)
    assert f"P {item.pk}" in first_page(pdf)
    assert all(len(each.images) >= 1 for each in printed)


def test_a_text_is_printed_as_it_is(liisa: Actor) -> None:
    item, pdf = print_scan("Pyydän #tietoni.".encode(), "text/plain", liisa)
    assert "Pyydän #tietoni." in first_page(pdf)
    assert f"P {item.pk}" in first_page(pdf)


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (b"PK", "application/vnd.oasis.opendocument.text"),
        (b"no pdf", "application/pdf"),
        (scan("PNG")[:200], "image/png"),
        (scan("PNG", size=(60, 60)).replace(b"IHDR\x00\x00\x00\x3c", b"IHDR\x00\xff\xff\xff"), "image/png"),
    ],
)
def test_what_another_program_prints_and_what_is_damaged_is_refused(liisa: Actor, raw: bytes, media_type: str) -> None:
    with pytest.raises(NotPrintable):
        print_scan(raw, media_type, liisa)
    assert not PaperItem.objects.exists()


def pdf_of(content: bytes, *, pages: bytes = b"2 0 R") -> bytes:
    """Write a PDF of one page with this content stream, packed."""
    packed = zlib.compress(content, 9)
    objects = (
        b"<</Type/Catalog/Pages %b>>" % pages,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream" % (len(packed), packed),
    )
    made = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % each for each in enumerate(objects, start=1))
    return made + b"trailer <</Size 5/Root 1 0 R>>\nstartxref\n0\n%%EOF"


def test_a_pdf_that_unpacks_without_end_or_is_mangled_within_is_refused_and_nothing_is_recorded(liisa: Actor) -> None:
    assert print_scan(pdf_of(b"BT ET"), "application/pdf", liisa)[0].pages == 1
    for raw in (pdf_of(b" " * 100_000_000), pdf_of(b"BT ET", pages=b"7"), pdf_of(b"BT ET", pages=b"1 0 R")):
        with pytest.raises(NotPrintable):
            print_scan(raw, "application/pdf", liisa)
    for raw in (pdf_of(b"BT ET", pages=b"7"), b"%PDF-1.7 nothing"):
        with pytest.raises(NotPrintable):
            joined([pdf_of(b"BT ET"), raw])
    assert PaperItem.objects.count() == 1


def test_no_more_pages_are_drawn_than_anybody_scans(liisa: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PAGES", 2)
    assert print_scan(scan("TIFF", 2), "image/tiff", liisa)[0].pages == 2
    with pytest.raises(NotPrintable):
        print_scan(scan("TIFF", 3), "image/tiff", liisa)


def test_nothing_is_recorded_of_a_print_that_fails(liisa: Actor) -> None:
    with pytest.raises(NotPrintable):
        print_pdf(raw=b"no pdf", kind=PaperItem.Kind.ATTACHMENT, about=Subject("attachment", "1"), actor=liisa, **WHY)
    with pytest.raises(NotTypeset):
        print_document(template="#panic()", data={}, kind=PaperItem.Kind.CASE, about=LETTER, actor=liisa, **WHY)
    assert not PaperItem.objects.exists()
    assert not LedgerRow.objects.filter(verb="paper.record_print").exists()


DOTS = 300
CODE_WIDTH = 19 / 25.4 * DOTS
"""Of the printed code with its white border, in dots."""
BORDER = 2
CORNER = ("#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######")


def code_on(page: Image.Image, modules: int) -> list[list[bool]]:
    """Read a QR code of so many modules off a printed page as a phone does: by its three corners, then its fields."""
    ink, size = page.point(lambda shade: 255 * (shade < 128)).load(), CODE_WIDTH / (modules + 2 * BORDER)

    def is_dark(left: int, up: int, row: int, column: int) -> bool:
        return bool(ink[int(left + (column + 0.5) * size), int(up + (row + 0.5) * size)])

    def has_corner(left: int, up: int, row: int, column: int) -> bool:
        return all(
            is_dark(left, up, row + down, column + on) is (mark == "#")
            for down, line in enumerate(CORNER) for on, mark in enumerate(line)
        )  # fmt: skip

    far, extent = modules - 7, int(modules * size) + 1

    def fits(left: int, up: int) -> bool:
        return all(has_corner(left, up, *corner) for corner in ((0, 0), (0, far), (far, 0)))

    for up in range(page.height - extent):
        for left in range(page.width - extent):
            if fits(left, up):
                # The first place that fits is at the edge of what does: the fields are read from its middle.
                middle_up = up + sum(fits(left + 1, up + down) for down in range(1, int(size))) // 2
                middle = left + sum(fits(left + on, middle_up) for on in range(1, int(size))) // 2
                fields = range(modules)
                return [[is_dark(middle, middle_up, row, column) for column in fields] for row in fields]
    raise AssertionError


@pytest.mark.needs_pdf_tools
def test_the_code_that_is_printed_holds_the_address_of_the_item_and_nothing_else(enter: EnterItem) -> None:
    item = enter()
    wanted = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    wanted.add_data(f"{the_controller().base_url.rstrip('/')}/staff/paper/{item.ref}/")
    matrix = wanted.get_matrix()
    assert code_on(drawn(label_pdf(item), DOTS), len(matrix)) == matrix
    other = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    other.add_data(f"{the_controller().base_url.rstrip('/')}/staff/paper/{uuid4()}/")
    assert other.get_matrix() != matrix


def test_a_label_alone_can_be_stuck_on_a_letter(enter: EnterItem) -> None:
    item = enter()
    pages = PdfReader(BytesIO(label_pdf(item))).pages
    assert len(pages) == 1
    assert f"P {item.pk}" in pages[0].extract_text()
