from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.rules.address import (
    PLAIN,
    Address,
    Fault,
    NotAnAddress,
    _normalise_slowly,
    masked,
    normalise,
    normalise_domain,
    readable_domain,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ATOMS = st.text(LETTERS + "0123456789_&'/=~!#$%*?^`{|}-", min_size=1, max_size=12)
LABELS = st.text(LETTERS + "0123456789", min_size=1, max_size=12)
ENDINGS = st.sampled_from(["fi", "se", "com", "example", "energy"])
LOCALS = st.lists(ATOMS, min_size=1, max_size=3).map(".".join)
DOMAINS = st.tuples(st.lists(LABELS, min_size=1, max_size=3).map(".".join), ENDINGS).map(".".join)


@pytest.mark.parametrize(
    ("given_text", "normal"),
    [
        ("maija@esimerkki.fi", "maija@esimerkki.fi"),
        ("  Maija.Meikäläinen@ESIMERKKI.FI\t", "maija.meikäläinen@esimerkki.fi"),
        ("maija+uutiset@esimerkki.fi", "maija+uutiset@esimerkki.fi"),
        ("info@sähkö.fi", "info@xn--shk-qla6g.fi"),
        ("info@XN--SHK-QLA6G.fi", "info@xn--shk-qla6g.fi"),
        ("o'brien@esimerkki.fi", "o'brien@esimerkki.fi"),
        ("a@b.fi", "a@b.fi"),
        ("a@sub.sub.sub.example.energy", "a@sub.sub.sub.example.energy"),
        ("päivi@esimerkki.fi", "päivi@esimerkki.fi"),
    ],
)
def test_an_address_has_one_spelling(given_text: str, normal: str) -> None:
    assert normalise(given_text).text == normal


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.EMPTY),
        ("   ", Fault.EMPTY),
        ("maija.esimerkki.fi", Fault.NO_AT_SIGN),
        ("maija@", Fault.NO_DOMAIN),
        ("@esimerkki.fi", Fault.FORMULA),
        ("maija@esimerkki", Fault.BAD_DOMAIN),
        ("maija@localhost", Fault.BAD_DOMAIN),
        ("maija@esimerkki.invalid", Fault.BAD_DOMAIN),
        ("maija@esimerkki..fi", Fault.BAD_DOMAIN),
        ("maija@-esimerkki.fi", Fault.BAD_DOMAIN),
        ("maija@esimerkki.123", Fault.BAD_DOMAIN),
        ("maija@[192.0.2.1]", Fault.BAD_DOMAIN),
        ("maija..m@esimerkki.fi", Fault.BAD_LOCAL_PART),
        (".maija@esimerkki.fi", Fault.BAD_LOCAL_PART),
        ("maija m@esimerkki.fi", Fault.BAD_LOCAL_PART),
        ('"maija"@esimerkki.fi', Fault.BAD_LOCAL_PART),
        ("maija@esimerkki.fi, matti@esimerkki.fi", Fault.SEVERAL),
        ("maija@esimerkki.fi;matti@esimerkki.fi", Fault.SEVERAL),
        ("maija@esimerkki.fi / matti@esimerkki.fi", Fault.SEVERAL),
        ("=HYPERLINK(1)@esimerkki.fi x", Fault.FORMULA),
        ("+SUM(A1)@esimerkki.fi", Fault.FORMULA),
        (f"{'x' * 65}@esimerkki.fi", Fault.TOO_LONG),
        (f"x@{'esimerkki.' * 30}fi", Fault.TOO_LONG),
        ("maija\r\nBcc: x@esimerkki.fi", Fault.CONTROL_CHARACTER),
        ("mai\x00ja@esimerkki.fi", Fault.CONTROL_CHARACTER),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str, fault: Fault) -> None:
    with pytest.raises(NotAnAddress) as refused:
        normalise(text)
    assert refused.value.fault is fault
    assert str(refused.value) == fault.value


