from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendance.net.addresses import is_public_address, is_public_host

FORBIDDEN = ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4"]  # fmt: skip


@given(st.sampled_from(FORBIDDEN), st.integers(0, 2**32 - 1))
def test_CB_02_no_address_of_a_forbidden_range_is_public_in_any_form(network: str, offset: int) -> None:
    net = ipaddress.IPv4Network(network)
    address = net[offset % net.num_addresses]
    packed = int(address)
    assert not is_public_address(address)
    for form in (
        f"::ffff:{address}",
        f"64:ff9b::{address}",
        f"2002:{packed >> 16:x}:{packed & 0xFFFF:x}::1",
        f"::{address}",
    ):
        assert not is_public_address(ipaddress.ip_address(form)), form


@pytest.mark.parametrize("host", ["example.com", "1.1.1.1", "[2606:4700::1111]", "a.b.c.example."])
def test_public_hosts_are_public(host: str) -> None:
    assert is_public_host(host)


@pytest.mark.parametrize(
    "host", ["", "localhost", "x.local", "router.lan", "fe80::1%eth0", "[fec0::1]", "2001:db8::1", "3fff::1"]
)
def test_other_hosts_are_not(host: str) -> None:
    assert not is_public_host(host)
