from __future__ import annotations

import pytest

from luvalla.register.importing.columns import Role, like_permissions, like_prohibitions, plain
from luvalla.register.importing.errors import NotReadable
from luvalla.register.importing.faults import FileFault
from tests.register.importing.files import addresses_of, export_of


@pytest.mark.parametrize(
    "header",
    [
        "sähköposti", "Sähköpostiosoite", "SÄHKÖPOSTI", "s-posti", "E-mail", "email", "Email Address", "e-post",
        "E-postadress", "Mejl", "mail", "EMailAddress1", "Asiakkaan sähköpostiosoite 1",
    ],
)  # fmt: skip
def test_the_address_is_found_by_its_header(header: str) -> None:
    assert export_of(f"nimi;{header}\nA;a@esimerkki.fi\n").form.columns.roles == {Role.ADDRESS: 1}


@pytest.mark.parametrize(
    ("since", "kind"),
    [
        ("sopimus alkoi", "asiakaslaji"),
        ("Sopimuksen alkupvm", "Asiakastyyppi"),
        ("avtal från", "kundtyp"),
        ("contract since", "Customer type"),
    ],
)
def test_the_facts_of_the_permission_are_found_in_three_languages(since: str, kind: str) -> None:
    columns = export_of(f"email;{since};{kind};x\na@esimerkki.fi;2019;y;z\n").form.columns
    assert columns.roles == {Role.ADDRESS: 0, Role.SINCE: 1, Role.KIND: 2}
    assert columns.kept == ["email", since, kind]
    assert columns.dropped == ["x"]


def test_the_kind_of_customer_is_dropped_where_it_makes_no_difference() -> None:
    columns = export_of("email;asiakaslaji\na@esimerkki.fi;y\n", uses_kind=False).form.columns
    assert columns.dropped == ["asiakaslaji"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = "\n".join(delimiter.join(cells) for cells in [("nimi", "email", "kunta"), ("A", "a@esimerkki.fi", "Ii")])
    form = export_of(text).form
    assert form.delimiter == delimiter
    assert form.columns.dropped == ["nimi", "kunta"]


def test_the_line_that_names_the_delimiter_is_no_header() -> None:
    assert addresses_of("sep=,\nnimi,email\nA,a@esimerkki.fi\n") == ["a@esimerkki.fi"]


def test_commas_inside_quotes_do_not_hide_the_semicolons() -> None:
    text = 'nimi;email;osoite\n"A, B, C";a@esimerkki.fi;"x, y, z"\n"A, B, C";b@esimerkki.fi;"x, y, z"\n'
    assert export_of(text).form.delimiter == ";"


def test_lines_above_the_header_are_passed_over() -> None:
    above = "Asiakasraportti;;\nTulostettu 24.11.2026, raportti@esimerkki.fi;;\n\n"
    text = above + "nimi;sähköposti;kunta\nA;a@esimerkki.fi;Ii\n"
    export = export_of(text)
    assert export.form.columns.header_line == 4
    assert addresses_of(text) == ["a@esimerkki.fi"]


def test_a_file_without_a_header_is_read_where_one_column_is_full_of_addresses() -> None:
    export = export_of("1;a@esimerkki.fi;email\n2;b@esimerkki.fi;puhelin\n")
    assert export.form.columns.roles == {Role.ADDRESS: 1}
    assert export.form.columns.header_line == 0
    assert export.form.columns.dropped == ["1", "3"]
    assert len(list(export.rows())) == 2


def test_a_file_of_nothing_but_addresses_is_read() -> None:
    assert addresses_of("a@esimerkki.fi\nb@esimerkki.fi\n") == ["a@esimerkki.fi", "b@esimerkki.fi"]


def test_a_header_in_unknown_words_is_a_header() -> None:
    export = export_of("osoite;nimi\na@esimerkki.fi;A\nb@esimerkki.fi;B\n")
    assert export.form.columns.names == ("osoite", "nimi")
    assert len(list(export.rows())) == 2


def test_two_columns_full_of_addresses_are_not_guessed_between() -> None:
    with pytest.raises(NotReadable) as caught:
        export_of("a@esimerkki.fi;b@esimerkki.fi\nc@esimerkki.fi;d@esimerkki.fi\n")
    assert caught.value.fault is FileFault.SEVERAL_ADDRESS_COLUMNS
    assert caught.value.choices == ("1", "2")


def test_columns_can_be_named_by_header_or_number() -> None:
    text = "Laskutusosoite;Toinen;Alku\na@esimerkki.fi;b@esimerkki.fi;2019-01-01\n"
    by_name = export_of(text, columns={Role.ADDRESS: "toinen", Role.SINCE: "Alku"}).form.columns
    assert by_name.roles == {Role.ADDRESS: 1, Role.SINCE: 2}
    headless = export_of("a@esimerkki.fi;b@esimerkki.fi\n", columns={Role.ADDRESS: "2"}).form.columns
    assert headless.roles == {Role.ADDRESS: 1}


def test_a_column_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(NotReadable) as caught:
        export_of("nimi;email\nA;a@esimerkki.fi\n", columns={Role.ADDRESS: "Posti"})
    assert caught.value.fault is FileFault.NO_SUCH_COLUMN
    assert caught.value.choices == ("nimi", "email")


def test_a_file_without_addresses_is_said_to_have_none() -> None:
    with pytest.raises(NotReadable) as caught:
        export_of("nimi;kunta\nA;Ii\nB;Oulu\n")
    assert caught.value.fault is FileFault.NO_ADDRESS_COLUMN


def test_permission_to_mail_is_not_taken_for_the_address() -> None:
    columns = export_of("sähköpostilupa;sähköpostiosoite 1\nkyllä;a@esimerkki.fi\n").form.columns
    assert columns.roles == {Role.ADDRESS: 1}


def test_a_header_that_might_be_an_address_is_not_kept() -> None:
    export = export_of("x;a@esimerkki.fi\ny;b@esimerkki.fi\n")
    assert "@" not in "".join(export.form.columns.names)


def test_headers_are_compared_without_accents_and_signs() -> None:
    assert plain(" Sähkö-Posti. ") == "sahkoposti"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", FileFault.EMPTY),
        (b"\n\n \r\n", FileFault.EMPTY),
        (b"%PDF-1.7 ...", FileFault.NOT_A_TABLE),
        (b"<html><body><table><tr><td>a@esimerkki.fi", FileFault.WEB_PAGE),
        (b"\x1f\x8b\x08\x00", FileFault.NOT_A_TABLE),
    ],
)
def test_what_is_no_table_is_said_to_be_none(content: bytes, fault: FileFault) -> None:
    with pytest.raises(NotReadable) as caught:
        export_of(content)
    assert caught.value.fault is fault


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_two_headers_that_speak_of_addresses_are_named_for_choosing(delimiter: str) -> None:
    text = "nimi;sähköposti 1;sähköposti 2\nA;a@esimerkki.fi;b@esimerkki.fi\nC;c@esimerkki.fi;d@esimerkki.fi\n"
    with pytest.raises(NotReadable) as caught:
        export_of(text.replace(";", delimiter))
    assert caught.value.fault is FileFault.SEVERAL_ADDRESS_COLUMNS
    assert caught.value.choices == ("nimi", "sähköposti 1", "sähköposti 2")


