"""The states where personal data flows freely: the European Economic Area (GDPR and EEA agreement, annex XI)."""

from __future__ import annotations

from typing import Final

EU: Final = frozenset(
    (
        *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
        *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
    )
)
EEA: Final = EU | {"IS", "LI", "NO"}
