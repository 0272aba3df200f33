"""Which columns of an export are what: found by their headers in Finnish, Swedish or English, or named by the person.

Only the address and the facts of the permission are kept. Every other column is dropped, and said to be dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from luvalla.register.importing.errors import NotReadable
from luvalla.register.importing.faults import FileFault
from luvalla.rules.address import NotAnAddress, normalise

ROWS_ABOVE_A_HEADER: Final = 30
SAMPLE: Final = 200
LONGEST_NAME: Final = 60
MOST_NAMES: Final = 200


class Role(StrEnum):
    """What a column may be kept for."""

    ADDRESS = "address"
    SINCE = "since"
    KIND = "kind"
    PROHIBITED = "prohibited"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HEADERS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.ADDRESS: _words(
        "sahkoposti sahkopostiosoite sposti spostiosoite asiakkaansahkoposti yhteyshenkilonsahkoposti emailosoite "
        "epost epostadress epostaddress mejl mejladress mejladdress mailadress kundensepost kontaktpersonensepost "
        "email emailaddress emailaddress1 primaryemail customeremail contactemail mail mailaddress maili"
    ),
    Role.SINCE: _words(
        "sopimusalkoi sopimusalkanut sopimusalkaen sopimuksenalku sopimuksenalkupvm sopimuksenalkupaiva "
        "asiakkuusalkoi asiakkuudenalku asiakassuhdealkoi asiakassuhteenalku asiakasalkaen asiakasvuodesta alkupvm "
        "alkupaiva alkaen suostumusannettu suostumuspvm suostumuksenpvm "
        "avtalfran avtaletfran avtaletborjade avtalsstart avtaletsstart avtalsdatum kundsedan kundfran startdatum "
        "samtyckesdatum samtyckegivet samtyckefran "
        "contractsince contractstart contractstarted contractstartdate contractfrom customersince since startdate "
        "consentdate consentgiven consentsince"
    ),
    Role.KIND: _words(
        "asiakaslaji asiakastyyppi asiakkaantyyppi asiakaslaatu kundtyp kundslag kundkategori "
        "customertype customerkind typeofcustomer"
    ),
    Role.PROHIBITED: _words(
        "suoramarkkinointikielto suoramarkkinointikiellot markkinointikielto markkinointikiellot mainoskielto "
        "mainontakielto mainoskiellot suoramainontakielto suoramainoskielto sahkopostikielto sahkopostiviestikielto "
        "sahkopostimarkkinointikielto sahkopostimainontakielto sahkoinenmarkkinointikielto uutiskirjekielto "
        "sahkoinensuoramarkkinointikielto sahkoisensuoramarkkinoinninkielto sahkoisenmarkkinoinninkielto "
        "suoramarkkinointikielletty markkinointikielletty markkinointiestetty kieltanytmarkkinoinnin "
        "kieltanytsuoramarkkinoinnin eimarkkinointia eisuoramarkkinointia eimainoksia eimainontaa eimainospostia "
        "eisahkopostia eisahkopostimarkkinointia eiuutiskirjetta eiuutiskirjeita alalahetamarkkinointia "
        "alasallisahkopostia alasallijoukkosahkopostia alasallijoukkosahkopostiviesteja alasallisahkopostiviesteja "
        "viestintakielto yhteydenottokielto kielto kiellot "
        "reklamforbud reklamsparr marknadsforingsforbud marknadsforingssparr forbudmotmarknadsforing "
        "direktmarknadsforingsforbud forbudmotdirektmarknadsforing direktmarknadsforingssparr direktreklamforbud "
        "direktreklamsparr epostforbud epostsparr utskicksforbud utskickssparr nyhetsbrevsforbud sparradforreklam "
        "sparradforutskick ingenreklam ingenmarknadsforing ingendirektreklam ingendirektmarknadsforing ingenepost "
        "ejreklam ejmarknadsforing ejepost ejutskick nejtackreklam nejtilltillreklam nejtackmarknadsforing "
        "tillatintemassepost tillatinteepost tillatintemassutskick tillatinteepostmeddelanden kontaktforbud forbud "
        "donotbulkemail donotbulkemailname donotemail donotemailname donotsendmm donotsendmarketing donotsendemail "
        "donotallowbulkemail donotallowbulkemails donotallowemail donotallowemails donotsendmarketingmaterials "
        "donotsendmarketingmaterial donotmarket donotmail donotcontact hasoptedoutofemail hasoptedout "
        "emailoptout emailoptedout optoutemail optedoutofemail optedoutofallemail optedout optout optoutflag "
        "hsemailoptout unsubscribed isunsubscribed unsubscribedfromallemail unsubscribedfromallemails "
        "emailunsubscribed globallyunsubscribed marketingoptout marketingoptedout optoutmarketing "
        "optoutofmarketing optedoutofmarketing nomarketing nomarketingemail nomarketingemails nodirectmarketing "
        "noemail noemails nobulkemail nomailing nomailings nonewsletter nonewsletters noadvertising marketingban "
        "marketingprohibition marketingprohibited marketingforbidden marketingblocked directmarketingban "
        "directmarketingprohibition directmarketingprohibited directmarketingforbidden emailprohibited "
        "emailmarketingprohibition prohibition prohibitions prohibited"
    ),
}
"""Headers without accents, spaces and signs; the first one of a row that fits best comes first."""
PROHIBITING: Final = frozenset(HEADERS[Role.PROHIBITED])
PART_OF_AN_ADDRESS_HEADER: Final = ("sahkoposti", "email", "epost", "mejl")
NOT_AN_ADDRESS_HEADER: Final = _words(
    "lupa kielto suostumus tyyppi vahvistettu pvm tila kieli lasku muistutus "
    "tillstand forbud samtycke typ status datum sprak faktura "
    "consent verified date domain invoice billing opt permission donot bulk unsubscribe allow salli tillat"
)
LIKE_A_PERMISSION: Final = _words("lupa luvat suostu samtyck tillstand consent optin permission subscri")
LIKE_A_PROHIBITION: Final = _words(
    "kielto kiello kielle kiella forbud forbjud sparr optout optedout donot unsubscri prohibit forbid"
)
OTHER_THAN_MAIL: Final = _words("puhelin tekstiviesti phone telefon mobile fax faksi sms postal posten telemark")
"""A permission or prohibition of these is none of letters by e-mail."""


class Columns(NamedTuple):
    """The columns of a table: their names, and which one is what (counted from 0)."""

    names: tuple[str, ...]
    roles: Mapping[Role, int]
    header_line: int
    """Line of the header; 0 where there is none."""
    prohibiting: tuple[int, ...] = ()
    """Every column that says who has forbidden marketing: systems have one for each kind of letter, and any counts."""

    @property
    def kept_for(self) -> dict[int, Role]:
        """What each kept column is kept for."""
        named = {index: role for role, index in self.roles.items()}
        return dict.fromkeys(self.prohibiting, Role.PROHIBITED) | named

    @property
    def kept(self) -> list[str]:
        """Names of the columns whose facts are kept."""
        return [self.names[index] for index in sorted(self.kept_for) if index < len(self.names)]

    @property
    def dropped(self) -> list[str]:
        """Names of the columns that are read and not kept."""
        return [name for index, name in enumerate(self.names) if index not in self.kept_for]


def plain(header: str) -> str:
    """Spell a header without case, accents, spaces and signs.

    >>> plain("Sähköposti-osoite (1)")
    'sahkopostiosoite1'
    """
    letters = unicodedata.normalize("NFKD", header.casefold())
    return re.sub(r"[^a-z0-9]", "", letters)


def like_permissions(names: Iterable[str]) -> list[str]:
    """Pick the columns whose name sounds as if they said who may be written to.

    >>> like_permissions(["Nimi", "Markkinointilupa", "E-mail opt-in", "Markkinointikielto", "Puhelinlupa"])
    ['Markkinointilupa', 'E-mail opt-in']
    """
    prohibitions = set(like_prohibitions(names := list(names)))
    return [each for each in names if each not in prohibitions and _sounds_like(LIKE_A_PERMISSION, each)]


def like_prohibitions(names: Iterable[str]) -> list[str]:
    """Pick the columns whose name sounds as if they said who may not be written to.

    >>> like_prohibitions(["Nimi", "Markkinointilupa", "Kiellot 2019", "donotphone"])
    ['Kiellot 2019']
    """
    return [each for each in names if _sounds_like(LIKE_A_PROHIBITION, each)]


def _sounds_like(parts: Sequence[str], name: str) -> bool:
    spelled = plain(name)
    return any(each in spelled for each in parts) and not any(each in spelled for each in OTHER_THAN_MAIL)


def find_columns(
    rows: Sequence[tuple[int, Sequence[str]]], wanted: Mapping[Role, str], *, uses_kind: bool = True
) -> Columns:
    """Find the columns in the first rows (line number and cells) of a table.

    `wanted` names columns by header or by number from 1; an empty name means that no column has that role. Raises
    NotReadable with the columns there are.
    """
    header = _header(rows, wanted)
    if header is None:
        return _without_header(rows, wanted, uses_kind=uses_kind)
    line, cells = header
    found = {role: _by_header(role, cells) for role in Role}
    found |= {role: _by_name(name, cells) if name else None for role, name in wanted.items()}
    roles = {role: index for role, index in found.items() if index is not None}
    return _columns(_names(cells), roles, line, _prohibiting(cells, wanted), uses_kind=uses_kind)


def has_header(rows: Iterable[tuple[int, Sequence[str]]]) -> bool:
    """Tell whether one of the rows is a header that names an address."""
    return any(_by_header(Role.ADDRESS, cells) is not None for _, cells in rows)


def is_address(text: str) -> bool:
    """Tell whether the text is an e-mail address."""
    try:
        normalise(text)
    except NotAnAddress:
        return False
    return True


def _header(
    rows: Sequence[tuple[int, Sequence[str]]], wanted: Mapping[Role, str]
) -> tuple[int, Sequence[str]] | None:  # fmt: skip
    """Find the first row that names an address, or the column that the person has named."""
    asked = plain(wanted.get(Role.ADDRESS, ""))
    for line, cells in rows[:ROWS_ABOVE_A_HEADER]:
        spelled = [plain(each) for each in cells]
        if any("@" in each for each in cells):
            continue
        if (asked and asked in spelled) or _address_header(spelled) is not None:
            return line, cells
    return None


def _by_header(role: Role, cells: Sequence[str]) -> int | None:
    spelled = [plain(each) for each in cells]
    if role is Role.ADDRESS:
        return _address_header(spelled)
    return next((spelled.index(name) for name in HEADERS[role] if name in spelled), None)


def _prohibiting(cells: Sequence[str], wanted: Mapping[Role, str]) -> set[int]:
    """Find every column of prohibitions; none where the person says that the file has none."""
    if wanted.get(Role.PROHIBITED) == "":
        return set()
    return {index for index, cell in enumerate(cells) if plain(cell) in PROHIBITING}


def _address_header(spelled: Sequence[str]) -> int | None:
    """Find the address among headers: a known one, else the only one that speaks of e-mail."""
    known = next((spelled.index(name) for name in HEADERS[Role.ADDRESS] if name in spelled), None)
    if known is not None:
        return known
    similar = [
        index
        for index, name in enumerate(spelled)
        if any(part in name for part in PART_OF_AN_ADDRESS_HEADER)
        and not any(part in name for part in NOT_AN_ADDRESS_HEADER)
        and name not in PROHIBITING
    ]
    return similar[0] if len(similar) == 1 else None


def _by_name(name: str, cells: Sequence[str]) -> int:
    spelled, asked = [plain(each) for each in cells], plain(name)
    if asked in spelled:
        return spelled.index(asked)
    if name.strip().isdigit() and 1 <= int(name) <= len(cells):
        return int(name) - 1
    raise NotReadable(FileFault.NO_SUCH_COLUMN, _names(cells))


def _without_header(
    rows: Sequence[tuple[int, Sequence[str]]], wanted: Mapping[Role, str], *, uses_kind: bool
) -> Columns:  # fmt: skip
    """Take the column that is full of addresses; the person may have named it, and others, by number."""
    width = max((len(cells) for _, cells in rows), default=0)
    numbers = tuple(str(number) for number in range(1, width + 1))
    roles = {role: _by_name(name, numbers) for role, name in wanted.items() if name}
    if Role.ADDRESS not in roles:
        roles[Role.ADDRESS] = _full_of_addresses(rows, width)
    if len(rows) > 1 and "@" not in "".join(rows[0][1]):  # a header that names no address in words known here
        line, cells = rows[0]
        return _columns(_names(cells), roles, line, _prohibiting(cells, wanted), uses_kind=uses_kind)
    return _columns(numbers, roles, 0, set(), uses_kind=uses_kind)


def _full_of_addresses(rows: Sequence[tuple[int, Sequence[str]]], width: int) -> int:
    sample = [cells for _, cells in rows[-SAMPLE:]]
    full = [
        index
        for index in range(width)
        if 2 * sum(len(cells) > index and is_address(cells[index]) for cells in sample) > len(sample)
    ]
    if len(full) == 1:
        return full[0]
    if full and "@" not in "".join(rows[0][1]):  # a header over addresses; elsewhere the first row may be a person's
        raise NotReadable(FileFault.SEVERAL_ADDRESS_COLUMNS, _names(rows[0][1]))
    choices = tuple(str(number) for number in range(1, width + 1))
    raise NotReadable(FileFault.SEVERAL_ADDRESS_COLUMNS if full else FileFault.NO_ADDRESS_COLUMN, choices)


def _columns(
    names: tuple[str, ...], roles: dict[Role, int], line: int, prohibiting: set[int], *, uses_kind: bool
) -> Columns:
    if not uses_kind:
        roles.pop(Role.KIND, None)
    if Role.ADDRESS not in roles:
        raise NotReadable(FileFault.NO_ADDRESS_COLUMN, names)
    told = {index for role, index in roles.items() if role is not Role.PROHIBITED}
    prohibiting = prohibiting.union([roles[Role.PROHIBITED]] if Role.PROHIBITED in roles else ()) - told
    return Columns(names, roles, line, tuple(sorted(prohibiting)))


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    """Give the headers to show and to keep: short, and never with something in them that might be an address."""
    return tuple(_name(cell, number) for number, cell in enumerate(cells[:MOST_NAMES], 1))


def _name(cell: str, number: int) -> str:
    shown = " ".join(cell.split())[:LONGEST_NAME]
    return str(number) if not shown or "@" in shown else shown
