from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.cli.document import faults_of_document
from luvalla.cli.main import main

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "organisation.toml"
CONTROLLER = '[controller]\nname = "Esimerkki Energia Oy"\n'


def faults(text: str) -> list[str]:
    return list(faults_of_document(tomllib.loads(text)))


def test_the_example_has_no_fault() -> None:
    assert faults(EXAMPLE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "the table [controller] is missing; there is no table x"),
        (CONTROLLER + "[[acount]]", "there is no table acount; known are controller"),
        (CONTROLLER + '[account]\nusername = "aino"', "account stands in double brackets: [[account]]"),
        ("account = [1]\n" + CONTROLLER, "[[account]] number 1 is no table"),
        ("controller = 1", "[controller] is no table"),
        ("[controller]", "[controller] lacks name"),
        (CONTROLLER + '[[source]]\nkey = "crm"', "[[source]] number 1 lacks name_fi, name_sv, name_en, evidence"),
        (
            EXAMPLE.read_text(encoding="utf-8").replace("expires_on = 2028-05-31", "", 1),
            "[[purpose]] number 1, balancing_test lacks expires_on",
        ),
    ],
    ids=["nothing", "spelled", "single", "number", "no table", "empty", "half", "test"],
)
def test_a_document_says_what_it_lacks_and_where(text: str, said: str) -> None:
    assert said in "; ".join(faults(text))


@given(
    st.dictionaries(
        st.sampled_from(["controller", "purpose", "account", "x"]),
        st.recursive(
            st.integers() | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["name", "key", "balancing_test"]), inner, max_size=3)
            ),
            max_leaves=6,
        ),
    )
)
def test_no_document_is_too_odd_to_be_judged(document: dict[str, object]) -> None:
    assert all(isinstance(each, str) for each in faults_of_document(document))


@pytest.mark.parametrize("content", [b"x = 1", b"[controller", b"\xff\xfe["], ids=["empty", "cut", "not text"])
def test_a_document_that_cannot_be_used_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    made: list[str] = []
    monkeypatch.setattr("luvalla.cli.installation.make_home", lambda home: made.append(str(home)))
    monkeypatch.setattr("luvalla.cli.installation.make_database", lambda: made.append("database"))
    place = tmp_path / "organisaatio.toml"
    place.write_bytes(content)
    assert main(["init", str(place)]) == 2
    assert "The document can't be used" in capsys.readouterr().err
    assert made == []
