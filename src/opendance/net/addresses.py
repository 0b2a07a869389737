"""Which hosts are public: the one place that judges an address from outside."""

from __future__ import annotations

import ipaddress

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Names that never lead outside, whatever the resolver says (RFC 6761, RFC 6762, RFC 8375, ICANN's .internal).
_PRIVATE_NAMES = ("localhost", "local", "internal", "home.arpa", "localdomain", "lan", "intranet")

# Forms of IPv6 that carry an IPv4 address: what they carry is judged too.
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))

# What Python counts as global, or did in some versions, and is not: Azure's WireServer inside every network of theirs,
# the IETF's protocol assignments (Oracle's metadata is at 192.0.0.192), the old 6to4 relays, addresses for
# documentation (RFC 9637).
_NOT_GLOBAL = (
    ipaddress.IPv4Network("168.63.129.16/32"),
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv4Network("192.88.99.0/24"),
    ipaddress.IPv6Network("3fff::/20"),
)


def is_public_address(address: IPAddress) -> bool:
    """Whether `address` is an ordinary unicast address of the public internet.

    Loopback, private, link-local (with cloud metadata), shared (CGNAT), multicast, reserved and documentation ranges
    are not; IPv6 addresses that carry an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64) are judged by it.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public_address(address.ipv4_mapped)
        if address.sixtofour is not None or address.teredo is not None or any(address in net for net in _NAT64):
            return False
        if int(address) >> 32 == 0:  # ::a.b.c.d, deprecated
            return False
        if address.is_site_local or address.scope_id is not None:
            return False
    if any(address in network for network in _NOT_GLOBAL if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_allowed_address(address: IPAddress, allow: tuple[IPNetwork, ...]) -> bool:
    """Whether `address` is public, or in one of the networks that are allowed all the same."""
    mapped = getattr(address, "ipv4_mapped", None) or address
    return is_public_address(address) or any(mapped in net for net in allow if net.version == mapped.version)


def is_public_host(host: str, allow: tuple[IPNetwork, ...] = ()) -> bool:
    """Whether `host`, as it stands in a URL, may be public: a literal address is judged, a name only by its form.

    Args:
        host: a host name or address as a URL parser gives it (numeric forms of IPv4 already normalised); IPv6 with
            or without brackets.
        allow: networks that are allowed all the same; with any, names are left to what they lead to.
    """
    name = host.strip("[]").rstrip(".").lower()
    try:
        return is_allowed_address(ipaddress.ip_address(name), allow)
    except ValueError:
        if allow:
            return True
    labels = name.split(".")
    if len(labels) == 1:
        return False
    return not any(name == private or name.endswith("." + private) for private in _PRIVATE_NAMES)
