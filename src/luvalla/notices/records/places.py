"""Where the supervisory authorities are, in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language

from luvalla.organisation.authorities import Authority, authorities, country_names


def authorities_by_name() -> list[Authority]:
    """Give the authorities in the order of their states' names, as the reader's language has them."""
    language = get_language() or "en"
    return sorted(authorities().values(), key=lambda each: state_of(each, language))


def state_of(each: Authority, language: str) -> str:
    """Name the state of an authority."""
    return country_names().get(each.country, {}).get(language, each.country)


def street_address(each: Authority, language: str) -> str:
    """Write where an authority is, in Swedish for a Swedish reader where it has such an address."""
    in_swedish = language == "sv"
    street = (in_swedish and each.street_sv) or each.street
    city = (in_swedish and each.city_sv) or each.city
    return ", ".join(part for part in (street, f"{each.postcode} {city}".strip()) if part)
