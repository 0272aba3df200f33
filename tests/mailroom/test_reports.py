"""Reports of mail servers are read for their codes, whatever else is in them, and never raise."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.mailroom.reports import Bounce, Complaint, read_report

LETTER = b"From: uutiset@esimerkki.fi\r\nTo: x@example.com\r\nSubject: Syksy\r\n\r\n...\r\n"


def bounce_report(status: str, *, action: str = "failed", diagnostic: str = "") -> bytes:
    """Write a delivery status notification as Postfix does (RFC 3464)."""
    told = f"Diagnostic-Code: smtp; {diagnostic}\r\n" if diagnostic else ""
    return (
        (
            "From: MAILER-DAEMON@posti.example\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="rajaviiva"\r\n\r\n'
            "--rajaviiva\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n\r\n"
            "--rajaviiva\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; posti.example\r\nArrival-Date: Tue, 24 Nov 2026 09:42:00 +0200\r\n\r\n"
            "Final-Recipient: rfc822; maija@example.com\r\n"
            f"Action: {action}\r\nStatus: {status}\r\n{told}\r\n"
            "--rajaviiva\r\nContent-Type: message/rfc822\r\n\r\n"
        ).encode()
        + LETTER
        + b"\r\n--rajaviiva--\r\n"
    )


def complaint_report(*, kind: str = "abuse", sender: str = "", stop: str = "") -> bytes:
    """Write a complaint in the abuse reporting format (RFC 5965)."""
    told = f"Original-Mail-From: <{sender}>\r\n" if sender else ""
    head = f"List-Unsubscribe: {stop}\r\n".encode() if stop else b""
    return (
        (
            "From: fbl@posti.example\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=feedback-report; boundary="rajaviiva"\r\n\r\n'
            "--rajaviiva\r\nContent-Type: text/plain\r\n\r\nA person has reported this letter.\r\n\r\n"
            "--rajaviiva\r\nContent-Type: message/feedback-report\r\n\r\n"
            f"Feedback-Type: {kind}\r\nUser-Agent: Posti/1.0\r\nVersion: 1\r\n{told}\r\n"
            "--rajaviiva\r\nContent-Type: message/rfc822\r\n\r\n"
        ).encode()
        + head
        + LETTER
        + b"\r\n--rajaviiva--\r\n"
    )


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (bounce_report("5.1.1"), Bounce("failed", "5.1.1")),
        (bounce_report("4.4.1", action="delayed"), Bounce("delayed", "4.4.1")),
        (bounce_report("5.0.0", diagnostic="550 5.1.1 <maija@example.com> unknown"), Bounce("failed", "5.1.1")),
        (bounce_report("", diagnostic="550-5.7.26 no authentication"), Bounce("failed", "5.7.26")),
        (bounce_report("5.2.2", diagnostic="552 5.1.1 both"), Bounce("failed", "5.2.2")),
        (bounce_report("nonsense"), Bounce("failed", "5.0.0")),
        (bounce_report("2.0.0", action="delivered"), None),
        (LETTER, None),
        (b"", None),
    ],
)
def test_a_bounce_is_read_by_its_action_and_status(raw: bytes, read: Bounce | None) -> None:
    assert read_report(raw) == read


def test_a_complaint_says_whose_letter_it_is_about() -> None:
    read = read_report(complaint_report(sender="bounce+ab@esimerkki.fi", stop="<https://kirjeet.esimerkki.fi/s/abc>"))
    assert read == Complaint(("<bounce+ab@esimerkki.fi>",), ("<https://kirjeet.esimerkki.fi/s/abc>",))


@pytest.mark.parametrize("kind", ["not-spam", "virus", "other", ""])
def test_other_feedback_is_no_complaint(kind: str) -> None:
    assert read_report(complaint_report(kind=kind)) is None


def test_an_absence_notice_is_no_report() -> None:
    mail = EmailMessage()
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content("I am away. 5.1.1 multipart/report")
    assert read_report(mail.as_bytes()) is None


@given(
    raw=st.binary(max_size=2_000),
    cut=st.integers(0, 900),
    blend=st.sampled_from([bounce_report("5.1.1"), complaint_report(sender="bounce+ab@esimerkki.fi")]),
)
def test_no_bytes_make_the_reader_fail(raw: bytes, cut: int, blend: bytes) -> None:
    for content in (raw, blend[:cut] + raw + blend[cut:], blend[:cut] + blend[cut + len(raw) :]):
        assert isinstance(read_report(content), Bounce | Complaint | None)


@given(status=st.from_regex(r"[45]\.[0-9]{1,3}\.[0-9]{1,3}", fullmatch=True))
def test_every_status_comes_through(status: str) -> None:
    read = read_report(bounce_report(status))
    assert read == Bounce("failed", status)
