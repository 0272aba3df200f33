"""The page that isn't there, in the language of its address."""

from __future__ import annotations

from typing import NoReturn

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation

from luvalla.organisation.errors import NotSetUp
from luvalla.public.front import wished_language
from luvalla.public.page import secured, show
from luvalla.public.paths import LANGUAGES


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:  # noqa: ARG001  # Django's signature
    """Say so kindly, with status 404; what was asked for is never repeated."""
    start = request.path_info.lstrip("/").partition("/")[0]
    language = start if start in LANGUAGES else wished_language(request)
    with translation.override(language):
        try:
            response = show("missing.html", language, {}, status=404)
        except NotSetUp:
            response = HttpResponse("Not found\n", status=404, content_type="text/plain; charset=utf-8")
    return secured(response, language)


def not_there(request: HttpRequest) -> NoReturn:  # noqa: ARG001  # Django's signature
    """Answer for an address that leads nowhere on purpose."""
    raise Http404
