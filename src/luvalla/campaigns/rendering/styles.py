"""Colours and sizes of a letter. Inlined for every mail program; the dark ones are added where they are understood."""

from __future__ import annotations

from typing import Final, NamedTuple

FONTS: Final = "'Segoe UI',system-ui,-apple-system,Roboto,Helvetica,Arial,sans-serif"
BREAKPOINT: Final = 620
READERS_CHOICE: Final = "(prefers-color-scheme: dark)"
BOTH: Final = "light dark"
"""The colour schemes a letter has."""


class Palette(NamedTuple):
    """The colours of one scheme."""

    ground: str
    card: str
    ink: str
    ink2: str
    line: str
    act: str
    on_act: str
    tip: str


LIGHT: Final = Palette("#eef2f4", "#ffffff", "#14202b", "#435461", "#d5dde1", "#14527f", "#ffffff", "#e4eff7")
DARK: Final = Palette("#0f171e", "#16212a", "#e9eef1", "#b9c5cd", "#2b3a45", "#8ec5ee", "#0b1b28", "#14293a")


INLINED: Final = f"""
.bg{{padding:28px 0 40px}}
h1{{margin:0;color:{LIGHT.ink};font-size:30px;line-height:37px;font-weight:700;letter-spacing:-.3px}}
h2{{margin:0;color:{LIGHT.ink};font-size:22px;line-height:29px;font-weight:700}}
h3{{margin:0;color:{LIGHT.ink};font-size:18px;line-height:25px;font-weight:700}}
p{{margin:0 0 14px}}
ul,ol{{margin:0 0 14px;padding:0 0 0 22px}}
li{{margin:0}}
p:last-child,ul:last-child,ol:last-child{{margin-bottom:0}}
li>ul:last-child,li>ol:last-child{{margin:0}}
a{{color:{LIGHT.act};text-underline-offset:3px}}
.btn a{{color:{LIGHT.on_act};border:1px solid {LIGHT.act}}}
.pic img{{border:0;display:block;width:100%;height:auto}}
.tip h2,.col h2,.col h1{{font-size:18px;line-height:25px;letter-spacing:0}}
.tip h2{{margin-bottom:10px}}
.col h3{{font-size:16px;line-height:24px}}
.col p,.col ul,.col ol{{font-size:16px;line-height:25px;color:{LIGHT.ink2};margin-bottom:8px}}
.col .ink2 h2{{margin-bottom:8px}}
.foot p{{margin:0 0 14px}}
.foot .ways{{font-size:16px;line-height:24px}}
.foot .ways a{{white-space:nowrap}}
.foot .stop{{font-weight:700}}
.foot .plain{{color:{LIGHT.ink2};text-decoration:none}}
"""
"""Rules by element and class, written into style attributes and gone afterwards."""

PHONE: Final = f"""
@media (max-width:{BREAKPOINT - 1}px) {{
.bg{{padding:0 0 24px!important}}
.pad>table>tbody>tr>td{{padding-left:22px!important;padding-right:22px!important}}
.col-left>table>tbody>tr>td,.col-right>table>tbody>tr>td{{padding-left:0!important;padding-right:0!important}}
.col-right>table>tbody>tr>td{{padding-top:22px!important}}
.ink h1{{font-size:26px!important;line-height:32px!important}}
.btn table{{width:100%!important}}
.btn a{{display:block!important;text-align:center!important}}
}}
"""


PAINT: Final = (
    ("body,.bg", f"background:{DARK.ground}"),
    (".card,.card>table", f"background:{DARK.card}"),
    (".ink div,.ink p,.ink h1,.ink h2,.ink h3,.ink ul,.ink ol,.ink2 h1,.ink2 h2", f"color:{DARK.ink}"),
    (".ink2 div,.ink2 p,.col p,.col ul,.col ol,.foot .plain", f"color:{DARK.ink2}"),
    (".ink a,.ink2 a,.foot a", f"color:{DARK.act}"),
    (".line p", f"border-color:{DARK.line}"),
    (".btn td,.btn a", f"background:{DARK.act}"),
    (".btn td,.btn a", f"border-color:{DARK.act};color:{DARK.on_act}"),
    (".tip>table>tbody>tr>td", f"background:{DARK.tip}"),
    (".tip>table>tbody>tr>td", f"border-color:{DARK.act}"),
)
"""What is painted how on a dark screen; grounds apart from the rest, as Outlook's two attributes ask for them."""


def _dark_rules(before: str = "", *, grounds: bool = True, others: bool = True) -> str:
    lines = []
    for selectors, rules in PAINT:
        if grounds if rules.startswith("background") else others:
            aimed = ",".join(f"{before}{selector}" for selector in selectors.split(","))
            lines.append(f"{aimed}{{{';'.join(f'{rule}!important' for rule in rules.split(';'))}}}")
    return "\n".join(lines)


def kept_rules() -> str:
    """Give the rules that stay in the letter's head: for phones, and for dark screens in both ways clients know."""
    grounds = _dark_rules("[data-ogsb] ", others=False)
    others = _dark_rules("[data-ogsc] ", grounds=False)
    return f"{PHONE}@media {READERS_CHOICE} {{\n{_dark_rules()}\n}}\n{grounds}\n{others}".strip()


def in_colours(html: str, *, dark: bool) -> str:
    """Give a letter, frozen or not, in the colours of one scheme whatever the reader's own choice is: for previews."""
    chosen = html.replace(f"@media {READERS_CHOICE}", "@media all" if dark else "@media not all")
    return chosen.replace(BOTH, "dark" if dark else "light")
