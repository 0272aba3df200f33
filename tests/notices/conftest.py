"""What tests of promises stand on: the other rooms' worlds."""

from __future__ import annotations

from tests.mailroom.conftest import world
from tests.people.conftest import controller, make_person
from tests.staff.conftest import browse

__all__ = ["browse", "controller", "make_person", "world"]
