from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from luvalla.ledger.errors import SealBroken
from luvalla.ledger.keys import Keyring
from luvalla.ledger.sealing import Sealer
from luvalla.register.uploads import (
    CHUNK,
    SealedReader,
    SealedWriter,
    begin_upload,
    delete_upload,
    open_upload,
    purge_uploads,
)
from luvalla.rules.retention import UPLOAD

KEYS = Sealer(Keyring.fresh())


def sealed(content: bytes, tmp_path: Path, *, piece: int = 7777) -> Path:
    """Write a sealed file in pieces."""
    place = tmp_path / "x.sealed"
    writer = SealedWriter(place.open("wb"), KEYS)
    for at in range(0, len(content), piece):
        writer.write(content[at : at + piece])
    writer.close()
    return place


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 5 * CHUNK + 17])
def test_what_is_written_is_read_back(length: int, tmp_path: Path) -> None:
    content = os.urandom(length)
    with SealedReader(sealed(content, tmp_path).open("rb"), KEYS) as reader:
        assert io.BufferedReader(reader, CHUNK).read() == content


def test_it_can_be_read_from_anywhere(tmp_path: Path) -> None:
    content = os.urandom(3 * CHUNK + 100)
    with io.BufferedReader(SealedReader(sealed(content, tmp_path).open("rb"), KEYS), CHUNK) as reader:
        for at in (0, CHUNK - 3, 2 * CHUNK, len(content) - 5, 17):
            assert reader.seek(at) == at
            assert reader.read(10) == content[at : at + 10]
        assert reader.seek(0, os.SEEK_END) == len(content)
        assert reader.read() == b""


def test_a_zip_archive_can_be_read_from_it(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"hei" * 100_000)
    with io.BufferedReader(SealedReader(sealed(file.getvalue(), tmp_path).open("rb"), KEYS)) as reader:
        assert zipfile.ZipFile(reader).read("a.txt") == b"hei" * 100_000


def test_nothing_of_it_is_on_the_disk_in_plain_text(tmp_path: Path) -> None:
    place = sealed(b"maija@esimerkki.fi\n" * 10_000, tmp_path)
    assert b"maija" not in place.read_bytes()


@pytest.mark.parametrize("cut", [1, 30, CHUNK, CHUNK + 30, CHUNK + 47])
def test_a_cut_file_is_noticed(cut: int, tmp_path: Path) -> None:
    place = sealed(os.urandom(2 * CHUNK + 17), tmp_path)
    place.write_bytes(place.read_bytes()[:-cut])
    with pytest.raises(SealBroken):
        SealedReader(place.open("rb"), KEYS)


def test_chunks_that_changed_places_are_noticed(tmp_path: Path) -> None:
    place = sealed(os.urandom(3 * CHUNK), tmp_path)
    content, size = place.read_bytes(), CHUNK + 30
    head, first, second, rest = (
        content[:24],
        content[24 : 24 + size],
        content[24 + size : 24 + 2 * size],
        content[24 + 2 * size :],
    )
    place.write_bytes(head + second + first + rest)
    with SealedReader(place.open("rb"), KEYS) as reader, pytest.raises(SealBroken):
        reader.read()


def test_a_chunk_of_another_file_is_noticed(tmp_path: Path) -> None:
    one = sealed(os.urandom(2 * CHUNK), tmp_path).read_bytes()
    place = sealed(os.urandom(2 * CHUNK), tmp_path)
    other, size = place.read_bytes(), CHUNK + 30
    place.write_bytes(other[:24] + one[24 : 24 + size] + other[24 + size :])
    with SealedReader(place.open("rb"), KEYS) as reader, pytest.raises(SealBroken):
        reader.read()


def test_what_is_no_sealed_file_is_said_to_be_none(tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_bytes(b"email\na@esimerkki.fi\n" * 10)
    with pytest.raises(SealBroken):
        SealedReader(place.open("rb"), KEYS)


def test_uploads_lie_in_the_home_folder_for_its_owner_alone() -> None:
    name, writer = begin_upload()
    writer.write(b"email\n")
    writer.close()
    place = Path(settings.LUVALLA_HOME) / "uploads" / name
    assert place.stat().st_mode & 0o777 == 0o600
    with open_upload(name) as file:
        assert file.read() == b"email\n"
    delete_upload(name)
    assert not place.exists()
    delete_upload(name)


@pytest.mark.parametrize("name", ["", "../keys/keyring.json", "x.sealed", "/etc/passwd"])
def test_a_name_that_is_none_of_an_upload_opens_and_deletes_nothing(name: str) -> None:
    with pytest.raises(FileNotFoundError):
        open_upload(name)
    delete_upload(name)
    assert (Path(settings.LUVALLA_HOME) / "keys" / "keyring.json").exists()


def test_uploads_are_purged_after_their_time() -> None:
    name, writer = begin_upload()
    writer.close()
    place = Path(settings.LUVALLA_HOME) / "uploads" / name
    purge_uploads()
    assert place.exists()
    assert purge_uploads(now=place.stat().st_mtime + UPLOAD.total_seconds() + 1) >= 1
    assert not place.exists()
