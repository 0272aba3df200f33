"""Names that stand for an office or a task: an account belongs to one person (claim S24)."""

from __future__ import annotations

import re
from typing import Final

SHARED: Final = frozenset(
    """
    abuse account accounts admin admin administrator administration all anyone asiakaspalvelu asiakaspalvelut asiakkaat
    backup billing board common contact contacts customer customerservice customers demo desk dpo everyone guest
    hallinto hallitus helpdesk henkilosto help hostmaster hr ict info informaatio it jakelu johto kaikki kansli
    kanslia kirjaamo kontakt kontor kundservice kundtjanst kunder laskutus mail mailer marketing markkinointi
    markknadsforing marknadsforing myynti neuvonta newsletter nobody noreply office ohje operator order orders owner
    palaute palvelu personal personnel post posti postmaster press privacy reception rekisteri robot root sales
    security service shared staff subscribe support system team test tester tiedotus tieto tietohallinto tietosuoja
    tietosuojavastaava tilaukset tiimi toimisto tuki tyhja uutiskirje user vaihde vastaanotto viestinta webmaster
    welcome yhteinen yhteiskaytto yllapito yleinen
    """.split()  # noqa: SIM905  # a list of words is read more easily as words
)
_FOLD: Final = str.maketrans("åäöé", "aaoe")


def is_shared_name(name: str) -> bool:
    """Tell whether a user name, or the local part of a mailbox, stands for an office or a task.

    Case, accents, digits and punctuation don't make one a person: "Info-2" is as shared as "info".
    """
    letters = re.sub(r"[^a-z]", "", name.strip().lower().translate(_FOLD))
    return letters in SHARED
