"""The demo's letters are files as anybody would write them, with pictures of their own."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from luvalla.campaigns.letterfile import read_letter_file
from luvalla.campaigns.markdown import blocks_of_markdown
from luvalla.campaigns.pictures import prepare_picture
from luvalla.cli.demo.letters import ALL, DemoLetter, write_letter
from luvalla.cli.demo.pictures import HEIGHT, WIDTH

LARGEST = 200_000
"""Bytes of a picture that a telephone loads without a wait."""


@pytest.mark.parametrize("letter", ALL, ids=lambda each: each.purpose)
def test_a_demo_letter_can_be_read_with_its_picture_beside_it(letter: DemoLetter, tmp_path: Path) -> None:
    file = write_letter(letter, tmp_path)
    read = read_letter_file(file.read_bytes(), language="fi")
    taken: list[str] = []

    def take(name: str, line: int) -> int:
        taken.append(name)
        return line

    blocks = blocks_of_markdown(read.markdown, take_picture=take)
    assert taken == ([letter.picture] if letter.picture else [])
    alts = [each["value"]["picture"]["alt_text"] for each in blocks if each["type"] == "picture"]
    assert all(len(each) > 20 for each in alts)
    for name in taken:
        prepared, _ = prepare_picture(BytesIO((tmp_path / name).read_bytes()))
        assert Image.open(BytesIO(prepared)).size == (WIDTH, HEIGHT)
        assert len(prepared) < LARGEST
    assert len(taken) == len(alts)


def test_most_demo_letters_show_a_picture() -> None:
    assert sum(bool(each.picture) for each in ALL) == 2
