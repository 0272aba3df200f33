"""Pictures of letters. Only their renditions are served: originals, uploads and everything else stay inside."""

from __future__ import annotations

from typing import Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from luvalla.campaigns.models import PictureRendition

KINDS: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    # A letter is read in mail programs on the web as well as here; a rendition's name changes when its picture does.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=31536000, immutable",
}


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:  # noqa: ARG001  # a view is given the request
    """Serve a rendition by the name it is stored under."""
    kind = KINDS.get(name.rpartition(".")[2].lower())
    rendition = PictureRendition.objects.filter(file=name).first() if kind else None
    if rendition is None:
        raise Http404
    try:
        file = rendition.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, content_type=kind, headers=HEADERS)
