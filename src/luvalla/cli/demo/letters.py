"""The demo's three campaigns, as files that `luvalla campaign create` reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple


class DemoLetter(NamedTuple):
    """A campaign's file with its audience and purpose, and the picture in it by its file's name."""

    audience: str
    purpose: str
    file: str
    picture: str = ""


OUTAGES: Final = DemoLetter(
    "customers",
    "customer_information",
    """\
subject: Talven sähkökatkot ja miten niihin varaudutaan
preheader: Viime talvena katko kesti keskimäärin 48 minuuttia. Näin pärjäät pidempäänkin.
language: fi

![Lumisade yöllä: punaisen mökin ikkunassa palaa kynttilä, ja sähkölinja kulkee mökin ohi.](talviyo.png)

# Talven sähkökatkot ja miten niihin varaudutaan

Märkä lumi taivuttaa puita linjoille, ja tuuli kaataa ne. Viime talvena katko kesti meillä keskimäärin 48 minuuttia.
Useimmiten valot palaavat nopeasti, mutta puoli vuorokautta on hyvä pärjätä omin neuvoin.

## Tee nämä ennen ensimmäistä myrskyä

1. Varaa taskulamppu, vettä ja kuivaa ruokaa.
2. Lataa puhelin ja varavirtalähde.
3. Ota katkokartta talteen puhelimeesi.

[Avaa katkokartta](https://www.esimerkkienergia.example/katkokartta)

## Puu nojaa linjaan?

Älä mene lähelle. Soita, niin tulemme raivaamaan sen.
""",
    "talviyo.png",
)

SOLAR: Final = DemoLetter(
    "customers",
    "direct_marketing",
    """\
subject: Aurinkosähköä omalta katolta: laskuri on auki
preheader: Katso, mitä katto tuottaisi vuodessa.
language: fi

![Omakotitalon katolla on yhdeksän aurinkopaneelia, ja aurinko paistaa.](aurinkokatto.png)

# Aurinkosähköä omalta katolta

Tavallisen omakotitalon katto tuottaa Pohjanmaalla noin **4\u00a0500 kilowattituntia** vuodessa. Laskuri kertoo,
mitä omasi tuottaisi, ja mitä siitä jäisi käteen.

- Avaimet käteen -toimitus kuudessa viikossa
- Ylijäämän ostamme pörssihinnalla
- Takuu 25 vuotta

[Laske oma kattosi](https://www.esimerkkienergia.example/aurinko)
""",
    "aurinkokatto.png",
)

SURVEY: Final = DemoLetter(
    "customers",
    "opinion_research",
    """\
subject: Kysely: miten kaukolämpö toimii kotonasi?
preheader: Viisi kysymystä, kolme minuuttia.
language: fi

# Miten kaukolämpö toimii kotonasi?

Kysymme viittä asiaa: lämpötilaa, laskua, vikoja, palvelua ja sitä, mitä puuttuu. Vastaaminen vie kolme minuuttia, eikä
vastauksia yhdistetä osoitteeseesi.

[Vastaa kyselyyn](https://www.esimerkkienergia.example/kysely)
""",
)

ALL: Final = (OUTAGES, SOLAR, SURVEY)


def write_letter(letter: DemoLetter, folder: Path) -> Path:
    """Write a campaign's file with its picture beside it, and give its place."""
    if letter.picture:
        _painters()[letter.picture](folder / letter.picture)
    file = folder / f"{letter.purpose}.md"
    file.write_text(letter.file, encoding="utf-8")
    return file


def _painters() -> dict[str, Callable[[Path], None]]:
    """Know who draws which picture; drawing takes a library that other commands can do without."""
    from luvalla.cli.demo.pictures import draw_solar_roof, draw_winter_night

    return {"talviyo.png": draw_winter_night, "aurinkokatto.png": draw_solar_roof}
