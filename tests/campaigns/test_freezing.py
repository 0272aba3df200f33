from __future__ import annotations

import json
import re
import shutil
import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luvalla.campaigns import actions
from luvalla.campaigns.errors import CampaignFrozen, LetterUnfit
from luvalla.campaigns.freezing import compiled_letter, preview_of
from luvalla.campaigns.models import Campaign, Letter, Lifecycle
from luvalla.campaigns.queries import archive, archived_letter, letter_of, untold_grounds
from luvalla.campaigns.rendering import mail
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.people.queries import actor_of
from luvalla.register.actions import add_permission
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from luvalla.sending.letter import STOP_MARK, CompiledLetter, Hole
from tests.campaigns.letters import BLOCKS, Read
from tests.campaigns.making import approved, draft, photograph, submitted
from tests.support.needs import missing
from tests.support.world import World

NPM = Path(__file__).resolve().parents[1] / "npm"
STOP_LINK = "http://127.0.0.1:8000/s/"


def message(campaign: Campaign, number: int = 1) -> bytes:
    """Write the message of one recipient."""
    values = {
        Hole.TO: f"maija{number}@example.com".encode(),
        Hole.MESSAGE_ID: f"id{number}".encode(),
        Hole.STOP_TOKEN: f"token{number:043}".encode(),
        Hole.DATE: b"Tue, 24 Nov 2026 10:00:00 +0200",
    }
    return compiled_letter(campaign).fill(values)


def parsed(campaign: Campaign, number: int = 1) -> EmailMessage:
    return message_from_bytes(message(campaign, number), policy=policy.default)


def part(mail_message: EmailMessage, kind: str) -> str:
    body = mail_message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_approval_freezes_bytes_digest_page_and_text(world: World) -> None:
    campaign = approved(world, *BLOCKS)
    letter = letter_of(campaign)
    assert letter is not None
    compiled = CompiledLetter.from_bytes(bytes(letter.compiled))
    assert letter.digest == compiled.digest
    assert compiled.holes == {Hole.TO, Hole.MESSAGE_ID, Hole.STOP_TOKEN, Hole.DATE}
    row = LedgerRow.objects.get(verb="campaigns.approve_campaign")
    assert row.facts == {"digest": letter.digest, "language": "fi"}


