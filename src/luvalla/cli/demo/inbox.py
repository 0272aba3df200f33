"""A small inbox page: what the demo's SMTP receiver has received, to be read as its addressees would."""

from __future__ import annotations

import html
import os
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from luvalla.cli.language import console_language, pgettext

if TYPE_CHECKING:
    from luvalla.mailroom.catching import CaughtMail

SHOWN: Final = 200
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src * data:; frame-src 'self'"
STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 24rem 1fr; height: 100vh;
  background: light-dark(#f4f6f7, #0f171e); color: light-dark(#14202b, #e9eef1); }
nav { overflow: auto; border-inline-end: 1px solid light-dark(#d5dde1, #2b3a45);
  background: light-dark(#fff, #16212a); }
nav h1 { font-size: 1.25rem; margin: 1rem; } nav p { margin: 0 1rem 1rem; color: light-dark(#435461, #b9c5cd); }
nav ol { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .6rem 1rem; color: inherit; text-decoration: none;
  border-block-start: 1px solid light-dark(#d5dde1, #2b3a45); }
nav a:hover, nav a[aria-current] { background: light-dark(#e4eff7, #14293a); }
nav small { display: block; color: light-dark(#435461, #b9c5cd); overflow-wrap: anywhere; }
main { display: grid; grid-template-rows: auto 1fr; min-width: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: 1rem; font-size: .875rem; }
dt { color: light-dark(#435461, #b9c5cd); } dd { margin: 0; overflow-wrap: anywhere; }
iframe { border: 0; width: 100%; height: 100%; background: #fff; }
pre { margin: 0; padding: 1rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
a { color: light-dark(#14527f, #8ec5ee); }
:focus-visible { outline: 3px solid light-dark(#0b66b8, #ffd166); outline-offset: -3px; }
@media (max-width: 50rem) { body { grid-template-columns: minmax(0, 1fr); height: auto; } nav { max-height: 40vh; }
  dl { grid-template-columns: minmax(0, 1fr); } dd { margin-block-end: .4rem; } iframe { height: 80vh; } }
"""
HEADERS: Final = ("From", "To", "Subject", "Date", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Message-ID")


class Inbox:
    """Serves the mails that a function gives, on a loopback port of its own."""

    def __init__(self, mails: Callable[[], list[CaughtMail]], *, port: int = 0) -> None:
        """Bind the port; 0 takes a free one."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _page(mails))
        self._thread = threading.Thread(target=self._server.serve_forever, name="luvalla-inbox", daemon=True)

    @property
    def url(self) -> str:
        """Where the inbox answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def start(self) -> None:
        """Start to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _page(mails: Callable[[], list[CaughtMail]]) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            received = mails()
            number = _number(parts.query, newest=len(received) - 1)
            if parts.path in {"/html", "/text"} and number < len(received):
                self._answer(_body(received[number], parts.path[1:]))
            elif parts.path == "/":
                self._answer(_overview(received, number))
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def _answer(self, page: str) -> None:
            content = page.encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header(
                "Content-Security-Policy",
                POLICY,
            )
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            """Write nothing: a request's line may name a mail."""

    return Page


def _number(query: str, *, newest: int) -> int:
    text = parse_qs(query).get("mail", [""])[0]
    return int(text) if text.isdecimal() else max(0, newest)


def _overview(received: list[CaughtMail], shown: int) -> str:
    newest = range(len(received) - 1, max(-1, len(received) - 1 - SHOWN), -1)
    rows = "".join(_row(received[number], number, current=number == shown) for number in newest)
    reader = _reader(received[shown], shown) if shown < len(received) else "<main><p>—</p></main>"
    title = pgettext("demo", "Inbox")
    count = pgettext("demo", "%(count)d received. They stay in memory and go with the demo.") % {"count": len(received)}
    return (
        f'<!doctype html><html lang="{console_language(os.environ)}"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<nav><h1>{title}</h1><p>{count}</p>"
        f"<ol>{rows}</ol></nav>{reader}</html>"
    )


def _row(mail: CaughtMail, number: int, *, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    subject, to = html.escape(str(mail.parsed["Subject"])), html.escape(", ".join(mail.recipients))
    return f'<li><a href="/?mail={number}"{mark}>{subject}<small>{to}</small></a></li>'


def _reader(mail: CaughtMail, number: int) -> str:
    message = mail.parsed
    rows = "".join(
        f"<dt>{name}</dt><dd>{html.escape(str(message[name]))}</dd>" for name in HEADERS if message[name] is not None
    )
    kind = "html" if message.get_body(("html",)) else "text"
    form, text, title = pgettext("demo", "Other form"), pgettext("demo", "plain text"), pgettext("demo", "The mail")
    return (
        f'<main><dl>{rows}<dt>{form}</dt><dd><a href="/text?mail={number}">{text}</a></dd></dl>'
        f'<iframe title="{title}" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/{kind}?mail={number}">'
        f"</iframe></main>"
    )


def _body(mail: CaughtMail, kind: str) -> str:
    part = mail.parsed.get_body(("html",) if kind == "html" else ("plain",))
    content = str(part.get_content()) if part is not None else ""
    if kind == "html":
        return content.replace("<head>", '<head><base target="_blank">', 1)
    style = f"<style>{STYLE} body {{ display: block }}</style>"
    return f'<!doctype html><meta charset="utf-8">{style}<pre>{html.escape(content)}</pre>'
