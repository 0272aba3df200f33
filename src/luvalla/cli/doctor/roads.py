"""The ways in and out: the site's certificate, and the relays."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from luvalla.cli.doctor.finding import Finding, fault, good, note
from luvalla.cli.language import npgettext, pgettext

if TYPE_CHECKING:
    from luvalla.mailroom.errors import RelayUnusable

SECONDS: Final = 10.0
RENEW_BEFORE: Final = timedelta(days=14)
"""A certificate that is renewed by itself is renewed a month before its end; this one isn't."""
LAST_DAYS: Final = timedelta(days=3)
HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
STATUS_LINE: Final = re.compile(r"HTTP/1\.[01] (\d{3}) ")
LONGEST_LINE: Final = 200
GATEWAY: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
EXPIRED: Final = 10
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED."""


def look_at_site() -> Iterator[Finding]:
    """Look whether the public site answers over TLS, with a certificate that browsers accept (RFC 9110, 4.3.4)."""
    from luvalla.organisation.queries import the_controller

    site = urlsplit(the_controller().base_url)
    host = site.hostname or ""
    if site.scheme != "https":
        saw = pgettext("doctor", "The public site is not served over TLS: %(site)s") % {"site": site.geturl()}
        do = pgettext("doctor", "Put a web server with a certificate before it, and set LUVALLA_BASE_URL to https://.")
        yield note("site", saw, do) if host in HERE else fault("site", saw, do)
        return
    yield _certificate(host, site.port or 443)


def look_at_relays() -> Iterator[Finding]:
    """Look at each relay: whether it may be used, answers, lets us in, and for how long its certificate holds."""
    from luvalla.mailroom.errors import RelayUnusable
    from luvalla.mailroom.preflight import tried_relays

    try:
        tried = tried_relays()
    except RelayUnusable as wrong:
        yield _useless(wrong, is_last=True)
        return
    is_last = all(each.fault for each in tried)
    for each in tried:
        if each.fault:
            yield _useless(RelayUnusable(each.fault, each.row.name), is_last=is_last)
            continue
        yield good("relay", pgettext("doctor", "%(relay)s answers and lets us in.") % {"relay": each.row.name})
        if each.certificate_until:
            do = pgettext("doctor", "Have the relay's keeper renew it: once it has run out, no letter leaves by it.")
            yield _held("relay", each.row.name, each.certificate_until, do)


def _useless(wrong: RelayUnusable, *, is_last: bool) -> Finding:
    from luvalla.mailroom.sentences import relay_sentence

    saw = relay_sentence(wrong.fault, wrong.relay)
    do = (
        pgettext("doctor", "No letter leaves until it is mended; those that are due wait.")
        if is_last
        else pgettext("doctor", "Letters leave by the others until it is mended.")
    )
    return fault("relay", saw[:1].upper() + saw[1:], do)


def _held(check: str, host: str, until: datetime, do: str) -> Finding:
    """Say for how many days a certificate holds; the last ones are a fault."""
    left = until - datetime.now(UTC)
    saw = npgettext(
        "doctor", "The certificate of %(host)s holds for %(days)d day.",
        "The certificate of %(host)s holds for %(days)d days.", left.days,
    ) % {"host": host, "days": left.days}  # fmt: skip
    if left < LAST_DAYS:
        return fault(check, saw, do)
    return note(check, saw, do) if left < RENEW_BEFORE else good(check, saw)


def _status(secured: ssl.SSLSocket, host: str) -> int:
    """Ask for the smallest page of every installation and give the answer's status; 0 for what is no answer in HTTP."""
    secured.sendall(f"GET /robots.txt HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    line = secured.makefile("rb").readline(LONGEST_LINE).decode("ascii", "replace")
    said = STATUS_LINE.match(line)
    return int(said[1]) if said else 0


def _nobody_behind(host: str, status: int) -> Finding:
    words = {"host": host, "status": status}
    if status in GATEWAY:
        saw = pgettext("doctor", "At %(host)s the web server answers, but Luvalla behind it does not (%(status)d).")
        do = pgettext("doctor", "Start luvalla run, and look whether the web server passes on to its address and port.")
    else:
        saw = pgettext("doctor", "At %(host)s something else than Luvalla answers (%(status)d).")
        do = pgettext(
            "doctor", "Look whether the web server passes every path on to Luvalla, with the host's own name."
        )
    return fault("site", saw % words, do)


def _certificate(host: str, port: int) -> Finding:
    names = {"host": host}
    try:
        with (
            socket.create_connection((host, port), timeout=SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            shown = secured.getpeercert() or {}
            status = _status(secured, host)
    except ssl.SSLCertVerificationError as wrong:
        if wrong.verify_code == EXPIRED:
            saw = pgettext("doctor", "The certificate of %(host)s has run out.") % names
        else:
            saw = pgettext("doctor", "Browsers don't accept the certificate of %(host)s.") % names
        return fault("site", saw, pgettext("doctor", "Renew it, and let it be renewed by itself (ACME)."))
    except OSError:
        saw = pgettext("doctor", "The public site does not answer at %(host)s.") % names
        do = pgettext("doctor", "Nobody can stop letters there. Look at the web server, the firewall and the DNS.")
        return fault("site", saw, do)
    if status != HTTPStatus.OK:
        return _nobody_behind(host, status)
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    return _held("site", host, until, pgettext("doctor", "Renew it, and let it be renewed by itself (ACME)."))