@given(LOCALS, DOMAINS)
def test_the_quick_way_and_the_long_way_agree(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    assert PLAIN.match(text)
    try:
        slow = _normalise_slowly(text)
    except NotAnAddress as fault:
        assert fault.fault in {Fault.FORMULA, Fault.BAD_DOMAIN, Fault.BAD_LOCAL_PART}  # noqa: PT017  # either way counts
        return
    assert normalise(text) == slow


@given(st.text(max_size=80))
def test_anything_is_an_address_or_refused_and_never_fails_otherwise(text: str) -> None:
    try:
        address = normalise(text)
    except NotAnAddress:
        return
    assert normalise(address.text) == address
    assert address.domain.isascii()
    assert "\n" not in address.text
    assert "\r" not in address.text


@given(LOCALS, DOMAINS, ATOMS)
def test_normalising_is_done_once_and_for_all(local: str, domain: str, tag: str) -> None:
    address = normalise(f" {local.title()}+{tag}@{domain.upper()} ")
    assert normalise(address.text) == address
    assert address.folded == f"{local}@{domain}"


def test_a_tag_alone_is_a_mailbox_of_its_own() -> None:
    assert Address("+news", "esimerkki.fi").folded == "+news@esimerkki.fi"


def test_an_address_never_shows_itself_by_accident() -> None:
    address = normalise("maija@esimerkki.fi")
    assert str(address) == "m•••••"
    assert f"{address}" == "m•••••"


def test_letters_outside_ascii_need_a_next_hop_that_knows_them() -> None:
    assert normalise("päivi@esimerkki.fi").needs_smtputf8
    assert not normalise("paivi@sähkö.fi").needs_smtputf8


def test_composed_and_decomposed_letters_are_one_mailbox() -> None:
    assert normalise("pa\u0308ivi@esimerkki.fi") == normalise("p\u00e4ivi@esimerkki.fi")


def test_lists_show_the_first_letter_five_dots_and_a_shared_domain() -> None:
    assert masked("maija@esimerkki.fi", show_domain=True) == "m•••••@esimerkki.fi"
    assert masked("m@esimerkki.fi", show_domain=True) == "m•••••@esimerkki.fi"
    assert masked("maija@esimerkki.fi", show_domain=False) == "m•••••@•••••"
    assert masked("maija@xn--shk-qla6g.fi", show_domain=True) == "m•••••@sähkö.fi"


def test_a_label_that_does_not_decode_stays_as_it_is() -> None:
    assert readable_domain("xn--zzzzzzzzz-.fi") == "xn--zzzzzzzzz-.fi"


@pytest.mark.parametrize("text", ["Sähkö.fi", "@sähkö.fi", " XN--SHK-QLA6G.FI "])
def test_a_domain_has_one_spelling_too(text: str) -> None:
    assert normalise_domain(text) == "xn--shk-qla6g.fi"


def test_what_is_no_domain_is_refused() -> None:
    with pytest.raises(NotAnAddress):
        normalise_domain("esimerkki")


@pytest.mark.parametrize("part", ["@", "a@", "@,", "+", "a."])
def test_a_text_without_end_is_no_address_and_is_not_looked_through(part: str) -> None:
    with pytest.raises(NotAnAddress) as refused:
        normalise(part * 500_000)
    assert refused.value.fault is Fault.TOO_LONG


@pytest.mark.parametrize("unit", [",", "; ", "@,", "a,", "@ ", "a@", "\u2009", "(", "-", "=", "'"])
@pytest.mark.parametrize("begins", ["a@", "@", "+(", "ä@"])
def test_no_text_takes_long_to_be_no_address(unit: str, begins: str) -> None:
    text = (begins + unit * 1000)[:1000]
    began = time.process_time()
    for _ in range(5):
        with contextlib.suppress(NotAnAddress):
            normalise(text)
    assert time.process_time() - began < 1, "a pattern that tried every way took a second for each"


@pytest.mark.parametrize("text", ["a@x.fi,b@x.fi", "a@x.fi b@x.fi", "a@x.fi; b@x.fi", "a@x.fi/b@x.fi"])
def test_several_addresses_are_told_apart(text: str) -> None:
    with pytest.raises(NotAnAddress) as refused:
        normalise(text)
    assert refused.value.fault is Fault.SEVERAL
