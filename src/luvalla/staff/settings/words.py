"""Words for what the settings' values mean."""

from __future__ import annotations

from typing import Final

from django.utils.translation import pgettext_lazy

from luvalla.rules.purposes import LegalBasis

BASES: Final = {
    LegalBasis.CONSENT: pgettext_lazy("legal basis", "Consent"),
    LegalBasis.CONTRACT: pgettext_lazy("legal basis", "Contract"),
    LegalBasis.LEGAL_OBLIGATION: pgettext_lazy("legal basis", "Legal obligation"),
    LegalBasis.LEGITIMATE_INTEREST: pgettext_lazy("legal basis", "Legitimate interest"),
}
