"""Addresses of the public pages. Only the language's part is translated; names and arguments are the same in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from django.http import HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from luvalla.public import (
    archive,
    ask_stop,
    front,
    media,
    notice,
    notice_versions,
    request_links,
    requests,
    stop,
    subscribing,
)
from luvalla.public.paths import LANGUAGES, PATHS

VIEWS: Final[dict[str, Callable[..., HttpResponseBase]]] = {
    "front": front.front,
    "sign_up": subscribing.sign_up,
    "confirm": subscribing.confirm,
    "ask_stop": ask_stop.ask_stop,
    "request": requests.ask,
    "request_by_link": requests.ask_by_link,
    "archive": archive.archive,
    "feed": archive.feed,
    "letter": archive.letter,
    "notice": notice.current,
    "notice_versions": notice_versions.versions,
    "notice_version": notice_versions.version,
    "notice_difference": notice_versions.difference,
    "notice_file": notice_versions.file,
    "notice_earlier": notice_versions.earlier,
    "cookies": front.cookies,
    "accessibility": front.accessibility,
}


def _pages() -> Iterator[URLPattern]:
    for name, paths in PATHS.items():
        for language in LANGUAGES:
            yield path(f"{language}/{paths[language]}", VIEWS[name], {"language": language}, name=name)


class Whatever(StringConverter):
    """Takes any text at all, so that no stop link is answered with "not found", however broken it is."""

    regex = r"[\s\S]*"


register_converter(Whatever, "whatever")
app_name = "public"
urlpatterns = [
    path("", front.choose_language, name="root"),
    path("s/<whatever:token>", stop.stop, name="stop"),
    path("r/p/<str:token>", request_links.prove, name="request_prove"),
    path("r/d/<str:token>", request_links.deliver, name="request_deliver"),
    path("media/<path:name>", media.picture, name="picture"),
    path("robots.txt", front.robots, name="robots"),
    path("favicon.ico", front.favicon, name="favicon"),
    *_pages(),
]
