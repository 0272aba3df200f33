"""Campaigns and single messages leave signed with the organisation's keys, and differ in the holes only."""

from __future__ import annotations

import re
from email import message_from_bytes
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from pytest_django import Settings

from luvalla.ledger.actors import OPERATOR
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.models import Delivery
from luvalla.mailroom.posting import post_one
from luvalla.mailroom.sender import send_campaign
from luvalla.mailroom.signing import key_files
from luvalla.sending.item import Item
from luvalla.sending.testing import Receiver
from tests.mailroom.test_sending import approved
from tests.mailroom.world import World, add_customers
from tests.sending.test_dkim import holds

PRIVATE = {"r2026": rsa.generate_private_key(65537, 2048), "e2026": ed25519.Ed25519PrivateKey.generate()}
HOLES = {"To", "Message-ID", "List-Unsubscribe", "DKIM-Signature"}
SIGNED = re.compile(r"\bh=([^;]*);")


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Lay two keys where the organisation keeps them, and one for a sender that isn't ours."""
    settings.LUVALLA_DKIM = tmp_path
    for selector, private in PRIVATE.items():
        write(tmp_path / f"{selector}._domainkey.esimerkki.fi.pem", private)
    write(tmp_path / "x._domainkey.muu.example.pem", PRIVATE["e2026"])
    return tmp_path


def write(place: Path, private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> None:
    place.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def test_every_letter_of_a_campaign_verifies_and_differs_from_another_in_the_holes_only(
    open_world: World, receiver: Receiver, folder: Path
) -> None:
    add_customers(open_world, ["maija@esimerkki.fi", "matti@example.com"])
    assert send_campaign(approved(open_world).pk, workers=1, actor=OPERATOR).accepted == 2
    keys = [each.read() for each in key_files(folder, "esimerkki.fi")]
    assert [(each.selector, each.algorithm) for each in keys] == [("e2026", "ed25519-sha256"), ("r2026", "rsa-sha256")]
    one, other = (message_from_bytes(each.data) for each in receiver.messages)
    for each in receiver.messages:
        assert holds(each.data, *keys)
    for signature in one.get_all("DKIM-Signature", []):
        found = SIGNED.search(re.sub(r"\s", "", signature))
        assert found is not None
        assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(found[1].split(":"))
    differing = {name for name, value in one.items() if other[name] != value}
    assert differing <= HOLES
    stops = [each["List-Unsubscribe"].split("/s/")[1].split(">")[0] for each in (one, other)]
    bodies = [each.as_bytes().partition(b"\n\n")[2].replace(b"=\n", b"") for each in (one, other)]
    assert len({body.replace(stop.encode(), b"STOP") for body, stop in zip(bodies, stops, strict=True)}) == 1


def test_a_single_message_is_signed_as_well(world: World, receiver: Receiver, folder: Path) -> None:
    raw = (
        b"From: uutiset@esimerkki.fi\r\nTo: maija@example.com\r\nSubject: Vahvista\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\nHei\r\n"
    )
    post_one(Item(0, b"", b"maija@example.com", raw))
    assert holds(receiver.messages[0].data, *(each.read() for each in key_files(folder, "esimerkki.fi")))


def test_a_key_signs_for_its_domain_and_those_below_it(folder: Path) -> None:
    assert [each.selector for each in key_files(folder, "uutiset.esimerkki.fi")] == ["e2026", "r2026"]
    assert key_files(folder, "toinenesimerkki.fi") == []


def test_a_key_that_cannot_be_read_holds_the_letters(open_world: World, receiver: Receiver, folder: Path) -> None:
    (folder / "rikki._domainkey.esimerkki.fi.pem").write_text("-----BEGIN NOTHING-----")
    add_customers(open_world, ["maija@esimerkki.fi"])
    campaign = approved(open_world)
    with pytest.raises(RelayUnusable) as refused:
        send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    assert (refused.value.fault, refused.value.relay) == (
        RelayFault.SIGNING_KEY, "rikki._domainkey.esimerkki.fi.pem",
    )  # fmt: skip
    assert not Delivery.objects.exists()
    assert receiver.messages == []
