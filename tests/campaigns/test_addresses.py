from __future__ import annotations

import uuid
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from luvalla.campaigns.addresses import addresses_of


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize(
    ("name", "token", "view"),
    [
        ("front", "", "public:front"),
        ("stop", "token", "public:stop"),
        ("stop", "", "public:ask_stop"),
        ("notice", "", "public:notice"),
        ("web", "", "public:letter"),
    ],
)
def test_what_a_letter_names_is_on_the_public_site(language: str, name: str, token: str, view: str) -> None:
    addresses = addresses_of(site="https://a.fi/", language=language, ref=uuid.uuid4(), stop_token=token)
    address = getattr(addresses, name)
    assert address.startswith("https://a.fi/")
    assert resolve(urlsplit(address).path).view_name == view
