"""Markdown to the blocks of a letter, so that the editor can open what a file brought."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Final, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from luvalla.campaigns.errors import BadFile, BadLink, FileFault
from luvalla.campaigns.links import check_link

RawBlock: TypeAlias = dict[str, Any]
"""A block as a StreamField stores it: {"type": ..., "value": ...}."""
TakePicture: TypeAlias = Callable[[str, int], int]
"""Takes in the picture of a name, met in a line, and gives its id; BadFile when it can't."""

LEVELS: Final = {"h1": "1", "h2": "2"}
INLINE: Final = {"strong": "b", "em": "i"}
LISTS: Final = {"bullet_list": "ul", "ordered_list": "ol"}
BREAKS: Final = {"softbreak": " ", "hardbreak": "<br/>"}
LONGEST_HEADING: Final = 150
LONGEST_BUTTON: Final = 60


def blocks_of_markdown(markdown: str, *, take_picture: TakePicture, first_line: int = 1) -> list[RawBlock]:
    """Turn Markdown (CommonMark without raw HTML, which stays as it is written) into blocks.

    A paragraph that is only a link becomes a button, one that is only a picture a picture; a quotation becomes a
    highlighted box; a rule a divider. Raises BadFile with the line for what a letter cannot have.
    """
    parser = MarkdownIt("commonmark", {"html": False})
    # Its own look at links would leave a forbidden one standing as words; here it is refused with its line.
    parser.validateLink = _every_link  # type: ignore[method-assign]  # the documented way to set it
    return _Reader(take_picture, first_line).blocks(SyntaxTreeNode(parser.parse(markdown)).children)


def _every_link(url: str) -> bool:
    del url  # looked at with its line, later
    return True


class _Reader:
    """Turns the nodes of one document into blocks."""

    def __init__(self, take_picture: TakePicture, first_line: int) -> None:
        self.take_picture = take_picture
        self.first_line = first_line
        self.line = first_line

    def blocks(self, nodes: Iterable[SyntaxTreeNode]) -> list[RawBlock]:
        """Give the blocks; paragraphs and lists that follow each other are one text."""
        found: list[RawBlock] = []
        for node in nodes:
            self._note_line(node)
            block = self._block(node)
            if block["type"] == "text" and found and found[-1]["type"] == "text":
                found[-1]["value"] += block["value"]
            else:
                found.append(block)
        return found

    def _block(self, node: SyntaxTreeNode) -> RawBlock:
        if node.type == "heading":
            words = self._short(_plain(node), LONGEST_HEADING)
            return _raw("heading", {"words": words, "level": LEVELS.get(node.tag, "3")})
        if node.type == "hr":
            return _raw("divider", None)
        if node.type == "blockquote":
            return self._box(node)
        if node.type == "paragraph":
            return self._single(node) or _raw("text", self._html(node))
        return _raw("text", self._html(node))

    def _single(self, paragraph: SyntaxTreeNode) -> RawBlock | None:
        """Give the button or picture that a paragraph is, if it is nothing else."""
        inside = [each for each in paragraph.children[0].children if each.type != "text" or each.content.strip()]
        if len(inside) != 1:
            return None
        only = inside[0]
        if only.type == "image":
            return self._picture(only, link="")
        if only.type != "link":
            return None
        pictures = [each for each in only.children if each.type == "image"]
        if pictures and len(only.children) == 1:
            return self._picture(pictures[0], link=self._link(only))
        words = _plain(only)
        if not words or len(words) > LONGEST_BUTTON or words == only.attrs.get("href"):
            return None
        return _raw("button", {"words": words, "link": self._link(only)})

    def _picture(self, image: SyntaxTreeNode, *, link: str) -> RawBlock:
        alt = _plain(image)
        source = str(image.attrs.get("src", ""))
        if not alt:
            raise BadFile(FileFault.NO_ALTERNATIVE_TEXT, self.line)
        if "//" in source or source.lower().startswith("data:"):
            raise BadFile(FileFault.REMOTE_PICTURE, self.line)
        picture = {"image": self.take_picture(source, self.line), "alt_text": alt, "decorative": False}
        return _raw("picture", {"picture": picture, "width": "wide", "link": link})

    def _box(self, quote: SyntaxTreeNode) -> RawBlock:
        heading, rest = "", list(quote.children)
        if rest and rest[0].type == "heading":
            heading = self._short(_plain(rest.pop(0)), LONGEST_HEADING)
        return _raw("box", {"heading": heading, "words": "".join(self._html(each) for each in rest)})

    def _html(self, node: SyntaxTreeNode) -> str:
        """Give a node as the editor's rich text: p, b, i, a, ul, ol and li."""
        self._note_line(node)
        if node.type in LISTS:
            items = "".join(f"<li>{self._item(item)}</li>" for item in node.children)
            return f"<{LISTS[node.type]}>{items}</{LISTS[node.type]}>"
        if node.type in {"paragraph", "heading"}:
            return f"<p>{self._inline(node.children[0].children)}</p>" if node.children else ""
        if node.type in {"fence", "code_block"}:
            return "".join(f"<p>{escape(line)}</p>" for line in node.content.splitlines() if line.strip())
        return "".join(self._html(each) for each in node.children)

    def _item(self, item: SyntaxTreeNode) -> str:
        """Give an item's words, its paragraphs on lines of their own, then the lists in it."""
        self._note_line(item)
        lists = [each for each in item.children if each.type in LISTS]
        words = [
            self._inline(each.children[0].children)
            for each in item.children
            if each.type in {"paragraph", "heading"} and each.children
        ]
        return "<br/>".join(words) + "".join(self._html(each) for each in lists)

    def _inline(self, nodes: Iterable[SyntaxTreeNode]) -> str:
        return "".join(self._inline_node(node) for node in nodes)

    def _inline_node(self, node: SyntaxTreeNode) -> str:
        if node.type in INLINE:
            return f"<{INLINE[node.type]}>{self._inline(node.children)}</{INLINE[node.type]}>"
        if node.type == "link":
            return f'<a href="{escape(self._link(node))}">{self._inline(node.children)}</a>'
        if node.type in BREAKS:
            self.line += 1
            return BREAKS[node.type]
        if node.type == "image":
            raise BadFile(FileFault.PICTURE_AMONG_WORDS, self.line)
        return escape(node.content)

    def _link(self, node: SyntaxTreeNode) -> str:
        try:
            return check_link(str(node.attrs.get("href", "")))
        except BadLink:
            raise BadFile(FileFault.BAD_LINK, self.line) from None

    def _short(self, words: str, longest: int) -> str:
        if len(words) > longest:
            raise BadFile(FileFault.TOO_LONG, self.line, str(longest))
        return words

    def _note_line(self, node: SyntaxTreeNode) -> None:
        if node.map:
            self.line = node.map[0] + self.first_line


def _raw(kind: str, value: Any) -> RawBlock:
    return {"type": kind, "value": value}


def _plain(node: SyntaxTreeNode) -> str:
    """Give the words of a node without its marks, on one line."""
    return " ".join("".join(_words(each) for each in node.walk(include_self=True)).split())


def _words(node: SyntaxTreeNode) -> str:
    if node.type in {"text", "code_inline"}:
        return node.content
    return " " if node.type in BREAKS else ""
