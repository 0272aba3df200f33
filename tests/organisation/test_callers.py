"""Where a request comes from: a header of anybody's making counts only from a proxy that is trusted."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from luvalla.config.environment import ConfigurationError, Environment, read_environment
from luvalla.organisation.callers import caller_of, network_of, place_of

PROXIES = "198.51.100.10 2001:db8:77::/64"


def environment(proxies: str) -> Environment:
    return read_environment({"LUVALLA_HOME": "/nonexistent", "LUVALLA_TRUSTED_PROXIES": proxies})


@pytest.fixture(autouse=True)
def proxies(settings: Settings) -> None:
    """Trust one proxy, and a network of them."""
    settings.LUVALLA_TRUSTED_PROXIES = environment(PROXIES).trusted_networks


@pytest.mark.parametrize(
    ("direct", "forwarded", "caller"),
    [
        ("192.0.2.77", "", "192.0.2.77"),
        ("::ffff:192.0.2.9", "", "192.0.2.9"),
        ("192.0.2.77", "203.0.113.9", "192.0.2.77"),  # anybody's header
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),  # a proxy on this machine
        ("127.0.0.1", "198.18.0.1, 203.0.113.9", "203.0.113.9"),  # and what its caller made up
        ("198.51.100.10", "203.0.113.9", "203.0.113.9"),  # a trusted proxy on another machine
        ("198.51.100.10", "198.18.0.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.11", "203.0.113.9", "198.51.100.11"),  # its neighbour isn't trusted
        ("2001:db8:77::5", "203.0.113.9", "203.0.113.9"),
        ("2001:db8:78::5", "203.0.113.9", "2001:db8:78::5"),
        ("127.0.0.1", "198.18.0.1, 203.0.113.9, 198.51.100.10", "203.0.113.9"),  # one proxy behind another
        ("127.0.0.1", "198.18.0.1, 203.0.113.9, 198.51.100.11", "198.51.100.11"),
        ("198.51.100.10", "203.0.113.9, nonsense", "198.51.100.10"),
        ("198.51.100.10", "", "198.51.100.10"),
        ("198.51.100.10", "2001:db8:77::9", "2001:db8:77::9"),  # nobody but proxies: the farthest
        ("", "203.0.113.9", None),
        ("nonsense", "203.0.113.9", None),
    ],
)
def test_the_callers_address_is_a_trusted_proxys_word_and_nobody_elses(
    direct: str, forwarded: str, caller: str | None
) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    found = caller_of(RequestFactory(REMOTE_ADDR=direct).get("/", headers=headers))
    assert (str(found) if found else None) == caller


@pytest.mark.parametrize(
    ("direct", "network", "place"),
    [
        ("192.0.2.77", "192.0.2.0/24", "192.0.2.77/32"),
        ("2001:db8:1:2::9", "2001:db8:1::/48", "2001:db8:1:2::/64"),
        ("127.0.0.1", "", "127.0.0.1/32"),
        ("", "", ""),
    ],
)
def test_networks_and_places_are_cut_alike_for_all_of_one_line(direct: str, network: str, place: str) -> None:
    request = RequestFactory(REMOTE_ADDR=direct).get("/")
    assert (network_of(request), place_of(request)) == (network, place)


def test_proxies_are_named_in_the_environment_or_the_file(tmp_path: Path) -> None:
    assert environment("").trusted_networks == ()
    assert [str(each) for each in environment("192.0.2.1, 192.0.2.16/28").trusted_networks] == [
        "192.0.2.1/32", "192.0.2.16/28",
    ]  # fmt: skip
    (tmp_path / "luvalla.toml").write_text('trusted_proxies = "192.0.2.1"\n')
    assert (
        read_environment({"LUVALLA_HOME": str(tmp_path)}).trusted_networks == environment("192.0.2.1").trusted_networks
    )


@pytest.mark.parametrize("proxies", ["proxy.example", "192.0.2.1/28", "192.0.2.300"])
def test_what_is_no_network_is_told_by_the_settings_name(proxies: str) -> None:
    with pytest.raises(ConfigurationError, match="LUVALLA_TRUSTED_PROXIES should hold"):
        environment(proxies).trusted_networks  # noqa: B018  # a property that raises
