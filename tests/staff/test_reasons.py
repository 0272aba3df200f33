"""A typed reason names nobody, however the name or address is written."""

from __future__ import annotations

import pytest
from django import forms

from luvalla.staff.reasons import ReasonField, speaks_of_somebody


class Form(forms.Form):
    """A form that asks for a reason."""

    reason = ReasonField(min_length=10, rows=3)


@pytest.mark.parametrize(
    "smuggled",
    [
        "maija.meikalainen@esimerkki.fi", "maija (at) esimerkki.fi", "maija[at]esimerkki[dot]fi",
        "maija @ esimerkki.fi", "maija\uff20esimerkki.fi", "maija\u200b@esimerkki\u200b.fi", "maija@\nesimerkki.fi",
        "{ät} maija {ät} esimerkki {piste} fi", "010190-123A", "010190-123a", "+358 40 123 4567", "040 123 4567",
        "0401234567", "040-1234567", "(040) 123 4567", "0046 70 123 45 67", "Maija Meikäläinen", "MAIJA MEIKÄLÄINEN",
        "Meikäläinen, Maija", "Meikäläinen Maija", "maija meikäläinen", "Maijan Meikäläisen", "Maija\nMeikäläinen",
        "Ma\u200bija Meikäläinen", "lars eriksson",
    ],
)  # fmt: skip
def test_nobody_is_smuggled_into_a_reason(smuggled: str) -> None:
    assert speaks_of_somebody(f"Tarvitaan tätä varten: {smuggled}")
    assert not Form({"reason": f"Tarvitaan tätä varten: {smuggled}"}).is_valid()


@pytest.mark.parametrize(
    "reason",
    [
        "Postitus painotalon kautta, sopimus DPA-2026-0015, 30.11.2026 mennessä",
        "Anna tiedot tilintarkastajalle kuukausittainen raportti varten",
        "ASIAKASTIETOJEN SIIRTO UUTEEN JÄRJESTELMÄÄN 2026-12-01",
        "Utskick till 1 200 kunder enligt avtal 4711-22, kvartal 4",
        "Yearly audit; case 2026-0042, room 1004, 10.30 o'clock",
    ],
)
def test_an_honest_reason_is_taken(reason: str) -> None:
    form = Form({"reason": reason})
    assert form.is_valid(), form.errors
