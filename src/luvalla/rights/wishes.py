"""Words of somebody who wants no more letters, in three languages. In doubt nothing is read into a text."""

from __future__ import annotations

import re
from typing import Final

QUOTE_BEGINS: Final = re.compile(
    r"^-{2,}\s*(?:original message|alkuperäinen viesti|ursprungligt meddelande)", re.IGNORECASE | re.MULTILINE
)
OBJECTIONS: Final = re.compile(
    r"älkää\s+(?:enää\s+)?lähettäkö|en\s+halua\s+(?:enää\s+)?(?:uutiskirje|mainok|kirje|viestej)|lopettakaa\s+(?:kirje|lähettäm|mainost)"
    r"|(?:poistakaa|poistamaan)\s+(?:kaikki\s+)?(?:minut|minun|minua|tietoni|osoitteeni)|kiellän\s+(?:suoramarkkinoin|mainon|tietojeni)|vastustan\s+(?:suoramarkkinoin|tietojeni)"
    r"|peruu?t(?:an|takaa)\s+(?:suostumu|tilau|uutiskirje)"
    r"|skicka\s+inte\s+(?:fler|mera?|några)|inga\s+fler\s+(?:brev|nyhetsbrev|utskick)|(?:ta\s+bort|radera)\s+(?:alla\s+)?mi(?:g|na|n)\b"
    r"|jag\s+(?:motsätter\s+mig|förbjuder)|avsluta\s+(?:nyhetsbrevet|utskicken)"
    r"|(?:stop|don'?t|do\s+not)\s+send|no\s+more\s+(?:letters|newsletters|mail|e-?mails)|unsubscribe\s+me|remove\s+me"
    r"|(?:delete|erase|remove)\s+(?:all\s+)?(?:of\s+)?my\s+(?:personal\s+)?(?:data|details|information|address)"
    r"|i\s+object\s+to",
    re.IGNORECASE,
)  # fmt: skip


def own_words(text: str) -> str:
    r"""Leave out what a reply quotes: the newsletter's own words are not the sender's.

    >>> own_words("Kiitos!\n> peruuta uutiskirje")
    'Kiitos!'
    """
    head = QUOTE_BEGINS.split(text, maxsplit=1)[0]
    return "\n".join(line for line in head.splitlines() if not line.lstrip().startswith(">")).strip()


def is_objection(text: str) -> bool:
    """Tell whether the sender's own words ask to stop.

    >>> is_objection("Älkää enää lähettäkö minulle kirjeitä."), is_objection("Mitä tietoja minusta on?")
    (True, False)
    >>> all(map(is_objection, ("Poistakaa kaikki tietoni.", "Radera alla mina uppgifter", "Erase all my data")))
    True
    """
    return bool(OBJECTIONS.search(own_words(text)))