def test_later_code_never_changes_a_frozen_letter(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = approved(world, *BLOCKS)
    before = message(campaign)
    shown = preview_of(campaign, "mail").content
    monkeypatch.setattr(mail, "render_to_string", lambda *_: "<mjml><mj-body></mj-body></mjml>")
    world.controller.name = "Aivan Toinen Oy"
    world.controller.save()
    assert message(campaign) == before
    assert preview_of(campaign, "mail").content == shown
    assert "Esimerkki Energia Oy" in preview_of(campaign, "text").content.decode()


def test_a_frozen_letter_is_neither_changed_nor_deleted_by_any_door(world: World) -> None:
    letter = letter_of(approved(world))
    assert letter is not None
    for change in (
        letter.save,
        letter.delete,
        lambda: Letter.objects.update(text=""),
        lambda: Letter.objects.all().delete(),
        lambda: Letter.objects.bulk_update([letter], ["text"]),
    ):
        with pytest.raises(CampaignFrozen):
            change()


def test_the_organisations_faults_are_told_at_approval(world: World) -> None:
    campaign = submitted(world)
    world.controller.sender_name = "Esimerkki\nBcc: x@example.com"
    world.controller.save()
    with pytest.raises(LetterUnfit, match="The sender"):
        actions.approve_campaign(campaign=campaign, by=world.approver, actor=actor_of(world.approver))
    assert Lifecycle.objects.get(pk=campaign.pk).state == "submitted"
    assert letter_of(campaign) is None


def test_pythons_parser_finds_what_was_written(world: World) -> None:
    campaign = approved(world, *BLOCKS)
    read = parsed(campaign)
    assert read["Subject"] == "Talven sähkökatkot"
    assert read["From"] == "Esimerkki Energia <uutiskirje@esimerkkienergia.example>"
    assert read["Reply-To"] == "asiakaspalvelu@esimerkkienergia.example"
    assert read["Content-Language"] == "fi"
    assert not read.defects
    letter = letter_of(campaign)
    assert letter is not None
    own, everybodys = part(read, "plain"), letter.text
    anybodys = own.replace(f"{STOP_LINK}token{1:043}", "http://127.0.0.1:8000/fi/lopeta/")
    assert anybodys.splitlines() == everybodys.splitlines()
    assert "Märkä lumi" in Read(part(read, "html")).words


def test_both_one_click_headers_are_intact(world: World) -> None:
    read = parsed(approved(world, *BLOCKS))
    token = f"token{1:043}"
    assert read["List-Unsubscribe"] == (f"<{STOP_LINK}{token}>, <mailto:stop+{token}@esimerkkienergia.example>")
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["List-Id"] == "Asiakkaat <customers.esimerkkienergia.example>"


@pytest.mark.needs_node
def test_an_npm_parser_finds_the_one_click_headers_intact(world: World, tmp_path: Path) -> None:
    if not (NPM / "node_modules" / "postal-mime").is_dir():
        missing("postal-mime is not installed: npm ci --prefix tests/npm")
    place = tmp_path / "letter.eml"
    place.write_bytes(message(approved(world, *BLOCKS)))
    program = [shutil.which("node") or "node", str(NPM / "read.mjs"), str(place)]
    ran = subprocess.run(program, capture_output=True, check=True, text=True)
    read = json.loads(ran.stdout)
    token = f"token{1:043}"
    assert (
        read["headers"]["list-unsubscribe"] == f"<{STOP_LINK}{token}>, <mailto:stop+{token}@esimerkkienergia.example>"
    )
    assert read["headers"]["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert read["subject"] == "Talven sähkökatkot"
    assert read["from"] == {"name": "Esimerkki Energia", "address": "uutiskirje@esimerkkienergia.example"}
    assert "Märkä lumi taivuttaa puita" in read["text"]
    assert "Märkä lumi" in Read(read["html"]).words


def test_two_recipients_messages_differ_in_nothing_but_the_holes(world: World) -> None:
    campaign = approved(world, *BLOCKS)
    one, two = message(campaign, 1), message(campaign, 2)
    for hole in (b"maija%d@example.com", b"id%d@", b"token" + b"0" * 42 + b"%d"):
        assert one.count(hole % 1)
        one = one.replace(hole % 1, b"-")
        two = two.replace(hole % 2, b"-")
    assert one.replace(b"\r\n", b"").replace(b"=", b"") == two.replace(b"\r\n", b"").replace(b"=", b"")


def test_the_sent_html_has_no_address_of_a_recipients_own_but_the_stop_link(world: World) -> None:
    campaign = approved(world, *BLOCKS)
    one, two = (Read(part(parsed(campaign, number), "html")) for number in (1, 2))
    different = [(a, b) for a, b in zip(one.attributes, two.attributes, strict=True) if a != b]
    assert [(tag, name) for (tag, name, _), _ in different] == [("a", "href")]
    assert different[0][0][2] == f"{STOP_LINK}token{1:043}"
    assert one.words == two.words


def test_pictures_are_on_our_site_the_same_for_everybody_and_no_pixels(world: World) -> None:
    picture = actions.add_picture(content=photograph((1300, 700)), title="Talo", by=world.author, actor=SYSTEM)
    shown = {"picture": {"image": picture.pk, "alt_text": "Punainen talo", "decorative": False}, "width": "wide"}
    campaign = approved(world, ("picture", {**shown, "link": ""}), *BLOCKS)
    read = Read(part(parsed(campaign), "html"))
    (source,) = read.values("img", "src")
    assert source.startswith("http://127.0.0.1:8000/media/images/")
    assert read.values("img", "alt") == ["Punainen talo"]
    assert (read.values("img", "width"), read.values("img", "height")) == (["600"], ["323"])
    assert "[Kuva: Punainen talo]" in part(parsed(campaign), "plain")
    letter = letter_of(campaign)
    assert letter is not None
    assert source in Read(letter.web_html).values("img", "src")
    html = part(parsed(campaign), "html")
    remote = {
        unescape(each)
        for each in re.findall(r'(?:src|background|poster)="([^"]*)"|url\(([^)]*)\)', html)
        for each in each
        if each
    }
    assert remote == {source}


def test_one_picture_may_have_other_words_in_another_place(world: World) -> None:
    picture = actions.add_picture(content=photograph(), title="Talo", by=world.author, actor=SYSTEM)
    blocks = [
        (
            "picture",
            {"picture": {"image": picture.pk, "alt_text": words, "decorative": False}, "width": "wide", "link": ""},
        )
        for words in ("Talo kesällä", "Talo talvella")
    ]
    campaign = approved(world, *blocks, ("text", "<p>Hei</p>"))
    assert Read(part(parsed(campaign), "html")).values("img", "alt") == ["Talo kesällä", "Talo talvella"]


def test_the_archives_page_has_no_hole_and_no_link_of_anybodys_own(world: World) -> None:
    letter = letter_of(approved(world, *BLOCKS))
    assert letter is not None
    read = Read(letter.web_html)
    assert STOP_MARK not in letter.web_html + letter.text
    assert "/s/" not in letter.web_html + letter.text
    assert not {"script", "iframe", "link", "form"} & {tag for tag, _ in read.elements}
    assert not [name for _, name, _ in read.attributes if name == "style" or name.startswith("on")]
    assert read.values("html", "lang") == ["fi"]


def test_only_what_has_left_is_in_the_archive(world: World) -> None:
    campaign = approved(world)
    assert archived_letter(str(campaign.ref), "fi") is None
    actions.begin_sending(campaign=campaign, actor=SYSTEM)
    assert archived_letter(str(campaign.ref), "fi") == letter_of(campaign)
    assert archived_letter(str(campaign.ref), "sv") is None
    actions.cancel_campaign(campaign=campaign, actor=SYSTEM)
    assert list(archive()) == [letter_of(campaign)]


subjects = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=150)


# Forms and letter files let no NUL through.
words_of_forms = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=subjects, words=words_of_forms)
def test_any_subject_and_words_come_back_from_the_mail(world: World, subject: str, words: str) -> None:
    campaign = draft(world, ("heading", {"words": words, "level": "1"}), subject=subject)
    read = parsed(campaign)
    assert " ".join(str(read["Subject"]).split()) == " ".join(subject.split())
    assert set(read.keys()) == {
        "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe",
        "List-Unsubscribe-Post", "Precedence", "X-Auto-Response-Suppress", "Content-Language", "MIME-Version",
        "Content-Type",
    }  # fmt: skip


def test_the_footer_names_what_the_audience_has_and_a_change_is_noticed(world: World) -> None:
    campaign = approved(world)
    letter = letter_of(campaign)
    assert letter is not None
    assert letter.grounds == {"kinds": [], "sources": ["Asiakastietojärjestelmä"]}
    assert not untold_grounds(letter)
    add_permission(
        address=normalise("asiakas@esimerkki.fi"),
        kind=PermissionKind.CUSTOMER,
        source=world.crm,
        audience=world.customers,
        actor=SYSTEM,
    )
    assert not untold_grounds(letter)
    told = letter_of(approved(world))
    assert told is not None
    assert told.grounds["kinds"] == ["customer"]
    add_permission(
        address=normalise("tilaaja@esimerkki.fi"),
        kind=PermissionKind.CONSENT,
        source=world.sign_up,
        audience=world.customers,
        purposes=["direct_marketing"],
        proof={"wording": "Kyllä", "language": "fi", "notice_version": 1},
        actor=SYSTEM,
    )
    assert untold_grounds(told)
