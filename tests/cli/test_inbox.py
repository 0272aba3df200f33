"""The demo's inbox: what was received, the newest first and open, as HTML and as text, to be read and nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from luvalla.cli.demo.inbox import Inbox
from luvalla.mailroom.catching import CaughtMail


def mail(subject: str) -> CaughtMail:
    message = EmailMessage()
    message["Subject"], message["To"] = subject, "maija@esimerkki.example"
    message.set_content(f"{subject} & more")
    message.add_alternative(f"<html><head></head><body>{subject} &amp; more</body></html>", subtype="html")
    return CaughtMail("a@esimerkki.example", ("maija@esimerkki.example",), message.as_bytes())


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """Give an inbox of two mails that answers."""
    serving = Inbox(lambda: [mail("Ensimmäinen"), mail("<b>Toinen</b>")])
    serving.start()
    yield serving
    serving.stop()


def read(inbox: Inbox, path: str) -> str:
    with urlopen(inbox.url + path, timeout=10) as answer:  # noqa: S310  # the address is the inbox's own
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return str(answer.read().decode())


def test_the_newest_mail_is_first_open_and_marked(inbox: Inbox) -> None:
    page = read(inbox, "")
    assert page.index("&lt;b&gt;Toinen") < page.index("Ensimmäinen")
    assert '<a href="/?mail=1" aria-current="page">' in page
    assert 'src="/html?mail=1"' in page


def test_an_older_mail_opens_by_its_number(inbox: Inbox) -> None:
    assert '<a href="/?mail=0" aria-current="page">Ensimmäinen' in read(inbox, "?mail=0")
    assert "Ensimmäinen &amp; more" in read(inbox, "html?mail=0")
    assert "Ensimmäinen &amp; more</pre>" in read(inbox, "text?mail=0").replace("\n", "")


def test_an_inbox_without_mails_says_so_by_zero() -> None:
    serving = Inbox(list)
    serving.start()
    try:
        assert "<p>0 " in read(serving, "")
        with pytest.raises(HTTPError):
            read(serving, "html?mail=0")
    finally:
        serving.stop()
