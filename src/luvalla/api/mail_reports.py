"""`/api/mail-reports/NUMBER`: where a mail API reports bounces and complaints, with the secret it was given."""

from __future__ import annotations

import logging
from base64 import b64decode
from binascii import Error
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from luvalla.mailroom.api_reports import NotAReport, relay_that_reports, take_api_report

LARGEST: Final = 1_000_000
log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def take_report(request: HttpRequest, relay: int) -> HttpResponse:
    """Deal with one report before it is answered; whatever fails is answered with 503, so that it is sent again."""
    sender = relay_that_reports(relay, _credentials(request.headers.get("Authorization", "")))
    if sender is None:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Basic"})
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return HttpResponse(status=413)
    try:
        take_api_report(sender, request.body)
    except NotAReport:
        return HttpResponse(status=400)
    except Exception as fault:  # noqa: BLE001  # the API keeps the report and sends it again
        log.warning("a report of a mail API was put off: %s", type(fault).__name__)
        return HttpResponse(status=503)
    return HttpResponse(status=204)


def _credentials(header: str) -> str:
    """Read name and word (RFC 7617); "" where there are none."""
    scheme, _, encoded = header.partition(" ")
    try:
        return b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (Error, UnicodeDecodeError):
        return ""
