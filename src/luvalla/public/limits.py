"""What one network can ask for of the public pages, without keeping its address. A stop is never limited."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from luvalla.organisation.attempts import Limit

ASKING: Final = Limit("asking", 30, within=timedelta(hours=1))
"""Sign-ups, requests and questions for stop links of one network in an hour."""
