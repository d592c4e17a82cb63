"""Whose address counts."""

import ipaddress

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from web.addresses import Proxies, site


def client(trusted: list[str], peer: str | None, *forwarded: str) -> str:
    headers = [("X-Forwarded-For", line) for line in forwarded]
    request = make_mocked_request("GET", "/", headers=CIMultiDict(headers)).clone(remote=peer or "")
    return str(Proxies(trusted).client(request))


def test_nobody_is_believed_who_is_not_named() -> None:
    assert client([], "9.9.9.9", "1.1.1.1") == "9.9.9.9"
    assert client(["10.0.0.0/8"], "9.9.9.9", "1.1.1.1") == "9.9.9.9"


def test_a_named_proxy_tells_who_came() -> None:
    assert client(["127.0.0.1"], "127.0.0.1", "1.1.1.1") == "1.1.1.1"
    assert client(["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", "1.1.1.1, 10.2.3.4") == "1.1.1.1"
    assert client(["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", "1.1.1.1", "10.2.3.4") == "1.1.1.1"


def test_what_the_client_wrote_in_front_means_nothing() -> None:
    assert client(["127.0.0.1"], "127.0.0.1", "6.6.6.6, 1.1.1.1") == "1.1.1.1"
    assert client(["127.0.0.1"], "127.0.0.1", "127.0.0.1, 1.1.1.1") == "1.1.1.1"


def test_a_chain_of_proxies_alone_ends_at_its_first() -> None:
    assert client(["10.0.0.0/8"], "10.0.0.1", "10.0.0.2") == "10.0.0.2"
    assert client(["10.0.0.0/8"], "10.0.0.1") == "10.0.0.1"


def test_ports_brackets_and_mapped_addresses_are_understood() -> None:
    assert client(["127.0.0.1"], "::ffff:127.0.0.1", "1.1.1.1:4711") == "1.1.1.1"
    assert client(["::1"], "::1", "[2001:db8::1]:4711") == "2001:db8::1"
    assert client(["::1"], "::1", "2001:db8::1") == "2001:db8::1"


@pytest.mark.parametrize("said", ["unknown", "", "1.1.1", "_hidden", "1.1.1.1 , nonsense"])
def test_what_is_no_address_is_nobody(said: str) -> None:
    assert client(["127.0.0.1"], "127.0.0.1", said) == "None"


def test_a_local_socket_has_no_address() -> None:
    assert client(["127.0.0.1"], None) == "None"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_no_header_breaks_it_or_is_taken_for_the_proxy_itself(said: str) -> None:
    assert client(["127.0.0.1"], "127.0.0.1", f"{said}, 1.1.1.1") == "1.1.1.1"
    client(["127.0.0.1"], "127.0.0.1", said)


def test_a_wrong_proxy_in_the_settings_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Proxies(["nonsense"])


def test_a_household_is_one_v4_address_or_one_v6_net() -> None:
    def site_of(text: str) -> str:
        return site(ipaddress.ip_address(text))

    assert site_of("1.1.1.1") != site_of("1.1.1.2")
    assert site_of("2001:db8::1") == site_of("2001:db8::ffff") != site_of("2001:db8:0:1::1")
