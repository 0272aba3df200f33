from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.campaigns.blocks import LetterBlocks
from luvalla.campaigns.errors import BadFile, FileFault
from luvalla.campaigns.markdown import RawBlock, blocks_of_markdown
from luvalla.campaigns.rendering.mail import render_mail
from tests.campaigns.letters import content


def blocks(markdown: str) -> list[RawBlock]:
    return blocks_of_markdown(markdown, take_picture=lambda _name, _line: 7)


def only(markdown: str) -> tuple[str, Any]:
    (block,) = blocks(markdown)
    return block["type"], block["value"]


@pytest.mark.parametrize(
    ("markdown", "kind", "value"),
    [
        ("# Hei *maailma*", "heading", {"words": "Hei maailma", "level": "1"}),
        ("## Hei", "heading", {"words": "Hei", "level": "2"}),
        ("##### Hei", "heading", {"words": "Hei", "level": "3"}),
        ("yksi\nkaksi\n\nkolme", "text", "<p>yksi kaksi</p><p>kolme</p>"),
        ("a **b** *c* `d` <b>e</b> &amp;", "text", "<p>a <b>b</b> <i>c</i> d &lt;b&gt;e&lt;/b&gt; &amp;</p>"),
        ("yksi  \nkaksi", "text", "<p>yksi<br/>kaksi</p>"),
        ("- a\n- b\n  1. c", "text", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>"),
        ("teksti\n\n- a", "text", "<p>teksti</p><ul><li>a</li></ul>"),
        ("[Avaa](https://a.fi/)", "button", {"words": "Avaa", "link": "https://a.fi/"}),
        ("**[Avaa](https://a.fi/)** nyt", "text", '<p><b><a href="https://a.fi/">Avaa</a></b> nyt</p>'),
        ("<https://a.fi/>", "text", '<p><a href="https://a.fi/">https://a.fi/</a></p>'),
        ("> ## Muista\n> - a", "box", {"heading": "Muista", "words": "<ul><li>a</li></ul>"}),
        ("> vain teksti", "box", {"heading": "", "words": "<p>vain teksti</p>"}),
        ("---", "divider", None),
        ("    koodi <x>", "text", "<p>koodi &lt;x&gt;</p>"),
        (
            "![Talo](talo.png)",
            "picture",
            {"picture": {"image": 7, "alt_text": "Talo", "decorative": False}, "width": "wide", "link": ""},
        ),
        (
            "[![Talo](talo.png)](https://a.fi/)",
            "picture",
            {
                "picture": {"image": 7, "alt_text": "Talo", "decorative": False},
                "width": "wide",
                "link": "https://a.fi/",
            },
        ),
    ],
)
def test_markdown_becomes_blocks(markdown: str, kind: str, value: Any) -> None:
    assert only(markdown) == (kind, value)


@pytest.mark.parametrize(
    ("markdown", "fault", "line"),
    [
        ("x\n\n[x](javascript:alert(1))", FileFault.BAD_LINK, 3),
        ("x\n\ny [x](data:text/html,x) z", FileFault.BAD_LINK, 3),
        ("[x](ftp://a.fi/)", FileFault.BAD_LINK, 1),
        ("x\ny\n[x](ftp://a.fi/) z", FileFault.BAD_LINK, 3),
        ("x\n\n\n- a\n- [x](vbscript:x)", FileFault.BAD_LINK, 5),
        ("![](talo.png)", FileFault.NO_ALTERNATIVE_TEXT, 1),
        ("![x](https://muu.fi/a.png)", FileFault.REMOTE_PICTURE, 1),
        ("![x](//muu.fi/a.png)", FileFault.REMOTE_PICTURE, 1),
        ("![x](data:image/png;base64,AA)", FileFault.REMOTE_PICTURE, 1),
        ("x\n\nsana ![x](talo.png)", FileFault.PICTURE_AMONG_WORDS, 3),
        ("# " + "x" * 151, FileFault.TOO_LONG, 1),
    ],
)
def test_what_a_letter_cannot_have_is_refused_with_its_line(markdown: str, fault: FileFault, line: int) -> None:
    with pytest.raises(BadFile) as caught:
        blocks(markdown)
    assert (caught.value.fault, caught.value.line) == (fault, line)


def test_lines_are_counted_from_the_files_beginning() -> None:
    with pytest.raises(BadFile) as caught:
        blocks_of_markdown("x\n\n![](a)", take_picture=lambda _name, _line: 7, first_line=5)
    assert caught.value.line == 7


@given(st.text(alphabet=st.sampled_from("ab*_[]()!#>-`\\\n 1.<>&:/h\"'"), max_size=60))
def test_any_markdown_becomes_a_letter_or_a_fault(markdown: str) -> None:
    try:
        raw = blocks_of_markdown(markdown, take_picture=_none)
    except BadFile:
        return
    body = LetterBlocks().to_python(raw)
    assert "</html>" in render_mail(content(body=body))


def _none(name: str, line: int) -> int:
    raise BadFile(FileFault.NO_PICTURE, line, name)
