"""Invented notices of invented organisations, each built in its own way."""

from __future__ import annotations

from io import BytesIO

from docx import Document

from luvalla.documents.pdf import make_pdf

WATER = """TIETOSUOJAILMOITUS – VESIUUTISET
Päivitetty 15.3.2023

1. Rekisterinpitäjä
Kuviteltu Vesihuolto Oy, Y-tunnus 2345678-3
Lähdetie 14 B, 99999 Kuvitelma
Puhelin 010 123 4567, vesi@kuviteltuvesi.example

2. Tietosuojavastaavan yhteystiedot
Tietosuojavastaavamme tavoittaa osoitteesta tsv@kuviteltuvesi.example.

3. Miksi käsittelemme tietoja?
Lähetämme liittyjille tiedotteita huuhteluista ja vesikatkoista. Käsittely perustuu sopimukseen.
Kutsumme kiinnostuneet myös jätevedenpuhdistamon avoimien ovien tapahtumiin, jos he ovat antaneet suostumuksen.

4. Mitä tietoja keräämme?
• nimi
• sähköpostiosoite
• kiinteistön osoite

5. Tietojen lähteet
Tiedot saadaan asiakasrekisteristä ja verkkosivujen lomakkeella.

6. Kuinka kauan tietoja säilytetään?
Säilytämme tietoja 24 kuukautta liittymissopimuksen päättymisestä.

7. Kenelle tietoja luovutetaan?
Emme luovuta tietoja muille. Uutiskirjeen lähettää puolestamme Kirjepalvelu Kuvitelma Oy.

8. Siirrot EU:n ulkopuolelle
Tietoja ei siirretä EU:n tai ETA:n ulkopuolelle.

9. Rekisteröidyn oikeudet
Sinulla on oikeus saada pääsy tietoihisi, oikaista ne ja pyytää niiden poistamista. Pyyntö on tehtävä kirjallisesti ja
allekirjoitettuna, ja mukaan on liitettävä kopio henkilökortista. Voit peruuttaa suostumuksesi milloin tahansa.
Voit vastustaa suoramarkkinointia milloin tahansa.

10. Valitusoikeus
Voit tehdä valituksen tietosuojavaltuutetulle, jos katsot että tietojesi käsittelyssä on rikottu lakia.
"""

SWEDISH_SECTIONS = (
    ("Integritetspolicy för medlemsbrevet", "Senast uppdaterad 31.2.2024"),
    ("Vem ansvarar för uppgifterna?",
     "Personuppgiftsansvarig är Påhittade Orienterare rf (1234567-1), Stigvägen 3, 66666 Påhittby.",
     "Skriv till kansli@pahittade.example."),
    ("Dataskyddsombud", "Föreningens dataskyddsombud nås på ombud@pahittade.example."),
    ("Ändamål och rättslig grund", "Vi skickar medlemsbrev och inbjudningar till evenemang.",
     "Den rättsliga grunden är vårt berättigade intresse att hålla kontakt med medlemmarna."),
    ("Vilka uppgifter vi har", "Vi behandlar namn och e-postadress.", "Bilagor i meddelanden du skickar sparas också."),
    ("Varifrån uppgifterna kommer", "Uppgifterna hämtas ur medlemsregistret."),
    ("Hur länge vi sparar", "Uppgifterna sparas så länge det behövs."),
    ("Mottagare", "Uppgifterna lämnas ut till samarbetspartner i tillämpliga delar."),
    ("Överföring", "Uppgifter överförs inte utanför EU om det inte är tekniskt nödvändigt."),
    ("Kakor", "Webbplatsen använder kakor. Du kan blockera kakor i webbläsarens inställningar.",
     "Vi använder Google Analytics för besöksstatistik och för att rikta marknadsföring."),
    ("Profilering", "Profilering används inte."),
    ("Dina rättigheter", "Du har rätt att få tillgång till dina uppgifter. Begäran ska vara egenhändigt undertecknad.",
     "Du har rätt till rättelse av felaktiga uppgifter och till begränsning av behandlingen.",
     "Du har rätt att överföra dina uppgifter till ett annat system.",
     "Du har rätt att bli bortglömd.", "Dataskyddsombudet avgör begäran."),
    ("Klagomål", "Du kan lämna klagomål till tillsynsmyndigheten i den medlemsstat där du är bosatt.",
     "Dataombudsmannens byrå, Bangårdsvägen 9, 00521 Helsingfors."),
)  # fmt: skip

LIBRARY = """
<!DOCTYPE html><html lang="en"><head><title>x</title><style>p{color:red}</style></head><body>
<nav>Home Loans Events</nav>
<h1>Privacy notice of the library newsletter</h1><p>Version of 3 May 2025</p>
<h2>Who we are</h2>
<p>The controller is the Public Library of Invented Town, Reading Street 8, 00999 Invented.
<br>Call 09 555 0199 or write to
library@invented.example.</p>
<p>Our data protection officer can be reached at dpo@invented.example.</p>
<h2>Why we use your data</h2>
<p>We send a newsletter about events and courses in order to inform borrowers. The legal basis is your consent.</p>
<h2>What data we collect</h2><ul><li>e-mail address</li><li>language</li></ul>
<p>Giving your address is voluntary.</p>
<h2>Sources</h2><p>You give the address yourself on the sign-up form.</p>
<h2>Retention</h2><p>We keep the address until you withdraw your consent, and evidence of it for 3 years.</p>
<h2>Recipients</h2><p>Our service provider Mailhouse Invented Ltd sends the letters. We never sell data.</p>
<h2>Transfers</h2><p>Data is not transferred outside the EU or the EEA.</p>
<h2>Security</h2><p>Only authorised staff have access, each with a personal user account and password.</p>
<h2>Automated decisions</h2><p>We do not use profiling.</p>
<h2>Your rights</h2>
<p>You have the right to access your data and to have it corrected, erased or restricted.
You may object to direct marketing at any time.
You may ask us to move your data to another controller where we process it on the basis of your consent.</p>
<h2>Complaints</h2>
<p>You may complain to the authority of the member state where you live, work or where the infringement took place.</p>
<h2>Opening hours</h2><p>We are open on Mondays.</p>
<script>alert(1)</script></body></html>
"""

TEMPLATE = """#import "house.typ": *
#let data = json("data.json")
#show: house.with(title: data.title, language: data.language)
#for each in data.lines [#par(each)]
"""


def as_docx() -> bytes:
    """Give the Swedish notice as a document with headings."""
    document = Document()
    for heading, *texts in SWEDISH_SECTIONS:
        document.add_heading(heading, level=1)
        for text in texts:
            document.add_paragraph(text)
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def as_pdf(language: str, lines: list[str]) -> bytes:
    """Give lines as a PDF, wrapped where the page ends."""
    return make_pdf(TEMPLATE, {"title": "Ilmoitus", "language": language, "lines": lines})
