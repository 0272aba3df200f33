"""From an adopted notice to a first configuration: the document that `luvalla init` reads, as TOML with its doubts.

What the notice says is taken over; what it doesn't say and the document needs is assumed and marked so. Decisions that
only a person can take, such as a balancing test or an account, are left to be written.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from luvalla.notices.adoption.adopting import Adopted
from luvalla.notices.adoption.finding import Found
from luvalla.notices.adoption.placing import Placed

ASSUMED: Final = "# ASSUMED: not in the notice; check it"
EVIDENCE: Final = "# ASSUMED: the notice tells the source, not what proves a permission from it"
TERMS: Final = "# which of the points (a) to (h) of GDPR 28(3) the contract has, as their letters"
TO_WRITE: Final = "TO BE WRITTEN"
DOMAIN: Final = "example.org"


def controller_of(adopted: Adopted) -> tuple[dict[str, str], tuple[str, ...]]:
    """Give the controller's details, and the names of those that the notice doesn't say."""
    found = adopted.found
    mailbox = found.email or found.officer_email
    domain = (mailbox.rpartition("@")[2] or DOMAIN).lower()
    said = {
        "name": found.name,
        "business_id": found.business_id,
        "street": found.street,
        "postcode": found.postcode.replace(" ", ""),
        "city": found.city,
        "email": found.email,
        "phone": found.phone,
        "website": _address(found.website),
        "dpo_email": found.officer_email,
    }
    assumed = {
        "email": mailbox or f"info@{domain}",
        "website": f"https://www.{domain}",
        "base_url": f"https://uutiskirje.{domain}" if adopted.language == "fi" else f"https://news.{domain}",
        "mail_domain": domain,
        "sender_name": found.name,
        "sender_address": f"newsletter@{domain}",
        "dpo_email": found.officer_email or mailbox or f"info@{domain}",
        "default_language": adopted.language,
    }
    details = {name: value or assumed.get(name, "") for name, value in said.items()}
    details |= {name: value for name, value in assumed.items() if name not in said}
    doubtful = tuple(name for name in details if not said.get(name) and name != "default_language")
    return {name: value or ("" if name == "phone" else TO_WRITE) for name, value in details.items()}, doubtful


def as_toml(adopted: Adopted) -> str:
    """Write the document. `luvalla init` takes it once the marked values are right."""
    return "\n".join(_lines(adopted)) + "\n"


@cache
def _examples() -> dict[str, dict[str, dict[str, Any]]]:
    place = resources.files("luvalla.notices") / "data" / "adoption" / "configuration.toml"
    return tomllib.loads(place.read_text(encoding="utf-8"))


def _lines(adopted: Adopted) -> Iterator[str]:
    yield "# A first configuration, made from an existing privacy notice. Go through it, then: ./luvalla init THIS.toml"
    yield f"# Lines marked {ASSUMED.removeprefix('# ').partition(':')[0]} were not in the notice."
    yield from _controller(adopted)
    yield from _purposes(adopted.found)
    yield from _audiences_and_sources(adopted)
    yield from _processors(adopted.found)
    yield from _accounts()
    yield from _earlier(adopted)


def _controller(adopted: Adopted) -> Iterator[str]:
    details, doubtful = controller_of(adopted)
    yield from ("", "[controller]")
    if adopted.found.business_id and not adopted.found.business_id_is_right:
        yield "# The check digit of the business id is wrong in the notice."
    for name, value in details.items():
        if value:
            yield f"{_pair(name, value)}{f'  {ASSUMED}' if name in doubtful else ''}"


def _purposes(found: Found) -> Iterator[str]:
    basis = "consent" if found.is_consent else "legitimate_interest"
    yield from ("", "# The closed list of purposes. What isn't here can't be sent.")
    for key in found.purposes or ("customer_information",):
        yield from ("", "[[purpose]]", _pair("key", key), _pair("basis", basis))
        yield from _pairs(_examples()["purpose"][key])
        if basis == "legitimate_interest":
            yield from _balancing_test(found)


def _balancing_test(found: Found) -> Iterator[str]:
    yield from (
        "",
        "# Sending stays closed until a person has weighed the interest (GDPR 6(1)(f)) and written it here:",
    )
    interest = found.interest or TO_WRITE
    pairs = {"interest": interest, "necessity": TO_WRITE, "balance": TO_WRITE, "confirmed_by": TO_WRITE}
    yield from ("# [purpose.balancing_test]", *(f"# {_pair(name, value)}" for name, value in pairs.items()))
    yield from ("# approved_on = 2026-01-01", "# expires_on = 2027-12-31")


def _audiences_and_sources(adopted: Adopted) -> Iterator[str]:
    found = adopted.found
    sources = found.sources or ("crm",)
    examples = _examples()
    needed = {examples["source"][key]["default_audience"] for key in sources}
    for key, each in examples["audience"].items():
        if key in needed or key in found.audiences:
            yield from ("", "[[audience]]", _pair("key", key), _pair("language", adopted.language), *_pairs(each))
    for key in sources:
        yield from ("", "[[source]]", _pair("key", key), *_pairs(examples["source"][key]))
        yield f"{_pair('evidence', found.source or TO_WRITE)}  {EVIDENCE}"


def _processors(found: Found) -> Iterator[str]:
    yield from ("", "# Processors need a contract (GDPR 28): take the comment away from those that have one.")
    for name in found.companies or (TO_WRITE,):
        pairs = {"name": name, "role": TO_WRITE, "country": "FI", "contract_reference": TO_WRITE}
        yield from ("# [[processor]]", *(f"# {_pair(key, value)}" for key, value in pairs.items()))
        yield from ("# contract_from = 2026-01-01", f'# terms = ""  {TERMS}')


def _accounts() -> Iterator[str]:
    yield from ("", "# People with accounts; an account opens with a signed undertaking of secrecy.")
    pairs = {"username": TO_WRITE, "full_name": TO_WRITE, "email": TO_WRITE}
    yield from ("# [[account]]", *(f"# {_pair(name, value)}" for name, value in pairs.items()))
    yield '# roles = ["register_owner"]'


def _earlier(adopted: Adopted) -> Iterator[str]:
    """Keep the notice's own words with the claims that stand for them; they go into the organisation's data."""
    yield from ("", "# The earlier notice in its own words, kept beside the new one with the reason for each change.")
    kept = earlier_notice_of(adopted)
    sentences = kept.pop("sentence")
    yield from ("", "[earlier_notice]", *_pairs(kept))
    for each in sentences:
        yield from ("", "[[earlier_notice.sentence]]", *_pairs(each))


def earlier_notice_of(adopted: Adopted) -> dict[str, Any]:
    """Give the notice's own words as notices.actions.keep_earlier_notice takes them."""
    return {
        "language": adopted.language,
        "dated": adopted.found.dated,
        "digest": adopted.digest,
        "sentence": [sentence_of(each) for each in adopted.sentences],
    }


def sentence_of(placed: Placed) -> dict[str, Any]:
    """Give a sentence as the organisation's data keeps it."""
    return {
        "heading": placed.sentence.heading,
        "text": placed.sentence.text,
        "claims": list(placed.claims),
        "weak_points": list(placed.weak),
    }


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    return (_pair(name, value) for name, value in values.items())


def _pair(name: str, value: Any) -> str:
    """Write a pair of TOML; JSON's strings, lists and truth values are TOML's too."""
    return f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")


def _address(website: str) -> str:
    return website if not website or website.startswith("http") else f"https://{website}"