@pytest.mark.parametrize(
    "header",
    [
        "Suoramarkkinointikielto", "Markkinointikielto", "Sähköinen suoramarkkinointikielto", "Kielto",
        "Ei markkinointia", "Reklamförbud", "Direktmarknadsföringsförbud", "Reklamspärr", "Ej reklam",
        "HasOptedOutOfEmail", "Email Opt Out", "donotbulkemail", "donotemail", "Do not allow Bulk Emails",
        "Unsubscribed from all email", "hs_email_optout",
    ],
)  # fmt: skip
def test_a_prohibition_of_marketing_is_found_by_its_header(header: str) -> None:
    columns = export_of(f"{header};email\nx;a@esimerkki.fi\n").form.columns
    assert columns.roles == {Role.ADDRESS: 1, Role.PROHIBITED: 0}
    assert columns.prohibiting == (0,)
    assert columns.dropped == []


def test_every_column_of_prohibitions_is_read_beside_the_one_that_is_named() -> None:
    text = "email;donotbulkemail;oma sarake;donotemail\na@esimerkki.fi;;x;\n"
    assert export_of(text).form.columns.prohibiting == (1, 3)
    assert export_of(text, columns={Role.PROHIBITED: "oma sarake"}).form.columns.prohibiting == (1, 2, 3)
    none = export_of(text, columns={Role.PROHIBITED: ""}).form.columns
    assert (none.prohibiting, none.dropped) == ((), ["donotbulkemail", "oma sarake", "donotemail"])


def test_a_prohibition_is_found_where_the_address_has_a_header_nobody_knows() -> None:
    text = "yhteys;markkinointikielto\n" + "a@esimerkki.fi;x\n" * 3
    assert export_of(text).form.columns.roles == {Role.ADDRESS: 0}
    assert export_of(text).form.columns.prohibiting == (1,)


@pytest.mark.parametrize("header", ["donotbulkemail", "donotemail", "Do not allow Emails", "ei sähköpostia"])
def test_a_column_of_prohibitions_is_never_taken_for_the_address(header: str) -> None:
    columns = export_of(f"{header};yhteys\n;a@esimerkki.fi\nx;b@esimerkki.fi\n").form.columns
    assert columns.roles[Role.ADDRESS] == 1


def test_columns_that_sound_like_a_permission_or_a_prohibition_are_told_apart() -> None:
    names = ["Nimi", "Markkinointilupa", "Suostumus", "Samtycke", "Email consent", "Opt-in", "Kiellot 2019", "Alue",
             "Tila", "Puhelinkielto", "donotphone", "Kaupunki", "Email opt-out status"]  # fmt: skip
    assert like_permissions(names) == ["Markkinointilupa", "Suostumus", "Samtycke", "Email consent", "Opt-in"]
    assert like_prohibitions(names) == ["Kiellot 2019", "Email opt-out status"]
