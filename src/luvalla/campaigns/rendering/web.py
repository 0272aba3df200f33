"""The page of the archive: the same letter as a page of its own, without any hole and with its only style inside."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, override

from luvalla.campaigns.rendering.body import stream_web
from luvalla.campaigns.rendering.content import Content
from luvalla.campaigns.rendering.fit import fit
from luvalla.campaigns.rendering.footer import footer_of
from luvalla.campaigns.rendering.place import LETTER, Place
from luvalla.campaigns.rendering.styles import DARK, FONTS, LIGHT

STYLE: Final = f"""
*{{box-sizing:border-box}}
:root{{--ground:{LIGHT.ground};--card:{LIGHT.card};--ink:{LIGHT.ink};--ink2:{LIGHT.ink2};--line:{LIGHT.line};
--act:{LIGHT.act};--on-act:{LIGHT.on_act};--tip:{LIGHT.tip};color-scheme:light dark}}
@media (prefers-color-scheme:dark){{:root{{--ground:{DARK.ground};--card:{DARK.card};--ink:{DARK.ink};
--ink2:{DARK.ink2};--line:{DARK.line};--act:{DARK.act};--on-act:{DARK.on_act};--tip:{DARK.tip}}}}}
body{{margin:0;background:var(--ground);color:var(--ink);font:18px/28px {FONTS};overflow-wrap:break-word}}
header,main,footer{{max-width:{LETTER}px;margin:0 auto;padding:0 40px}}
header{{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 16px;padding-top:28px;padding-bottom:22px;
background:var(--card);color:var(--ink2);font-size:15px}}
main{{background:var(--card);padding-bottom:38px;display:flow-root}}
footer{{padding-top:26px;padding-bottom:48px;color:var(--ink2);font-size:16px;line-height:25px}}
a{{color:var(--act);text-underline-offset:3px}}
a:focus-visible{{outline:3px solid var(--act);outline-offset:2px}}
.name{{color:var(--ink);font-weight:700;font-size:18px;text-decoration:none}}
h1{{font-size:30px;line-height:37px;letter-spacing:-.3px;margin:34px 0 16px}}
h2{{font-size:22px;line-height:29px;margin:34px 0 12px}}
h3{{font-size:18px;line-height:26px;margin:26px 0 8px}}
main>:first-child:not(.wide){{margin-top:12px}}
p,ul,ol{{margin:0 0 14px}}
ul,ol{{padding-left:24px}}
img{{display:block;max-width:100%;height:auto}}
.wide img{{width:100%}}
.wide{{margin:0 -40px}}
.inset,.tip,.columns,.teaser{{margin:28px 0}}
.action{{margin:28px 0}}
.button{{display:inline-block;padding:13px 25px;border-radius:3px;background:var(--act);color:var(--on-act);
font-weight:600;text-decoration:none}}
.tip{{background:var(--tip);border-left:4px solid var(--act);padding:20px 22px}}
.tip>:last-child{{margin-bottom:0}}
.tip h2,.columns h1,.columns h2,.teaser h2{{font-size:18px;line-height:26px;margin:0 0 8px}}
.columns,.teaser{{display:grid;gap:26px 36px;grid-template-columns:1fr 1fr;color:var(--ink2);font-size:17px}}
.teaser{{grid-template-columns:1fr 2fr}}
.teaser>:only-child{{grid-column:1/-1}}
.columns h1,.columns h2,.columns h3,.teaser h2{{color:var(--ink)}}
hr{{border:0;border-top:1px solid var(--line);margin:38px 0 28px}}
address{{font-style:normal}}
@media (max-width:{LETTER + 19}px){{header,main,footer{{padding-left:22px;padding-right:22px}}.wide{{margin:0 -22px}}
.columns,.teaser{{grid-template-columns:1fr}}h1{{font-size:26px;line-height:32px}}}}
""".strip()
_STYLE_ELEMENT: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def render_web(content: Content) -> str:
    """Give the page of a letter for the archive. It loads nothing but the letter's pictures, and has no scripts."""
    with override(content.language):
        context = {
            "content": content,
            "direction": "rtl" if get_language_info(content.language)["bidi"] else "ltr",
            "style": SafeString(STYLE),
            "body": stream_web(content.body, Place(content.addresses.site)),
            "footer": footer_of(content),
        }
        return fit(render_to_string("campaigns/web.html", context))


def style_hash(page: str) -> str:
    """Give the source expression ('sha256-…') that lets a policy allow the page's own style (CSP level 3, 2.3.1)."""
    found = _STYLE_ELEMENT.search(page)
    digest = hashlib.sha256((found[1] if found else "").encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
