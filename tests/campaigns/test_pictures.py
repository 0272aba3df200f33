from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo
from wagtail.images.forms import get_image_form

from luvalla.campaigns.actions import add_picture, submit_campaign
from luvalla.campaigns.errors import BadPicture, Lack, LetterIncomplete, PictureFault, PictureInUse
from luvalla.campaigns.models import Picture
from luvalla.campaigns.pictures import LONGEST_SIDE, MOST_BYTES, prepare_picture
from luvalla.people.queries import actor_of
from tests.campaigns.making import draft, photograph
from tests.support.world import World


def bomb(side: int) -> bytes:
    """Make the head of a PNG that claims to be a square of so many pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + body + b"\x00\x00\x00\x00IEND\xaeB`\x82"


def stored(picture: Picture) -> bytes:
    with picture.file.open("rb") as file:
        return bytes(file.read())


def refusal(content: bytes) -> PictureFault:
    with pytest.raises(BadPicture) as caught:
        prepare_picture(BytesIO(content))
    return caught.value.fault


def test_a_photograph_loses_what_the_camera_wrote_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Artist] = "Matti"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (60.0, 10.0, 0.0)
    content, ending = prepare_picture(BytesIO(photograph((120, 60), exif=exif)))
    image = Image.open(BytesIO(content))
    assert ending == "jpg"
    assert image.size == (60, 120)
    assert not image.getexif()
    assert b"Matti" not in content
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def test_a_transparent_drawing_stays_transparent() -> None:
    target = BytesIO()
    Image.new("RGBA", (50, 20), (255, 0, 0, 0)).save(target, "PNG")
    content, ending = prepare_picture(BytesIO(target.getvalue()))
    image = Image.open(BytesIO(content))
    assert (ending, image.mode) == ("png", "RGBA")
    assert image.getpixel((1, 1)) == (255, 0, 0, 0)


def test_words_beside_a_drawing_are_dropped() -> None:
    notes = PngInfo()
    notes.add_text("Author", "Matti")
    target = BytesIO()
    Image.new("P", (10, 10)).save(target, "PNG", pnginfo=notes)
    content, _ = prepare_picture(BytesIO(target.getvalue()))
    assert b"Matti" not in content


def test_a_phones_photograph_with_further_pictures_behind_it_is_taken() -> None:
    target, one = BytesIO(), Image.effect_noise((60, 40), 60).convert("RGB")
    one.save(target, "MPO", save_all=True, append_images=[one])
    content, ending = prepare_picture(BytesIO(target.getvalue()))
    assert ending in {"jpg", "png"}
    assert Image.open(BytesIO(content)).size == (60, 40)
    assert b"MPF" not in content


def test_deep_greyscale_keeps_its_shades() -> None:
    deep = Image.new("I;16", (2, 1))
    deep.putpixel((0, 0), 0x4000)
    deep.putpixel((1, 0), 0xFFFF)
    target = BytesIO()
    deep.save(target, "PNG")
    content, _ = prepare_picture(BytesIO(target.getvalue()))
    shown = Image.open(BytesIO(content)).convert("L")
    assert [shown.getpixel((x, 0)) for x in range(2)] == [0x40, 0xFF]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", PictureFault.NOT_A_PICTURE),
        (b"GIF89a/*" + bytes(10) + b"*/=1;alert(1)", PictureFault.NOT_A_PICTURE),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", PictureFault.FORMAT),
    ],
    ids=["svg", "gif that is a script", "postscript"],
)
def test_what_could_act_is_no_picture(content: bytes, fault: PictureFault) -> None:
    assert refusal(content) is fault


def test_nothing_but_the_pixels_of_a_polyglot_is_left() -> None:
    target = BytesIO()
    Image.new("RGB", (4, 4)).save(target, "PNG")
    content, _ = prepare_picture(BytesIO(target.getvalue() + b"<script>alert(1)</script>PK\x03\x04"))
    assert b"script" not in content
    assert b"PK" not in content


def test_a_huge_picture_is_made_smaller() -> None:
    content, _ = prepare_picture(BytesIO(photograph((4000, 1000))))
    assert max(Image.open(BytesIO(content)).size) == LONGEST_SIDE


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", PictureFault.NOT_A_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", PictureFault.NOT_A_PICTURE),
        (b"%PDF-1.7", PictureFault.NOT_A_PICTURE),
        (b"x" * (MOST_BYTES + 1), PictureFault.TOO_MANY_BYTES),
        (bomb(10_000), PictureFault.TOO_MANY_PIXELS),
        (bomb(60_000), PictureFault.TOO_MANY_PIXELS),
        (photograph((200, 200))[:900], PictureFault.BROKEN),
    ],
)
def test_what_cannot_be_a_picture_is_refused(content: bytes, fault: PictureFault) -> None:
    assert refusal(content) is fault


def test_another_format_is_refused() -> None:
    target = BytesIO()
    Image.new("RGB", (10, 10)).save(target, "BMP")
    assert refusal(target.getvalue()) is PictureFault.FORMAT


def test_no_door_of_the_model_keeps_a_file_as_it_came(world: World) -> None:
    exif = Image.Exif()
    exif[Base.Artist] = "Matti"
    picture = Picture.objects.create(title="Talo", file=ContentFile(photograph(exif=exif), name="talo.jpg"))
    assert b"Matti" not in stored(picture)
    assert "talo" not in picture.file.name
    assert (picture.width, picture.height, picture.file_size) == (120, 60, len(stored(picture)))


def uploading(content: bytes, name: str, world: World) -> Any:
    form_class = get_image_form(Picture)
    return form_class({"title": "Talo"}, {"file": SimpleUploadedFile(name, content)}, user=world.author)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bomb(9000), "more than 40 million pixels"),
        (bomb(60_000), "more than 40 million pixels"),
        (b"not a picture", "not a picture"),
        (photograph((200, 200))[:900], "broken"),
    ],
)
def test_the_editors_form_says_what_is_wrong_with_a_file(content: bytes, sentence: str, world: World) -> None:
    form = uploading(content, "talo.png", world)
    with override("en"):
        assert not form.is_valid()
        assert sentence in str(form.errors["file"])


def test_the_editors_form_keeps_a_re_encoded_picture(world: World) -> None:
    exif = Image.Exif()
    exif[Base.Artist] = "Matti"
    form = uploading(photograph(exif=exif), "Matin talo.jpg", world)
    form.is_valid()
    assert not form.errors.get("file")
    picture = form.save()
    assert b"Matti" not in stored(picture)
    assert "talo" not in picture.file.name.lower()


def test_a_file_is_never_replaced(world: World) -> None:
    picture = Picture.objects.create(title="Talo", file=ContentFile(photograph(), name="talo.jpg"))
    picture.file = ContentFile(photograph(), name="toinen.jpg")
    with pytest.raises(BadPicture):
        picture.save()


def test_a_picture_that_a_submitted_letter_shows_stays(world: World) -> None:
    actor = actor_of(world.author)
    picture = add_picture(content=photograph(), title="Talo", by=world.author, actor=actor)
    shown = {"picture": {"image": picture.pk, "alt_text": "Talo", "decorative": False}, "width": "wide", "link": ""}
    campaign = draft(world, ("picture", shown), ("text", "<p>Hei</p>"))
    submit_campaign(campaign=campaign, by=world.author, actor=actor)
    with pytest.raises(PictureInUse):
        picture.delete()
    unused = add_picture(content=photograph(), title="Toinen", by=world.author, actor=actor)
    unused.delete()
    assert list(Picture.objects.all()) == [picture]


def test_a_letter_whose_picture_was_deleted_is_not_submitted(world: World) -> None:
    actor = actor_of(world.author)
    picture = add_picture(content=photograph(), title="Talo", by=world.author, actor=actor)
    shown = {"picture": {"image": picture.pk, "alt_text": "Talo", "decorative": False}, "width": "wide", "link": ""}
    campaign = draft(world, ("picture", shown), ("text", "<p>Hei</p>"))
    picture.delete()
    with pytest.raises(LetterIncomplete) as caught:
        submit_campaign(campaign=campaign, by=world.author, actor=actor)
    assert caught.value.lacks == (Lack.PICTURE,)


def test_a_picture_without_words_is_not_submitted_unless_it_is_an_ornament(world: World) -> None:
    actor = actor_of(world.author)
    picture = add_picture(content=photograph(), title="Talo", by=world.author, actor=actor)
    shown = {"picture": {"image": picture.pk, "alt_text": "", "decorative": False}, "width": "wide", "link": ""}
    campaign = draft(world, ("picture", shown), ("text", "<p>Hei</p>"))
    with pytest.raises(LetterIncomplete) as caught:
        submit_campaign(campaign=campaign, by=world.author, actor=actor)
    assert caught.value.lacks == (Lack.ALTERNATIVE_TEXT,)
    ornament = {**shown, "picture": {"image": picture.pk, "alt_text": "", "decorative": True}}
    ready = draft(world, ("picture", ornament), ("text", "<p>Hei</p>"))
    submit_campaign(campaign=ready, by=world.author, actor=actor)
