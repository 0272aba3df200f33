"""The copy as it goes by post: its PDF, and behind it the files that can be printed."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from zipfile import ZipFile

from luvalla.paper.errors import NotPrintable
from luvalla.paper.printing import as_pages, joined
from luvalla.rights.errors import FileRefused
from luvalla.rights.files import check_file
from luvalla.rights.links import copy_of, has_copy
from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right


def is_printable(request: DataRequest) -> bool:
    """Tell whether there is a copy to print: made, and asked for to be seen (GDPR 15)."""
    return Right.ACCESS in request.chosen and has_copy(request)


def copy_on_paper(request: DataRequest) -> bytes:
    """Give the copy as one PDF with its enclosures; those of a kind that can't be printed are left out."""
    document, files = _unpacked(request)
    pages = [document]
    for name, content in files.items():
        with suppress(NotPrintable):
            pages.append(_as_pages(request, name, content))
    return joined(pages)


def files_left_out(request: DataRequest) -> list[str]:
    """Name the enclosures that are not in the print, since their own program has to print them."""
    left_out = []
    for name, content in _unpacked(request)[1].items():
        try:
            joined([_as_pages(request, name, content)])
        except NotPrintable:
            left_out.append(name)
    return left_out


def _unpacked(request: DataRequest) -> tuple[bytes, dict[str, bytes]]:
    """Open the pack: the copy itself, and its files by their names, which say nothing of anybody."""
    with ZipFile(BytesIO(copy_of(request))) as pack:
        files = {each.rpartition("/")[2]: pack.read(each) for each in sorted(pack.namelist()) if "/" in each}
        return pack.read(f"{request.number}.pdf"), files


def _as_pages(request: DataRequest, name: str, content: bytes) -> bytes:
    try:
        media_type = check_file(name, content).media_type
    except FileRefused:
        raise NotPrintable from None
    pages = as_pages(raw=content, media_type=media_type, title=name, language=request.language)
    return joined([pages])
