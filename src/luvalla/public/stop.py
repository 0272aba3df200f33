"""The address behind the link of every letter: the stop page, and the one-click stop of mail programs (RFC 8058).

GET and HEAD change nothing, whoever opens the link: link scanners do. POST stops: without cookies, without signing in,
without a redirect, and as often as anybody likes. Nothing about it is ever limited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.ledger.vault import keyring
from luvalla.public import stop_page
from luvalla.public.gathering import stop_by_link
from luvalla.public.page import NEVER_KEPT
from luvalla.register.links import StopLink, read_stop_token

LONGEST_FORM: Final = 65_536
"""Bytes of a form that are read; a longer body is no form of ours, and still stops."""
MOST_FIELDS: Final = 100
TRY_AGAIN_SECONDS: Final = 60

Fields = Mapping[str, Sequence[str]]


@csrf_exempt
def stop(request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer at a stop link, whoever asks and however the token looks; the status never tells whose link it is."""
    link = read_stop_token(token, keyring())
    if request.method == "POST":
        return _stopped(request, token, link)
    if request.method in {"GET", "HEAD"}:
        return stop_page.shown(request, token, link)
    allowed = {"Allow": "GET, HEAD, OPTIONS, POST"}
    return HttpResponse(status=204 if request.method == "OPTIONS" else 405, headers=allowed)


def _stopped(request: HttpRequest, token: str, link: StopLink | None) -> HttpResponseBase:
    """Stop. Whatever the body is, it stops everything, unless it is our own page asking for a part of it."""
    fields = _fields(request)
    try:
        if "do" not in fields:
            return _one_click(link)
        if fields["do"][0] == "some":
            return stop_page.stop_some(request, token, link, fields.get("only", ()))
        return stop_page.stop_all(request, token, link)
    except (ErasuresUnwritable, DatabaseError):
        return _not_now()


def _one_click(link: StopLink | None) -> HttpResponse:
    """RFC 8058, 3.2: a program asks and looks at no page. A link that isn't ours gets the same answer."""
    if link is not None:
        stop_by_link(link)
    return HttpResponse("OK\n", content_type="text/plain; charset=utf-8", headers=NEVER_KEPT)


def _fields(request: HttpRequest) -> Fields:
    """Read the fields of our own form. Other kinds of bodies have none for us, and aren't looked into."""
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    body = request.read(LONGEST_FORM + 1)
    if len(body) > LONGEST_FORM:
        return {}
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def _not_now() -> HttpResponse:
    """Nothing could be written, so nothing was stopped, and a program that asks for a person may try again."""
    return HttpResponse(
        "Not stopped: nothing can be written just now. Please try again in a minute.\n",
        status=503,
        content_type="text/plain; charset=utf-8",
        headers={**NEVER_KEPT, "Retry-After": str(TRY_AGAIN_SECONDS)},
    )
