"""The pictures of the demo's letters, drawn here, so that nobody else's rights are in them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from PIL import Image, ImageDraw

Pen: TypeAlias = ImageDraw.ImageDraw
Colour: TypeAlias = tuple[int, int, int]

WIDTH, HEIGHT = 1200, 560
"""Pixels: twice what a letter shows, for fine screens."""
FINE: Final = 2
"""Drawn so many times larger and made smaller again, which smooths the edges."""
NIGHT: Final = ((13, 26, 42), (52, 84, 116))
MORNING: Final = ((120, 178, 220), (238, 232, 210))
SNOW, SHADE, WOOD, DARK, LIGHT = (236, 242, 247), (205, 219, 231), (126, 43, 38), (20, 32, 43), (255, 209, 102)
FLAME, SPRUCE, MEADOW, PANE = (226, 110, 40), (24, 52, 56), (128, 160, 110), (74, 98, 118)
ROOF, PANEL, GLINT, WALL, SUN = (58, 66, 74), (24, 62, 104), (86, 140, 190), (226, 203, 160), (255, 222, 130)


def draw_winter_night(place: Path) -> None:
    """Draw a house in the snow with a candle at its window, and the power line that leads to it."""
    _draw(place, NIGHT, _winter_night)


def draw_solar_roof(place: Path) -> None:
    """Draw a roof with nine solar panels in the morning sun."""
    _draw(place, MORNING, _solar_roof)


def _draw(place: Path, sky: tuple[Colour, Colour], scene: Callable[[Pen], None]) -> None:
    picture = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE))
    pen = ImageDraw.Draw(picture)
    for row in range(HEIGHT * FINE):
        pen.line([(0, row), (WIDTH * FINE, row)], fill=_between(*sky, row / (HEIGHT * FINE)))
    scene(pen)
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(place)


def _winter_night(pen: Pen) -> None:
    chance = random.Random(48)  # noqa: S311  # snow, always the same
    _shape(pen, _hills(400, 26, 900), SHADE)
    for number, left in enumerate((60, 150, 235, 930, 1020, 1110)):
        _spruce(pen, left, 430 + number % 2 * 14, 150 + number * 37 % 60)
    _line_of_poles(pen)
    _house(pen, 520, 440)
    _shape(pen, _hills(452, 14, 500), SNOW)
    for _ in range(260):
        across, down, size = chance.uniform(0, WIDTH), chance.uniform(0, HEIGHT), chance.uniform(1, 3)
        _disc(pen, across, down, size, SNOW)


def _house(pen: Pen, left: float, ground: float) -> None:
    _shape(
        pen, [(left, ground + 30), (left, ground - 110), (left + 220, ground - 110), (left + 220, ground + 30)], WOOD
    )
    _shape(pen, [(left - 26, ground - 104), (left + 110, ground - 200), (left + 246, ground - 104)], SNOW)
    _shape(pen, [(left + 158, ground - 210), (left + 158, ground - 150), (left + 184, ground - 150),
                 (left + 184, ground - 210)], DARK)  # fmt: skip
    _window(pen, left + 34, ground - 78, LIGHT)
    _window(pen, left + 136, ground - 78, DARK)
    _stroke(pen, [(left + 47, ground - 25), (left + 47, ground - 46)], SNOW, 7)
    _disc(pen, left + 47, ground - 54, 6, FLAME)


def _window(pen: Pen, left: float, top: float, colour: Colour) -> None:
    _shape(pen, [(left - 5, top - 5), (left + 57, top - 5), (left + 57, top + 59), (left - 5, top + 59)], SNOW)
    _shape(pen, [(left, top), (left + 52, top), (left + 52, top + 54), (left, top + 54)], colour)
    _stroke(pen, [(left + 26, top), (left + 26, top + 54)], SNOW, 4)


def _spruce(pen: Pen, left: float, ground: float, height: float) -> None:
    for part in range(4):
        top, half = ground - height + part * height * 0.2, 16 + part * 11
        foot = top + height * 0.36
        _shape(pen, [(left, top), (left - half, foot), (left + half, foot)], SPRUCE)
        edge = (left - half * 0.5, top + (foot - top) * 0.5)
        _shape(pen, [(left, top), edge, (left, top + (foot - top) * 0.34)], SNOW)


def _line_of_poles(pen: Pen) -> None:
    tops = [(300, 196), (470, 214), (820, 206), (1240, 176)]
    for across, top in tops[:3]:
        _stroke(pen, [(across, top - 20), (across, 450)], DARK, 9)
        _stroke(pen, [(across - 34, top), (across + 34, top)], DARK, 7)
    for side in (-28, 28):
        for (left, up), (right, down) in zip([(-40, 180), *tops], tops, strict=False):
            _stroke(pen, list(_sagging(left + side, up, right + side, down)), DARK, 3)


def _sagging(left: float, up: float, right: float, down: float) -> Iterator[tuple[float, float]]:
    """Hang a wire between two points."""
    for step in range(25):
        way = step / 24
        yield left + (right - left) * way, up + (down - up) * way + 26 * math.sin(math.pi * way)


def _solar_roof(pen: Pen) -> None:
    _disc(pen, 985, 150, 74, SUN)
    _shape(pen, _hills(430, 22, 800), MEADOW)
    _shape(pen, [(250, 560), (250, 330), (900, 330), (900, 560)], WALL)
    _shape(pen, [(180, 350), (330, 120), (830, 120), (970, 350)], ROOF)
    for row in range(3):
        for column in range(3):
            _panel(pen, row, column)
    for left in (330, 500, 670):
        _shape(pen, [(left, 400), (left + 110, 400), (left + 110, 510), (left, 510)], PANE)
        _stroke(pen, [(left + 55, 400), (left + 55, 510)], SNOW, 6)


def _panel(pen: Pen, row: int, column: int) -> None:
    """Lay a panel on the slope, which is wider at its foot."""
    edges = ((0.04, 0.06), (0.96, 0.06), (0.96, 0.94), (0.04, 0.94))
    corners = [_on_roof(column + across, row + down) for across, down in edges]
    _shape(pen, corners, PANEL)
    for part in (1 / 3, 2 / 3):
        _stroke(pen, [_on_roof(column + part, row + 0.06), _on_roof(column + part, row + 0.94)], GLINT, 2)
        _stroke(pen, [_on_roof(column + 0.04, row + part), _on_roof(column + 0.96, row + part)], GLINT, 2)


def _on_roof(column: float, row: float) -> tuple[float, float]:
    down = 140 + row / 3 * 186
    left = 330 - (down - 120) * 0.652 + 40
    right = 830 + (down - 120) * 0.609 - 40
    return left + (right - left) * column / 3, down


def _hills(height: float, swell: float, length: float) -> list[tuple[float, float]]:
    crest = [(across, height + swell * math.sin(across / length * 2 * math.pi)) for across in range(0, WIDTH + 20, 20)]
    return [(0, HEIGHT), *crest, (WIDTH, HEIGHT)]


def _shape(pen: Pen, corners: list[tuple[float, float]], colour: Colour) -> None:
    pen.polygon([(across * FINE, down * FINE) for across, down in corners], fill=colour)


def _stroke(pen: Pen, points: list[tuple[float, float]], colour: Colour, width: int) -> None:
    pen.line([(across * FINE, down * FINE) for across, down in points], fill=colour, width=width * FINE)


def _disc(pen: Pen, across: float, down: float, radius: float, colour: Colour) -> None:
    box = [(each - radius) * FINE for each in (across, down)] + [(each + radius) * FINE for each in (across, down)]
    pen.ellipse(box, fill=colour)


def _between(first: Colour, last: Colour, way: float) -> Colour:
    red, green, blue = (round(a + (b - a) * way) for a, b in zip(first, last, strict=True))
    return red, green, blue
