"""The certificate that manifests are signed with: the operator's, or a chain that the installation makes for itself.

C2PA 2.1 asks for a leaf with the key usage of signatures and an extended one such as e-mail protection, below a
certificate authority; ES256 is the smallest algorithm that every reader knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from opendance.errors import ConfigurationError

_YEARS = 10
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Credentials:
    """What signs.

    Attributes:
        chain: PEM, the leaf first.
        key: PEM, PKCS #8, not encrypted.
        algorithm: as C2PA names it: `es256`, `es384`, `es512`, `ps256` or `ed25519`.
    """

    chain: str
    key: str
    algorithm: str


def self_made(organisation: str = "Opendance (self-signed)") -> Credentials:
    """A new authority and a leaf below it; the authority's key is thrown away, so that it signs nothing else."""
    now = datetime.now(UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = _name(organisation, "Opendance root")
    authority = (
        _certificate(authority_name, authority_name, authority_key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        _certificate(_name(organisation, "Opendance"), authority_name, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = leaf.public_bytes(pem) + authority.public_bytes(pem)
    return Credentials(chain.decode(), private.decode(), "es256")


def _name(organisation: str, common: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - _DAY,
        not_valid_after=now + _YEARS * 365 * _DAY,
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs, key_cert_sign=not signs, crl_sign=not signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def read_credentials(chain: bytes, key: bytes) -> Credentials:
    """The operator's own.

    Args:
        chain: PEM, the leaf first, then what issued it.
        key: PEM, of the leaf, not encrypted.

    Raises:
        ConfigurationError: what is wrong with them.
    """
    try:
        certificates = x509.load_pem_x509_certificates(chain)
    except ValueError as error:
        raise ConfigurationError(f"c2pa_certificate: it holds no certificates in PEM: {error}") from None
    try:
        private = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"c2pa_key: it holds no private key in PEM without a password: {error}") from None
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    der = serialization.Encoding.DER
    if certificates[0].public_key().public_bytes(der, public) != private.public_key().public_bytes(der, public):
        raise ConfigurationError("c2pa_key: it is not the key of the first certificate in c2pa_certificate")
    if certificates[0].not_valid_after_utc < datetime.now(UTC):
        ended = certificates[0].not_valid_after_utc.date()
        raise ConfigurationError(f"c2pa_certificate: the certificate ended on {ended}")
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Credentials(chain.decode(), pem.decode(), _algorithm(private))


def _algorithm(key: object) -> str:
    match key:
        case ec.EllipticCurvePrivateKey():
            by_size = {256: "es256", 384: "es384", 521: "es512"}
            if key.curve.key_size in by_size:
                return by_size[key.curve.key_size]
        case ed25519.Ed25519PrivateKey():
            return "ed25519"
        case rsa.RSAPrivateKey() if key.key_size >= 2048:
            return "ps256"
        case _:
            pass
    raise ConfigurationError("c2pa_key: C2PA signs with P-256, P-384, P-521, Ed25519 or RSA of 2048 bits and more")
