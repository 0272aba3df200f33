from __future__ import annotations

import pytest

from luvalla.campaigns.errors import BadLink, LinkFault
from luvalla.campaigns.links import check_link


@pytest.mark.parametrize(
    ("written", "linked"),
    [
        ("https://www.esimerkki.fi/a?b=1&c=2#d", "https://www.esimerkki.fi/a?b=1&c=2#d"),
        (" http://esimerkki.fi ", "http://esimerkki.fi"),
        ("https://sähkö.fi/häiriöt", "https://xn--shk-qla6g.fi/h%C3%A4iri%C3%B6t"),
        ("https://esimerkki.fi:8080/%20x", "https://esimerkki.fi:8080/%20x"),
        ("https://[::1]:8000/x", "https://[::1]:8000/x"),
        ("mailto:asiakaspalvelu@esimerkki.fi?subject=Katko", "mailto:asiakaspalvelu@esimerkki.fi?subject=Katko"),
        ("tel:+358401234567", "tel:+358401234567"),
    ],
)
def test_an_address_is_linked_as_it_is(written: str, linked: str) -> None:
    assert check_link(written) == linked


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", LinkFault.EMPTY),
        ("javascript:alert(1)", LinkFault.SCHEME),
        ("JaVaScRiPt:alert(1)", LinkFault.SCHEME),
        ("java\tscript:alert(1)", LinkFault.CHARACTER),
        ("data:text/html,x", LinkFault.SCHEME),
        ("ftp://esimerkki.fi/", LinkFault.SCHEME),
        ("file:///etc/passwd", LinkFault.SCHEME),
        ("//esimerkki.fi/", LinkFault.SCHEME),
        ("/tilaa", LinkFault.SCHEME),
        ("www.esimerkki.fi", LinkFault.SCHEME),
        ("https://", LinkFault.NO_HOST),
        ("https:///x", LinkFault.NO_HOST),
        ("https://[x", LinkFault.NO_HOST),
        ("https://a.fi:99999/", LinkFault.NO_HOST),
        ("https://käyttäjä:salasana@esimerkki.fi/", LinkFault.CREDENTIALS),
        ("https://esimerkki.fi/a b", LinkFault.CHARACTER),
        ("https://esimerkki.fi/\r\nBcc:x", LinkFault.CHARACTER),
        ("https://esimerkki.fi/\u202egpj", LinkFault.CHARACTER),
        ('https://esimerkki.fi/"onclick=x', LinkFault.CHARACTER),
        ("https://esimerkki.fi/" + "x" * 2000, LinkFault.CHARACTER),
        ("mailto:", LinkFault.NOT_AN_ADDRESS),
        ("mailto:joku", LinkFault.NOT_AN_ADDRESS),
        ("mailto:a@b.fi,c@d.fi", LinkFault.NOT_AN_ADDRESS),
        ("tel:soita", LinkFault.NOT_AN_ADDRESS),
    ],
)
def test_what_a_letter_may_not_link_to_is_refused(written: str, fault: LinkFault) -> None:
    with pytest.raises(BadLink) as caught:
        check_link(written)
    assert caught.value.fault is fault
