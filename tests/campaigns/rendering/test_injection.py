"""Whatever is written into any field comes out as words, in mail, text and page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from luvalla.campaigns.blocks import LetterBlocks
from luvalla.campaigns.blocks.base import one_line
from luvalla.campaigns.errors import BadLink
from luvalla.campaigns.links import check_link
from luvalla.campaigns.rendering.content import Content, Grounds
from luvalla.campaigns.rendering.fit import fit
from luvalla.campaigns.rendering.mail import render_mail
from luvalla.campaigns.rendering.richtext import ELEMENTS, letter_html
from luvalla.campaigns.rendering.text import render_text
from luvalla.campaigns.rendering.web import render_web
from tests.campaigns.letters import BLOCKS, SENDER, Read, content

NASTY = (
    "</mj-text>", "<mj-raw>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '" onload="x', "'>", "-->",
    "<!--[if mso]>", "]]>", "<![CDATA[", "&lt;b&gt;", "&amp;nbsp;", "&#0;", "{{ subject }}", "{% load i18n %}",
    "%(words)s", "\r\nBcc: x@example.com", "<title>", "</style>", "\u202e", "\x00", "\x0b", "\ufffe",
    "javascript:alert(1)", "<?xml?>",
)  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=12)), min_size=1, max_size=4).map("".join)


def with_heading(text: str) -> Content:
    return content(("heading", {"words": text, "level": "2"}))


def with_text(text: str) -> Content:
    return content(("text", f"<p>{escape(text)}</p>"))


def with_box(text: str) -> Content:
    return content(("box", {"heading": text, "words": f"<p>{escape(text)}</p>"}))


def with_button(text: str) -> Content:
    return content(("button", {"words": text, "link": "https://esimerkki.fi/"}))


def with_teaser(text: str) -> Content:
    value = {"heading": text, "words": text, "link_words": text, "link": "https://esimerkki.fi/"}
    return content(("teaser", value))


def with_subject(text: str) -> Content:
    return content(subject=text)


def with_preheader(text: str) -> Content:
    return content(preheader=text)


def with_source(text: str) -> Content:
    return content(grounds=Grounds((), (text,)))


def with_name(text: str) -> Content:
    return content(sender=replace(SENDER, name=text, sender_name=text, city=text))


FIELDS = (
    with_heading, with_text, with_box, with_button, with_teaser, with_subject, with_preheader, with_source, with_name,
)  # fmt: skip


def seen(text: str) -> str:
    """What a reader sees of a text, spaces aside: without what a letter cannot hold."""
    return "".join(fit(text).split())


@pytest.mark.parametrize("field", FIELDS)
@given(text=texts)
def test_a_field_adds_words_and_no_element(field: Callable[[str], Content], text: str) -> None:
    assume(one_line(fit(text)) and one_line(text))
    for render in (render_mail, render_web):
        written, plain = Read(render(field(text))), Read(render(field("sana")))
        assert written.elements == plain.elements
        if render is render_mail or field not in {with_preheader, with_source}:
            assert seen(text) in seen(written.words)


@pytest.mark.parametrize("field", [with_heading, with_text, with_box, with_button, with_teaser, with_source, with_name])
@given(text=texts)
def test_the_text_part_has_the_words(field: Callable[[str], Content], text: str) -> None:
    assume(one_line(fit(text)))
    # The bars before a box's lines are no words of it.
    assert seen(text).replace("|", "") in seen(render_text(field(text))).replace("|", "")


PIECES = (
    "<b>", "</b>", "<p>", "</p>", "<ul><li>", "</li></ul>", "<br>", "<a href='https://a.fi/'>", "</a>",
    '<a href="java\tscript:x" onclick=x>', "<style>b{}</style>", "<svg onload=x>", "<a linktype='page' id='1'>",
    "<a href='https://u:p@a.fi/'>", "<mj-image src='x'/>", "<embed embedtype='image' id='1'/>",
    "<p style='x' class='y'>",
)  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), texts), max_size=8).map("".join))
def test_rich_text_keeps_nothing_but_a_letters_elements(source: str) -> None:
    read = Read(letter_html(source))
    assert {tag for tag, _ in read.elements} <= ELEMENTS
    assert {name for _, name, _ in read.attributes} <= {"href"}
    for link in read.values("a", "href"):
        assert check_link(link) == link
    render_mail(content(("text", source)))


@given(
    st.one_of(
        texts, st.sampled_from(["https:", "mailto:", "tel:", "http://"]).flatmap(lambda s: texts.map(lambda t: s + t))
    )
)
def test_a_link_is_safe_or_refused(address: str) -> None:
    try:
        link = check_link(address)
    except BadLink:
        return
    assert link.partition(":")[0].lower() in {"http", "https", "mailto", "tel"}
    assert link.isascii()
    assert not set(link) & set(' \t\r\n<>"')
    assert check_link(link) == link


def test_every_kind_of_block_is_in_the_example() -> None:
    assert {kind for kind, _ in BLOCKS} == set(LetterBlocks().child_blocks) - {"picture"}
