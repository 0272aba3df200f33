"""In which of the three languages somebody is answered: known by words that stand in every text of one and no other.

Who writes in a fourth language is answered in English, which more of its speakers read than Finnish or Swedish.
"""

from __future__ import annotations

import re
from typing import Final

WORDS: Final = {
    "fi": "ja on ei en minä minun minulle tietoja tietoni haluan mitä olen että älkää pyydän kiitos",
    "sv": "och är inte jag mig min mina uppgifter vill vad har att ni begär tack det som",
    "en": "and is not i my me data want what have that you please the do about with",
}
OTHERS: Final = (
    "ich sie und meine meiner mich daten über haben bitte nicht ist wir "  # German
    "ik uw mijn gegevens wil graag niet het een van "  # Dutch
    "jeg ikke hvilke oplysninger opplysninger meg mig dere vil og "  # Danish, Norwegian
    "ma minu mind mul andmed andmeid teil palun mis kohta soovin "  # Estonian
    "je vous mes données personnelles veuillez quelles avez est les des "  # French
    "mis datos quiero ustedes por favor tienen qué los sobre "  # Spanish
    "moje dane proszę jakie jest nie państwo mam "  # Polish
)
"""Words of other languages that people in Finland write."""
OTHER_SCRIPT: Final = re.compile(r"[\u0370-\u052f\u0590-\u06ff\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7af]")
"""Letters of Greek, Cyrillic, Hebrew, Arabic, Thai, and of East Asia."""


def language_of(text: str, otherwise: str) -> str:
    """Tell the language to answer a text in, or the other one where it can't be told.

    >>> language_of("Mitä tietoja minusta on?", "en"), language_of("Vad har ni för uppgifter?", "fi")
    ('fi', 'sv')
    >>> language_of("???", "sv")
    'sv'
    >>> language_of("Welche Daten haben Sie über mich?", "fi"), language_of("Millised andmed teil minu kohta on?", "fi")
    ('en', 'en')
    """
    said = re.findall(r"[^\W\d_]+", text.lower())
    counts = {language: sum(word in words.split() for word in said) for language, words in WORDS.items()}
    elsewhere = sum(word in OTHERS.split() for word in said) + len(OTHER_SCRIPT.findall(text))
    best = max(counts, key=lambda each: counts[each])
    if elsewhere > counts[best]:
        return "en"
    return best if counts[best] and list(counts.values()).count(counts[best]) == 1 else otherwise
